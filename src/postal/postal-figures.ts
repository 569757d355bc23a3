import type { Queryable } from '../store/database.js';
import type { FeedState, FeedStore } from './feed-store.js';
import type { ShipmentPersonReason } from './shipment-rows.js';
import type { ShipmentState } from './shipment.js';

/** Parcels that have not come to their end. */
export interface OpenShipments {
  readonly carrier: string;
  readonly state: ShipmentState;
  readonly count: number;
  /** Since the oldest came into its state. */
  readonly oldestSeconds: number;
}

export interface PostalFigures {
  readonly open: readonly OpenShipments[];
  readonly forPersons: readonly { readonly carrier: string; readonly reason: ShipmentPersonReason; readonly count: number }[];
  readonly feeds: readonly FeedState[];
  /** By how much the question that waits longest is late; 0 where none waits. */
  readonly askLateSeconds: number;
}

/** By indexes of what is open, never over all parcels there ever were. */
export const readPostalFigures = async (client: Queryable, feeds: FeedStore): Promise<PostalFigures> => {
  const [open, forPersons, late, states] = await Promise.all([
    client.query<OpenShipments>(
      `SELECT carrier, state, count(*)::integer AS count, greatest(0, extract(epoch FROM clock_timestamp() - min(state_at)))::float8 AS "oldestSeconds"
         FROM shipments WHERE ended_at IS NULL GROUP BY carrier, state ORDER BY carrier, state`),
    client.query<PostalFigures['forPersons'][number]>('SELECT carrier, person_reason AS reason, count(*)::integer AS count FROM shipments WHERE person_reason IS NOT NULL GROUP BY carrier, person_reason'),
    client.query<{ seconds: number | null }>('SELECT extract(epoch FROM clock_timestamp() - min(ask_at))::float8 AS seconds FROM shipments WHERE ask_at <= clock_timestamp()'),
    feeds.states(),
  ]);
  return { open: open.rows, forPersons: forPersons.rows, feeds: states, askLateSeconds: Math.max(0, late.rows[0]?.seconds ?? 0) };
};
