import type { ReadLimits } from '../agencies/agency-scope.js';
import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { SHIPMENT_COLUMNS, toShipment } from './shipment-rows.js';
import type { ShipmentOrderData, ShipmentRow, StoredShipment } from './shipment-rows.js';
import type { ShipmentDirection } from './shipment.js';

/** A dossier as the post needs it. */
export interface PostableDossier {
  readonly code: string;
  readonly agencyCode: string;
  readonly client: string;
}

export interface NewShipment {
  readonly orderNumber: string;
  readonly carrier: string;
  readonly dossier: PostableDossier;
  readonly direction: ShipmentDirection;
  readonly sequence: number;
  readonly previousId: string | null;
  readonly service: string | null;
  readonly weightGrams: number;
  readonly orderData: ShipmentOrderData;
  readonly quotedVnd: number | null;
  readonly collectVnd: number;
  readonly paymentId: string | null;
  readonly keyId: string;
  readonly content: string;
}

export interface NewPostDelivery {
  readonly operation: string;
  readonly maxAgeMs: number;
  readonly correlationId: string;
  readonly traceparent: string | null;
}

/** What a carrier said when it took an order, or was asked for it. */
export interface TakenOrder {
  readonly carrierNumber: string | null;
  readonly feeVnd: number | null;
  readonly carrierData: Readonly<Record<string, string>>;
}

const DOSSIER_CODE = /^[A-Z0-9.-]{1,60}$/;
/** Lane of everything that carriers are owed for one dossier. */
export const postLane = (dossierCode: string): string => `post/${dossierCode}`;

/** Statements on parcels. Lock order: the dossier's post, then parcels by id. */
export class ShipmentStore {
  /** Null for another's dossier too: its existence is not told. */
  async dossier(client: Queryable, code: string, { client: owner, agencyCodes }: ReadLimits): Promise<PostableDossier | null> {
    if (!DOSSIER_CODE.test(code)) return null;
    const { rows } = await orUnavailable(client.query<PostableDossier>(
      `SELECT code, agency_code AS "agencyCode", client FROM dossiers WHERE code = $1 AND ($2::text IS NULL OR client = $2) AND ($3::text[] IS NULL OR agency_code = ANY ($3))`, [code, owner, agencyCodes]));
    return rows[0] ?? null;
  }

  /** One order of a dossier at a time; an erasure of it waits, and a later one sees what was ordered. */
  async lockPost(client: Queryable, dossierCode: string): Promise<void> {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('post/' || $1, 30))`, [dossierCode]);
    await client.query('SELECT 1 FROM dossiers WHERE code = $1 FOR SHARE', [dossierCode]);
  }

  /** All of a dossier, the first first. */
  async ofDossier(client: Queryable, dossierCode: string): Promise<readonly ShipmentRow[]> {
    const { rows } = await client.query<StoredShipment>(`SELECT ${SHIPMENT_COLUMNS} FROM shipments s WHERE s.dossier_code = $1 ORDER BY s.sequence`, [dossierCode]);
    return rows.map(toShipment);
  }

  async insert(client: Queryable, fresh: NewShipment): Promise<string> {
    const { dossier } = fresh;
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO shipments (order_number, carrier, dossier_code, agency_code, client, direction, sequence, previous_id, service, weight_grams, order_data, quoted_vnd, collect_vnd, payment_id, key_id, content)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id`,
      [fresh.orderNumber, fresh.carrier, dossier.code, dossier.agencyCode, dossier.client, fresh.direction, fresh.sequence, fresh.previousId, fresh.service, fresh.weightGrams,
        JSON.stringify(fresh.orderData), fresh.quotedVnd, fresh.collectVnd, fresh.paymentId, fresh.keyId, fresh.content]);
    return rows[0]?.id ?? '';
  }

  /** In the lane of the dossier's post: what is owed first is sent first. Gives the id of the delivery. */
  async enqueue(client: Queryable, shipment: Pick<ShipmentRow, 'id' | 'carrier' | 'dossierCode'>, { operation, maxAgeMs, correlationId, traceparent }: NewPostDelivery): Promise<string> {
    const { rows } = await client.query<{ id: string }>('SELECT enqueue_delivery($1, $2, $3, $4, $5, $6, $7, $8) AS id',
      [shipment.carrier, operation, postLane(shipment.dossierCode), shipment.id, shipment.dossierCode, maxAgeMs, correlationId, traceparent]);
    return rows[0]?.id ?? '';
  }

  async setDelivery(client: Queryable, id: string, deliveryId: string): Promise<void> {
    await client.query('UPDATE shipments SET delivery_id = $2 WHERE id = $1', [id, deliveryId]);
  }

  async byIds(client: Queryable, ids: readonly string[]): Promise<readonly ShipmentRow[]> {
    const { rows } = await client.query<StoredShipment>(`SELECT ${SHIPMENT_COLUMNS} FROM shipments s WHERE s.id = ANY ($1)`, [ids]);
    return rows.map(toShipment);
  }

  async lockByNumber(client: Queryable, orderNumber: string): Promise<ShipmentRow | null> {
    const { rows } = await client.query<StoredShipment>(`SELECT ${SHIPMENT_COLUMNS} FROM shipments s WHERE s.order_number = $1 ORDER BY s.id DESC LIMIT 1 FOR UPDATE`, [orderNumber]);
    return rows[0] === undefined ? null : toShipment(rows[0]);
  }

  /** Of one carrier, by our numbers; by its own where a fact names ours wrong or not at all. */
  async lockByNumbers(client: Queryable, carrier: string, of: { readonly ours: readonly string[]; readonly theirs: readonly string[] }): Promise<readonly ShipmentRow[]> {
    const { rows } = await client.query<StoredShipment>({
      name: 'shipments-lock',
      text: `SELECT ${SHIPMENT_COLUMNS} FROM shipments s WHERE s.id = ANY (ARRAY(
               SELECT id FROM shipments WHERE carrier = $1 AND order_number = ANY ($2)
               UNION SELECT id FROM shipments WHERE carrier = $1 AND carrier_number = ANY ($3))) ORDER BY s.id FOR UPDATE`,
      values: [carrier, of.ours, of.theirs],
    });
    return rows.map(toShipment);
  }

  /** Kept before the delivery settles: a lost settling finds it by asking. What is not told takes nothing away. */
  async keepTaken(client: Queryable, id: string, { carrierNumber, feeVnd, carrierData }: TakenOrder): Promise<void> {
    await client.query(`UPDATE shipments SET carrier_number = coalesce($2, carrier_number), fee_vnd = coalesce($3, fee_vnd), carrier_data = carrier_data || $4 WHERE id = $1`,
      [id, carrierNumber, feeVnd, JSON.stringify(carrierData)]);
  }

  async setCancelAsked(client: Queryable, id: string, isAsked: boolean): Promise<void> {
    await client.query('UPDATE shipments SET cancel_asked_at = CASE WHEN $2 THEN clock_timestamp() END WHERE id = $1', [id, isAsked]);
  }

  /** The last time, by anybody's clock, of what was heard; claims too. */
  async lastFactAt(client: Queryable, id: string): Promise<Date | null> {
    const { rows } = await client.query<{ at: Date | null }>('SELECT max(at) AS at FROM shipment_events WHERE shipment_id = $1', [id]);
    return rows[0]?.at ?? null;
  }

  /** A person looked: what was silent may be silent for another while. */
  async closeCase(client: Queryable, id: string): Promise<void> {
    await client.query('UPDATE shipments SET person_reason = NULL, heard_at = clock_timestamp() WHERE id = $1', [id]);
  }

  /** Into the portal's feed. */
  async tell(client: Queryable, events: readonly { readonly type: string; readonly dossierCode: string; readonly orderNumber: string; readonly reason: string | null }[]): Promise<void> {
    if (events.length === 0) return;
    await client.query({
      name: 'shipments-tell',
      text: `INSERT INTO events (type, dossier_code, shipment_number, operation, reason)
             SELECT type, code, number, 'shipment', reason FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS e (type, code, number, reason, n) ORDER BY n`,
      values: [events.map(({ type }) => type), events.map(({ dossierCode }) => dossierCode), events.map(({ orderNumber }) => orderNumber), events.map(({ reason }) => reason)],
    });
  }
}
