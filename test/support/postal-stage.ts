import { randomUUID } from 'node:crypto';
import type { Caller } from '../../src/access/caller.js';
import { DeliveryEngine } from '../../src/deliveries/delivery-engine.js';
import { createLogger } from '../../src/observability/logger.js';
import type { CollectionPort, OnStanding } from '../../src/postal/collection-port.js';
import { createPostalPlaces } from '../../src/postal/place-module.js';
import { createPostalModule } from '../../src/postal/postal-module.js';
import type { PostalModule } from '../../src/postal/postal-module.js';
import { createPostalOffices } from '../../src/postal/postal-office-module.js';
import { FieldCipher } from '../../src/store/field-cipher.js';
import type { FieldKey } from '../../src/store/field-cipher.js';
import type { Database } from '../../src/store/database.js';
import { DOSSIER_TABLES, DossierGateway, OPERATOR, PORTAL } from './dossier-gateway.js';
import type { Answer } from './dossier-gateway.js';
import { dossierInput } from './dossier-inputs.js';
import { createTestEngine } from './engine.js';
import type { ScriptedCarrier } from './scripted-carrier.js';

/** Result data of any shape: tests look into it by path. */
export type Found = Record<string, unknown> & { readonly __typename?: string };

export const WARD: Caller = { client: 'ward', role: 'agency', agencyScope: 'H42.12.34' };
export const OTHER_WARD: Caller = { client: 'commune', role: 'agency', agencyScope: '000.12.35.H42' };
export const CITIZEN = { name: 'Nguyễn Thị Canary', phone: '0987654321', email: 'canary@example.vn', address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', commune: 'Phường Hoa Lư', street: 'Số 9 ngõ Canary' } };
const OFFICE = { name: 'Bộ phận Một cửa phường Hoa Lư', phone: '02293871234', email: null, address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', district: null, commune: 'Phường Hoa Lư', street: 'Số 1 Trần Hưng Đạo' } };

const SHEET = `code,other_codes,name_vi,kind,level,parent_code,active_from,active_until
000.00.00.H42,H42,Tỉnh,PROVINCE,PROVINCE,,,
000.12.34.H42,H42.12.34,Phường Hoa Lư,WARD,COMMUNE,H42,,
000.12.35.H42,H42.12.35,Xã khác,COMMUNE,COMMUNE,H42,,`;
const SECRETS = { fingerprintKey: Buffer.alloc(32, 3), keepHours: 24 };

export const SHIPMENT = `number carrier carrierNumber choice dossierCode direction previous state stateLabel { vi } failure person { code } quotedVnd feeVnd collectVnd collection masked contents
  sender { name phone email address { province commune street } } recipient { name phone address { street } } orderedAt collectedAt endedAt cancelAskedAt
  events { source code text place means failure moved }`;
const ANSWER = `__typename ... on ShipmentSaved { shipment { ${SHIPMENT} } } ... on ShipmentActionRefused { code problems { field code allowed } } ... on IdempotencyConflict { key }`;
const ORDER_ANSWER = `${ANSWER} ... on ShipmentUnderWay { numbers message { vi } } ... on ShipmentAddressUnknown { field carrier level suggestions message { vi en } }`;
const PICKUP = `mutation ($key: IdempotencyKey!, $order: PickupInput!) { orderPickup(idempotencyKey: $key, order: $order) { ${ORDER_ANSWER} } }`;
const RETURN = `mutation ($key: IdempotencyKey!, $order: ReturnInput!) { orderReturn(idempotencyKey: $key, order: $order) { ${ORDER_ANSWER} } }`;
const CANCEL = `mutation ($key: IdempotencyKey!, $number: ID!, $reason: String) { cancelShipment(idempotencyKey: $key, number: $number, reason: $reason) { ${ANSWER} } }`;
const CLOSE = `mutation ($key: IdempotencyKey!, $number: ID!) { closeShipmentCase(idempotencyKey: $key, number: $number, reason: "đã hỏi bưu cục") { ${ANSWER} } }`;
const CORRECT = `mutation ($key: IdempotencyKey!, $number: ID!, $state: CorrectedShipmentState!, $failure: ShipmentFailure) {
  correctShipment(idempotencyKey: $key, number: $number, state: $state, failure: $failure, reason: "gọi bưu cục Hoa Lư") { ${ANSWER} } }`;

const POSTAL_TABLES = 'shipments, postal_choices, shipment_events, postal_feeds, postal_places, postal_place_lists, postal_offices, operator_actions, access_attempts, legal_holds, dossier_erasures';

export interface StageOptions {
  readonly keys?: readonly FieldKey[];
  readonly collection?: CollectionPort | null;
  readonly onStanding?: readonly OnStanding[];
  readonly settings?: Partial<Parameters<typeof createPostalModule>[0]['settings']>;
}

/** The post behind its real schema, on a test database, with scripted carriers. */
export class PostalStage {
  readonly gateway: DossierGateway;
  readonly post: PostalModule;
  readonly database: Database;
  readonly carriers: readonly ScriptedCarrier[];

  constructor(database: Database, carriers: readonly ScriptedCarrier[], options: StageOptions = {}) {
    const { keys = [{ id: 'k1', key: Buffer.alloc(32, 1) }], collection = null, onStanding = [], settings = {} } = options;
    this.database = database;
    this.carriers = carriers;
    const ports = carriers.map(({ port }) => port);
    const logger = createLogger('silent');
    const modules: { post?: PostalModule } = {};
    this.gateway = new DossierGateway(database, {
      keys,
      also: {
        sdl: ['postal-place.graphql', 'postal.graphql'],
        resolvers: ({ agencies }) => {
          const places = createPostalPlaces({ database, carriers: ports, logger, settings: { ...SECRETS, everyMs: null, maxLostShare: 1 } });
          const { offices, resolvers } = createPostalOffices({ database, agencies, settings: SECRETS });
          modules.post = createPostalModule({
            database, cipher: new FieldCipher(keys), agencies, carriers: ports, places: places.lookup, offices, collection, onStanding, bell: { ring: () => undefined }, logger,
            settings: { ...SECRETS, carriers: [], suffix: '-{n}', maxAgeMs: 3_600_000, pollEveryMs: 3_600_000, askEveryMs: 3_600_000, silentMs: 5 * 86_400_000, ...settings },
          });
          return [places.resolvers, resolvers, ...modules.post.resolvers];
        },
      },
    });
    if (modules.post === undefined) throw new Error('the post was not composed');
    this.post = modules.post;
  }

  /** An empty post: two agencies, of which one has a postal office, and one dossier. Gives its code. */
  async reset(): Promise<string> {
    const { database, gateway, carriers } = this;
    await database.query(`TRUNCATE ${DOSSIER_TABLES}, dossier_persons, agencies, agency_codes, agency_successions`);
    for (const table of ['shipment_events']) await database.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await database.query(`TRUNCATE ${POSTAL_TABLES} CASCADE`);
    for (const table of ['shipment_events']) await database.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    await gateway.agencies.service.importFile({ caller: OPERATOR, idempotencyKey: 'seed', reason: 'test' }, Buffer.from(SHEET), { dryRun: false });
    await database.query('INSERT INTO postal_offices (agency_code, contact, actor, role, reason) VALUES ($1, $2, $3, $3, $3)', ['000.12.34.H42', JSON.stringify(OFFICE), 'test']);
    for (const { port } of carriers) {
      await database.query('INSERT INTO postal_place_lists (carrier) VALUES ($1)', [port.party]);
      await database.query(`INSERT INTO postal_places (carrier, epoch, level, path, name, code, source) VALUES ($1, 'TWO_LEVEL', 'PROVINCE', 'ninh binh', 'Ninh Bình', '43', 'FILE')`, [port.party]);
    }
    return this.dossier();
  }

  /** The agency has no postal office any more. */
  async closeOffice(): Promise<void> {
    await this.database.query('INSERT INTO postal_offices (agency_code, contact, actor, role, reason) VALUES ($1, NULL, $2, $2, $2)', ['000.12.34.H42', 'test']);
  }

  /** A dossier of the portal; gives its code. */
  async dossier(over: { readonly code?: string; readonly agencyCode?: string } = {}): Promise<string> {
    const dossier = dossierInput(over);
    const answer = await this.gateway.upsert(randomUUID(), [dossier]);
    if (!JSON.stringify(answer).includes('DossierAccepted')) throw new Error(JSON.stringify(answer));
    return dossier.code;
  }

  async as(caller: Caller, document: string, variables: object = {}): Promise<Found> {
    const answer: Answer = await this.gateway.call(caller, document, variables);
    return answer.errors.length > 0 ? { errors: answer.errors.map(({ message }) => message) } : Object.values(answer.data)[0] as Found;
  }

  pickup(order: object, { caller = PORTAL, key = randomUUID() } = {}): Promise<Found> {
    return this.as(caller, PICKUP, { key, order: { sender: CITIZEN, ...order } });
  }

  bringBack(order: object, { caller = PORTAL, key = randomUUID() } = {}): Promise<Found> {
    return this.as(caller, RETURN, { key, order });
  }

  cancel(number: string, { caller = PORTAL, reason = null as string | null } = {}): Promise<Found> {
    return this.as(caller, CANCEL, { key: randomUUID(), number, reason });
  }

  close(number: string, caller: Caller = OPERATOR): Promise<Found> {
    return this.as(caller, CLOSE, { key: randomUUID(), number });
  }

  correct(number: string, state: string, { caller = OPERATOR, key = `correct-${randomUUID()}`, failure = null as string | null }: { caller?: Caller; key?: string; failure?: string | null } = {}): Promise<Found> {
    return this.as(caller, CORRECT, { key, number, state, failure });
  }

  read(number: string, caller: Caller = OPERATOR): Promise<Found> {
    return this.as(caller, `query ($number: ID!) { shipment(number: $number) { ${SHIPMENT} } }`, { number });
  }

  async list(filter: object, caller: Caller = OPERATOR): Promise<readonly string[]> {
    const page = await this.as(caller, 'query ($filter: ShipmentFilter) { shipments(filter: $filter) { nodes { number } pageInfo { hasNextPage endCursor } } }', { filter });
    return (page['nodes'] as readonly { number: string }[]).map(({ number }) => number);
  }

  /** Types of the feed's events about parcels, with their reasons. */
  async events(number: string): Promise<readonly string[]> {
    const { rows } = await this.database.query<{ told: string }>(`SELECT concat_ws(' ', type, reason) AS told FROM events WHERE shipment_number = $1 ORDER BY id`, [number]);
    return rows.map(({ told }) => told);
  }

  /** A worker that sends what is owed to the carriers. */
  async engine(): Promise<DeliveryEngine> {
    const engine = createTestEngine(this.database, { operations: this.post.operations, parties: this.carriers.map(({ port }) => ({ party: port.party, concurrency: 4, ratePerSecond: null })) });
    await engine.start();
    return engine;
  }
}

export const shipmentOf = (answer: Found): Found => {
  if (answer.__typename !== 'ShipmentSaved') throw new Error(JSON.stringify(answer));
  return answer['shipment'] as Found;
};
