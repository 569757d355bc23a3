import type { Queryable } from '../store/database.js';
import type { ShipmentPersonReason } from './shipment-rows.js';
import type { CollectionWord, FailureReason, ShipmentEvent, ShipmentState } from './shipment.js';

/** A fact about a parcel, with the parcel where it is one of ours. */
export interface NewFact extends ShipmentEvent {
  readonly shipmentId: string | null;
  readonly orderNumber: string;
  readonly callbackId: string | null;
}

export interface KeptFact extends ShipmentEvent {
  readonly id: string;
  readonly shipmentId: string;
}

/** What facts make of a parcel's row. */
export interface ShipmentChange {
  readonly id: string;
  readonly state: ShipmentState;
  readonly stateAt: Date;
  readonly failure: FailureReason | null;
  readonly collection: CollectionWord | null;
  readonly personReason: ShipmentPersonReason | null;
  readonly carrierNumber: string | null;
  readonly orderedAt: Date | null;
  readonly collectedAt: Date | null;
  readonly endedAt: Date | null;
  readonly askAt: Date | null;
}

/** Statements on what was heard. */
export class FactStore {
  /** Those that were not known yet, one statement for all. */
  async insert(client: Queryable, carrier: string, facts: readonly NewFact[]): Promise<readonly { readonly id: string; readonly shipmentId: string | null; readonly source: string }[]> {
    const column = <Key extends keyof NewFact>(name: Key): readonly NewFact[Key][] => facts.map((fact) => fact[name]);
    const { rows } = await client.query<{ id: string; shipmentId: string | null; source: string }>({
      name: 'shipment-facts-insert',
      text: `INSERT INTO shipment_events (shipment_id, carrier, order_number, key, source, code, text, place, at, means, failure, collection, callback_id)
             SELECT f.shipment_id, $1, f.order_number, f.key, f.source, f.code, f.text, f.place, f.at, f.means, f.failure, f.collection, f.callback_id
               FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::text[], $11::text[], $12::text[], $13::bigint[])
                 WITH ORDINALITY AS f (shipment_id, order_number, key, source, code, text, place, at, means, failure, collection, callback_id, n) ORDER BY n
             ON CONFLICT DO NOTHING RETURNING id, shipment_id AS "shipmentId", source`,
      values: [carrier, column('shipmentId'), column('orderNumber'), column('key'), column('source'), column('code'), column('text'), column('place'), column('at'), column('means'),
        column('failure'), column('collection'), column('callbackId')],
    });
    return rows;
  }

  async of(client: Queryable, shipmentIds: readonly string[]): Promise<readonly KeptFact[]> {
    const { rows } = await client.query<KeptFact>({
      name: 'shipment-facts-of',
      text: `SELECT id, shipment_id AS "shipmentId", key, source, code, text, place, at, means, failure, collection FROM shipment_events WHERE shipment_id = ANY ($1)`,
      values: [shipmentIds],
    });
    return rows;
  }

  /** Of parcels that are locked. */
  async change(client: Queryable, changes: readonly ShipmentChange[]): Promise<void> {
    const column = <Key extends keyof ShipmentChange>(name: Key): readonly ShipmentChange[Key][] => changes.map((change) => change[name]);
    await client.query({
      name: 'shipments-change',
      text: `UPDATE shipments s SET state = c.state, state_at = c.state_at, failure = c.failure, collection = c.collection, person_reason = c.person_reason,
               carrier_number = coalesce(c.carrier_number, s.carrier_number), ordered_at = c.ordered_at, collected_at = c.collected_at, ended_at = c.ended_at, ask_at = c.ask_at,
               cancel_asked_at = CASE WHEN c.ended_at IS NULL THEN s.cancel_asked_at END, heard_at = clock_timestamp()
             FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[])
               AS c (id, state, state_at, failure, collection, person_reason, carrier_number, ordered_at, collected_at, ended_at, ask_at) WHERE s.id = c.id`,
      values: [column('id'), column('state'), column('stateAt'), column('failure'), column('collection'), column('personReason'), column('carrierNumber'), column('orderedAt'),
        column('collectedAt'), column('endedAt'), column('askAt')],
    });
  }
}
