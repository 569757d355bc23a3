import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { controlOf } from '../../contract/sandbox-control.js';
import type { SandboxControl } from '../../contract/sandbox-control.js';
import { bearer, startComposedGateway } from '../../support/composed-gateway.js';
import type { ComposedGateway } from '../../support/composed-gateway.js';
import { eventually } from '../../support/eventually.js';
import { PortalClient, dossierInput } from '../../support/portal-client.js';
import { CITIZEN } from '../../support/postal-stage.js';
import type { Found } from '../../support/postal-stage.js';

/** A carrier whose webhooks nobody vouches for: where its sandbox is, and its own words. */
interface Pusher {
  readonly party: string;
  readonly url: string;
  /** Of its control call `move`. */
  readonly orderField: string;
  readonly collected: number;
  readonly failed: number;
  /** What a good webhook stands at, and one without its secret. */
  readonly paths: { readonly good: string; readonly bad: string };
}

const PUSHERS: readonly Pusher[] = [
  { party: 'my-vnpost', url: 'MY_VNPOST_URL', orderField: 'orderCode', collected: 70, failed: 91, paths: { good: 'webhook/demo-secret-of-the-path-1', bad: 'webhook/another-secret-of-the-path' } },
  { party: 'viettel-post', url: 'VIETTEL_POST_URL', orderField: 'reference', collected: 105, failed: 506, paths: { good: 'webhook', bad: 'webhook' } },
];
const PLACES = 'carrier,levels,province,province_code,district_code,commune,commune_code\nmy-vnpost,2,Tỉnh Ninh Bình,43,4310,Phường Hoa Lư,43101';
const ORDER = 'mutation ($key: IdempotencyKey!, $order: PickupInput!) { orderPickup(idempotencyKey: $key, order: $order) { __typename ... on ShipmentSaved { shipment { number carrier } } ... on ShipmentAddressUnknown { level suggestions } } }';
const READ = 'query ($number: ID!) { shipment(number: $number) { state carrierNumber person { code } events { source code means moved } } }';

let gateway: ComposedGateway;
let next = 800;

const ask = async (document: string, variables: object, key = gateway.keys.portal): Promise<Found> => {
  const { data, codes } = await gateway.query(bearer(key), document, variables);
  return Object.values(data ?? {})[0] ?? { codes };
};
const rows = async <Row>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> => (await gateway.test.database.query(sql, [...values])).rows as Row[];
const read = (number: string): Promise<Found> => ask(READ, { number });
const reached = (number: string, state: string): Promise<Found> => eventually(`${number} to be ${state}`, async () => {
  const found = await read(number);
  return found['state'] === state ? found : null;
}, { timeoutMs: 45_000 });

beforeAll(async () => {
  // Nothing is asked for by the clock here: what is answered was asked because of a claim.
  gateway = await startComposedGateway({ POSTAL_CARRIERS: 'my-vnpost,viettel-post', POSTAL_ASK_HOURS: '240', MY_VNPOST_IN_FLIGHT_MS: '1000', VIETTEL_POST_IN_FLIGHT_MS: '1000' }, { worker: true });
  await gateway.test.database.query('INSERT INTO postal_offices (agency_code, contact, actor, role, reason) VALUES ($1, $2, $3, $3, $3)',
    ['000.12.34.H42', JSON.stringify({ ...CITIZEN, name: 'Bộ phận Một cửa', phone: '02293871234', address: { ...CITIZEN.address, district: null } }), 'test']);
  const imported = await ask('mutation ($file: String!) { importPostalPlaces(idempotencyKey: "places", contentBase64: $file, reason: "nhập") { ... on PlacesImported { created refused } } }', { file: Buffer.from(PLACES).toString('base64') }, gateway.keys.operator);
  expect(imported).toEqual({ created: 1, refused: 0 });
  const synced = await ask('mutation { syncPostalPlaces(idempotencyKey: "sync", carrier: "viettel-post", reason: "đồng bộ") { __typename } }', {}, gateway.keys.operator);
  expect(synced).toEqual({ __typename: 'PlacesSynced' });
}, 120_000);
afterAll(() => gateway.close());

describe.each(PUSHERS)('webhooks of $party at the real door', ({ party, url, orderField, collected, failed, paths }) => {
  let control: SandboxControl;
  let number: string;

  const move = (...statuses: readonly number[]): Promise<unknown> => control.post('move', { [orderField]: number, statuses });
  const claims = (means: string): Promise<readonly { readonly key: string }[]> => rows('SELECT key FROM shipment_events WHERE order_number = $1 AND source = $2 AND means = $3', [number, 'CLAIM', means]);
  const notices = (): Promise<readonly { readonly attempt: number; readonly taken: boolean; readonly mischief: string | null }[]> => control.get('notices');
  /** Webhooks that the gateway has taken, whether or not the sandbox waited for its word. */
  const taken = async (): Promise<number> => {
    const metrics = await (await fetch(`${gateway.url}/metrics`, { headers: bearer(gateway.keys.operator) })).text();
    return [...metrics.matchAll(/^onestop_callbacks_total\{([^}]*)\} (\d+)$/gm)].filter(([, labels = '']) => labels.includes(`party="${party}"`) && /outcome="(applied|repeated)"/.test(labels)).reduce((sum, [, , count]) => sum + Number(count), 0);
  };
  const knock = async (path: string): Promise<number> => (await fetch(`${gateway.url}/callbacks/${party}/${path}`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status;

  beforeAll(async () => {
    control = controlOf(new URL(gateway.environment[url] ?? '').origin);
    await control.post('callback-address', { url: `${gateway.url}/callbacks/${party}` });
    next += 1;
    const dossier = dossierInput(next);
    await new PortalClient(`${gateway.url}/graphql`, gateway.keys.portal).upsert([dossier]);
    number = dossier.code;
    expect(await ask(ORDER, { key: randomUUID(), order: { dossierCode: number, sender: CITIZEN, carrier: party } })).toEqual({ __typename: 'ShipmentSaved', shipment: { number, carrier: party } });
    await reached(number, 'ORDERED');
  });

  it('are claims that move nothing; they make us ask, and the answer moves the parcel', async () => {
    await move(collected);
    const found = await reached(number, 'COLLECTED');
    const told = (found['events'] as readonly Found[]).filter(({ means }) => means === 'COLLECTED');
    expect(told).toEqual(expect.arrayContaining([
      { source: 'CLAIM', code: String(collected), means: 'COLLECTED', moved: false }, { source: 'ANSWER', code: String(collected), means: 'COLLECTED', moved: true }]));
    expect(told).toHaveLength(2);
    expect(found['carrierNumber']).toEqual(expect.any(String));
  });

  it('that come twice are one claim', async () => {
    await control.post('misbehave-notices', { kind: 'twice', operation: 'webhook' });
    const [sentBefore, takenBefore] = [(await notices()).length, await taken()];
    await move(failed);
    await eventually('both to be taken', async () => (await notices()).length === sentBefore + 2 && (await taken()) === takenBefore + 2);
    await reached(number, 'FAILED');
    expect(await claims('FAILED')).toHaveLength(1);
  });

  it('that are forged with the right secret are kept, and the truth that was asked for stands', async () => {
    await control.post('misbehave-notices', { kind: 'altered', operation: 'webhook' });
    await move(collected);
    await eventually('the lie to be kept', async () => (await claims('DELIVERED')).length === 1);
    const found = await reached(number, 'COLLECTED');
    expect(found).toMatchObject({ person: null });
    expect((found['events'] as readonly Found[]).filter(({ means }) => means === 'DELIVERED')).toEqual([expect.objectContaining({ source: 'CLAIM', moved: false })]);
  });

  it.each(['unsigned', 'old-key'])('that have no good secret (%s) are refused, kept by nobody and asked about by nobody', async (kind) => {
    const factsOf = (): Promise<readonly object[]> => rows('SELECT id FROM shipment_events WHERE order_number = $1 ORDER BY id', [number]);
    const asked = (): Promise<readonly object[]> => rows('SELECT asks FROM shipments WHERE order_number = $1', [number]);
    const [facts, asks, before] = [await factsOf(), await asked(), (await notices()).length];
    await control.post('misbehave-notices', { kind, operation: 'webhook' });
    await move(failed);
    const refused = await eventually('the try', async () => (await notices())[before] ?? null);
    expect(refused).toMatchObject({ taken: false, mischief: kind });
    expect([await factsOf(), await asked()]).toEqual([facts, asks]);
    expect(await read(number)).toMatchObject({ state: 'COLLECTED' });
  });

  it('are refused at the door by status', async () => {
    expect(await knock(paths.bad)).toBe(401);
    // An empty message is none, whoever sends it.
    expect(await knock(paths.good)).toBe(401);
  });
});
