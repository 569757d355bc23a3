import type { Queryable } from '../store/database.js';
import type { ReadLimits } from '../agencies/agency-scope.js';
import type { Delivery } from './delivery.js';
import { toDelivery } from './delivery-row.js';
import type { DeliveryRow } from './delivery-row.js';

/** SQL of what operators do by hand; every method runs inside the transaction that also writes the audit row. */
export class OperatorStore {
  /** Locks the delivery's lane, then the delivery: the order in which the engine locks them. Null, and nothing is locked, for one beyond the limits. */
  async lock(client: Queryable, id: string, { client: owner, agencyCodes }: ReadLimits): Promise<Delivery | null> {
    const visible = await client.query({
      text: 'SELECT 1 FROM deliveries WHERE id = $1 AND (($2::text IS NULL AND $3::text[] IS NULL) OR in_read_scope(subject_key, $2, $3))',
      values: [id, owner, agencyCodes],
    });
    if (visible.rowCount === 0) return null;
    await client.query({
      text: 'SELECT 1 FROM lanes l JOIN deliveries d ON d.party = l.party AND d.lane = l.lane WHERE d.id = $1 FOR UPDATE OF l',
      values: [id],
    });
    const result = await client.query<DeliveryRow>('SELECT * FROM deliveries WHERE id = $1 FOR UPDATE', [id]);
    return result.rows[0] === undefined ? null : toDelivery(result.rows[0]);
  }

  /**
   * Sets a delivery free to be taken: `unknown` first asks. Not before `settleMs` after the last send, for a request that was delayed
   * in the network may still arrive until then; its age limit starts anew.
   */
  async release(client: Queryable, id: string, to: { readonly state: 'due' | 'unknown'; readonly settleMs: number; readonly maxAgeMs: number }): Promise<void> {
    await client.query({
      text: `UPDATE deliveries SET state = $2, reason = NULL, reason_text = NULL, waits_for = NULL, failures = 0,
               due_at = CASE WHEN maybe_sent THEN greatest(clock_timestamp(), $3 * interval '1 millisecond' +
                 (SELECT max(started_at) FROM attempts WHERE delivery_id = deliveries.id AND purpose = 'send')) ELSE clock_timestamp() END,
               park_at = greatest(park_at, clock_timestamp() + $4 * interval '1 millisecond')
             WHERE id = $1`,
      values: [id, to.state, to.settleMs, to.maxAgeMs],
    });
  }

  async finish(client: Queryable, id: string, to: { readonly state: 'accepted' | 'rejected'; readonly reason: string }): Promise<void> {
    await client.query({
      text: `UPDATE deliveries SET state = $2, reason = $3, waits_for = NULL, head = false, settled_at = clock_timestamp(), resolved_by = 'operator' WHERE id = $1`,
      values: [id, to.state, to.reason],
    });
    await client.query('SELECT advance_lanes(ARRAY[$1::bigint])', [id]);
  }

  async recordRepair(client: Queryable, delivery: Delivery, reason: string): Promise<void> {
    await client.query({
      text: `INSERT INTO events (type, dossier_code, delivery_id, operation, reason) VALUES ('delivery.repaired', $1, $2, $3, $4)`,
      values: [delivery.subjectKey, delivery.id, delivery.operation, reason],
    });
  }
}
