import type { Database, Queryable } from '../store/database.js';
import type { GatewayWord } from './payment-gateway-port.js';
import type { Difference, DifferenceAction, OurPayment, OurRefund } from './reconciliation-compare.js';
import type { ReconciliationRun } from './reconciliation-run.js';
import { RUN_COLUMNS, toRun } from './reconciliation-run.js';

export interface RunFigures {
  readonly oursCount: number;
  readonly oursVnd: number;
  readonly theirsCount: number;
  readonly theirsVnd: number;
  readonly matched: number;
}

export type RunCause = ReconciliationRun['cause'];

/** Longer than any question to a gateway. */
const LEASE = "interval '3 minutes'";
/** A run that failed is made again, but a gateway that is down is not asked all night. */
const AGAIN_AFTER = "interval '1 hour'";
const DAYS_BACK = 7;
const WAITS = 'o.ended_at IS NULL AND (o.lease_until IS NULL OR o.lease_until < clock_timestamp())';

/** Statements on runs and their differences. */
export class ReconciliationStore {
  /** The run that is open for this gateway and day, or a new one. */
  async open(client: Queryable, run: { readonly gateway: string; readonly day: string; readonly cause: RunCause; readonly by: string }): Promise<string> {
    await client.query('INSERT INTO reconciliation_runs (gateway, day, cause, requested_by) VALUES ($1, $2, $3, $4) ON CONFLICT (gateway, day) WHERE ended_at IS NULL DO NOTHING', [run.gateway, run.day, run.cause, run.by]);
    const { rows } = await client.query<{ id: string }>('SELECT id FROM reconciliation_runs WHERE gateway = $1 AND day = $2 ORDER BY id DESC LIMIT 1', [run.gateway, run.day]);
    return rows[0]?.id ?? '';
  }

  /**
   * In a transaction. Opens the runs that the schedule owes: each of the last days on which the gateway was in use, until one run of it has
   * not failed. Workers take turns: one that had looked while another opened a run could open it anew when that had ended.
   */
  async openDue(client: Queryable, gateways: readonly string[], lastDay: string): Promise<void> {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('reconciliation-due', 21))`);
    await client.query(
      `INSERT INTO reconciliation_runs (gateway, day, cause, requested_by)
         SELECT g, d::date, 'SCHEDULE', 'schedule' FROM unnest($1::text[]) g, generate_series($2::date - ${String(DAYS_BACK - 1)}, $2::date, interval '1 day') d
           WHERE EXISTS (SELECT 1 FROM payments p WHERE p.gateway = g AND p.created_at < (d::date + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh')
             AND NOT EXISTS (SELECT 1 FROM reconciliation_runs r WHERE r.gateway = g AND r.day = d::date AND (r.failure IS NULL OR r.failure = 'no-statement' OR r.ended_at > now() - ${AGAIN_AFTER}))
           ORDER BY d, g
         ON CONFLICT (gateway, day) WHERE ended_at IS NULL DO NOTHING`, [gateways, lastDay]);
  }

  /**
   * The oldest run that nobody carries out, of a gateway that is asked by no other. One whose worker died is taken over. Workers take turns:
   * two that looked at once would each find the gateway asked by nobody.
   */
  async claim(database: Database, only: string | null = null): Promise<ReconciliationRun | null> {
    const { rowCount } = await database.query(`SELECT FROM reconciliation_runs o WHERE ${WAITS} LIMIT 1`);
    if (rowCount === 0) return null;
    return database.transaction(async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('reconciliation-claim', 21))`);
      const { rows } = await client.query<Parameters<typeof toRun>[0]>(
        `UPDATE reconciliation_runs r SET started_at = coalesce(r.started_at, now()), lease_until = clock_timestamp() + ${LEASE} WHERE r.id = (
           SELECT o.id FROM reconciliation_runs o WHERE ${WAITS} AND ($1::bigint IS NULL OR o.id = $1)
             AND ($1::bigint IS NOT NULL OR NOT EXISTS (SELECT FROM reconciliation_runs b WHERE b.gateway = o.gateway AND b.ended_at IS NULL AND b.lease_until >= clock_timestamp()))
             ORDER BY o.id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING ${RUN_COLUMNS}`, [only]);
      return rows[0] === undefined ? null : toRun(rows[0]);
    });
  }

  async stillThere(client: Queryable, id: string): Promise<void> {
    await client.query(`UPDATE reconciliation_runs SET lease_until = clock_timestamp() + ${LEASE} WHERE id = $1`, [id]);
  }

  /** A run that was compared keeps what it was compared with: a worker that was taken for dead comes too late. */
  async setStatement(client: Queryable, id: string, statementId: string): Promise<void> {
    await client.query('UPDATE reconciliation_runs SET statement_id = $2 WHERE id = $1 AND ours_count IS NULL', [id, statementId]);
  }

  /** Nothing where it was compared already: this worker was taken for dead. */
  async keep(client: Queryable, id: string, { figures, differences }: { readonly figures: RunFigures; readonly differences: readonly Difference[] }): Promise<void> {
    const { rowCount } = await client.query(
      'UPDATE reconciliation_runs SET ours_count = $2, ours_vnd = $3, theirs_count = $4, theirs_vnd = $5, matched = $6 WHERE id = $1 AND ours_count IS NULL AND ended_at IS NULL',
      [id, figures.oursCount, figures.oursVnd, figures.theirsCount, figures.theirsVnd, figures.matched]);
    if (rowCount !== 1) return;
    const column = <Key extends keyof Difference>(key: Key): Difference[Key][] => differences.map((difference) => difference[key]);
    await client.query({
      text: `INSERT INTO reconciliation_differences (run_id, class, kind, action, payment_id, reference, gateway_transaction, ours_vnd, theirs_vnd, ours_state, theirs_state)
               SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::text[])`,
      values: [id, column('class'), column('kind'), column('action'), column('paymentId'), column('reference'), column('gatewayTransaction'), column('oursVnd'), column('theirsVnd'), column('oursState'), column('theirsState')],
    });
  }

  /** Once in a run, and not again while it is open from another day. */
  async addDifference(client: Queryable, id: string, difference: Difference): Promise<void> {
    const { kind, action, paymentId, reference, gatewayTransaction, oursVnd, theirsVnd, oursState, theirsState } = difference;
    await client.query({
      text: `INSERT INTO reconciliation_differences (run_id, class, kind, action, payment_id, reference, gateway_transaction, ours_vnd, theirs_vnd, ours_state, theirs_state)
               SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
                 WHERE NOT EXISTS (SELECT 1 FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id WHERE d.kind = $3 AND d.payment_id = $5 AND d.gateway_transaction = $7
                   AND (d.run_id = $1 OR (d.resolved_at IS NULL AND r.day <> (SELECT day FROM reconciliation_runs WHERE id = $1))))`,
      values: [id, difference.class, kind, action, paymentId, reference, gatewayTransaction, oursVnd, theirsVnd, oursState, theirsState],
    });
  }

  /** Of a payment that is locked: payouts that waited, from whatever day, and are with the agency now. */
  async closeWaiting(client: Queryable, gateway: string, paymentId: string): Promise<void> {
    await client.query(
      `UPDATE reconciliation_differences d SET resolved_by = 'gateway', resolved_at = clock_timestamp(), resolution = 'applied' FROM payouts o
         WHERE d.payment_id = $2 AND d.action = 'WAITS' AND d.resolved_at IS NULL AND (o.gateway, o.payment_id, o.gateway_transaction) = ($1, d.payment_id, d.gateway_transaction)
           AND o.posted_vnd = o.amount_vnd`, [gateway, paymentId]);
  }

  async toApply(client: Queryable, id: string): Promise<readonly { readonly id: string; readonly reference: string; readonly gatewayTransaction: string | null }[]> {
    const { rows } = await client.query<{ id: string; reference: string; gatewayTransaction: string | null }>(
      `SELECT id, reference, gateway_transaction AS "gatewayTransaction" FROM reconciliation_differences WHERE run_id = $1 AND action = 'TO_APPLY' ORDER BY id`, [id]);
    return rows;
  }

  /** What the gateway said in the line of a difference, which is locked; null: another worker has tried it. */
  async lineOf(client: Queryable, differenceId: string): Promise<{ readonly state: GatewayWord['says']; readonly amountVnd: number | null; readonly at: Date | null; readonly source: 'file' | 'query' } | null> {
    const { rows: [row] } = await client.query<{ state: GatewayWord['says']; amount: string | null; at: Date | null; source: 'file' | 'query' }>(
      `SELECT d.theirs_state AS state, d.theirs_vnd AS amount, l.at, s.source FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id JOIN statements s ON s.id = r.statement_id
         LEFT JOIN LATERAL (SELECT l.at FROM statements t JOIN statement_lines l ON l.statement_id = t.id WHERE t.gateway = r.gateway AND t.day = r.day AND l.reference = d.reference
           AND l.gateway_transaction IS NOT DISTINCT FROM d.gateway_transaction AND l.kind = d.kind ORDER BY t.id DESC LIMIT 1) l ON true
         WHERE d.id = $1 AND d.action = 'TO_APPLY' FOR UPDATE OF d`, [differenceId]);
    return row === undefined ? null : { state: row.state, amountVnd: row.amount === null ? null : Number(row.amount), at: row.at, source: row.source };
  }

  async lockDifference(client: Queryable, id: string): Promise<{ readonly resolvedAt: Date | null; readonly action: DifferenceAction; readonly gateway: string; readonly day: string } | null> {
    const { rows } = await client.query<{ resolvedAt: Date | null; action: DifferenceAction; gateway: string; day: string }>(
      `SELECT d.resolved_at AS "resolvedAt", d.action, r.gateway, to_char(r.day, 'YYYY-MM-DD') AS day FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id
         WHERE d.id = $1 FOR UPDATE OF d`, [id]);
    return rows[0] ?? null;
  }

  /** What a person found out of a difference that is locked. */
  async resolve(client: Queryable, id: string, of: { readonly by: string; readonly resolution: string | null }): Promise<void> {
    await client.query('UPDATE reconciliation_differences SET resolved_by = $2, resolved_at = now(), resolution = $3 WHERE id = $1', [id, of.by, of.resolution]);
  }

  /** Of a difference that is locked. What was applied needs nobody any more. */
  async acted(client: Queryable, differenceId: string, action: DifferenceAction): Promise<void> {
    await client.query(
      `UPDATE reconciliation_differences SET action = $2, resolved_by = CASE WHEN $2 = 'APPLIED' THEN 'gateway' END, resolved_at = CASE WHEN $2 = 'APPLIED' THEN clock_timestamp() END,
         resolution = CASE WHEN $2 = 'APPLIED' THEN 'applied' END WHERE id = $1`, [differenceId, action]);
  }

  /** `failure` null: it was carried out to its end. A statement that came while it ran gets a run of its own. */
  async end(client: Queryable, run: ReconciliationRun, failure: string | null): Promise<void> {
    const { rowCount } = await client.query('UPDATE reconciliation_runs SET ended_at = clock_timestamp(), lease_until = NULL, failure = $2 WHERE id = $1 AND ended_at IS NULL', [run.id, failure]);
    if (rowCount !== 1) return;
    await client.query(
      `INSERT INTO reconciliation_runs (gateway, day, cause, requested_by)
         SELECT r.gateway, r.day, 'STATEMENT', s.imported_by FROM reconciliation_runs r JOIN statements s ON s.gateway = r.gateway AND s.day = r.day AND s.source = 'file' AND s.replaced_by IS NULL
           WHERE r.id = $1 AND s.id > coalesce(CASE WHEN r.failure IS NULL THEN r.statement_id END, 0) AND s.imported_at > r.started_at ORDER BY s.id DESC LIMIT 1
         ON CONFLICT (gateway, day) WHERE ended_at IS NULL DO NOTHING`, [run.id]);
  }

  /** What a person said of a difference holds for the same difference found again; what earlier runs of the day left open is the new run's. */
  async takeOver(client: Queryable, run: ReconciliationRun): Promise<void> {
    await client.query(
      `UPDATE reconciliation_differences n SET resolved_by = o.resolved_by, resolved_at = o.resolved_at, resolution = o.resolution
         FROM reconciliation_differences o JOIN reconciliation_runs r ON r.id = o.run_id
         WHERE n.run_id = $1 AND n.resolved_at IS NULL AND n.action = 'PERSON' AND r.gateway = $2 AND r.day = $3 AND r.id < $1 AND o.resolved_by <> 'gateway'
           AND (o.class, o.kind) = (n.class, n.kind) AND (o.reference, o.gateway_transaction, o.ours_vnd, o.theirs_vnd, o.ours_state, o.theirs_state)
             IS NOT DISTINCT FROM (n.reference, n.gateway_transaction, n.ours_vnd, n.theirs_vnd, n.ours_state, n.theirs_state)`, [run.id, run.gateway, run.day]);
    await client.query(
      `UPDATE reconciliation_differences o SET resolved_by = 'gateway', resolved_at = clock_timestamp(), resolution = 'superseded' FROM reconciliation_runs r
         WHERE o.run_id = r.id AND r.gateway = $2 AND r.day = $3 AND r.id < $1 AND o.resolved_at IS NULL`, [run.id, run.gateway, run.day]);
  }

  /** Payments that a gateway's lines name, by reference or number, and those whose money came on the day. */
  async ours(client: Queryable, of: { readonly gateway: string; readonly references: readonly string[]; readonly numbers: readonly string[]; readonly from: Date; readonly to: Date }): Promise<readonly OurPayment[]> {
    const { rows } = await client.query<Omit<OurPayment, 'amountVnd'> & { amountVnd: string }>(
      `SELECT p.id, p.reference, p.gateway, p.state, p.amount_vnd AS "amountVnd", p.gateway_transaction AS "gatewayTransaction", p.paid_at AS "paidAt" FROM payments p
         WHERE p.reference = ANY ($2) OR (p.gateway = $1 AND p.paid_at >= $3 AND p.paid_at < $4) OR (p.gateway = $1 AND p.gateway_transaction = ANY ($5) AND p.paid_vnd > 0)`,
      [of.gateway, of.references, of.from, of.to, of.numbers]);
    return rows.map((row) => ({ ...row, amountVnd: Number(row.amountVnd) }));
  }

  async refunds(client: Queryable, of: { readonly gateway: string; readonly references: readonly string[]; readonly from: Date; readonly to: Date }): Promise<readonly OurRefund[]> {
    const { rows } = await client.query<Omit<OurRefund, 'amountVnd'> & { amountVnd: string }>(
      `SELECT r.payment_id AS "paymentId", p.reference, r.amount_vnd AS "amountVnd", r.state, r.gateway_transaction AS "gatewayTransaction",
           r.state = 'DONE' AND r.delivery_id IS NOT NULL AND r.settled_by = 'party' AND r.settled_at >= $3 AND r.settled_at < $4 AS "isExpected",
           r.state = 'DONE' AND r.delivery_id IS NOT NULL AND r.settled_by <> 'party' AND r.hand_outcome IS NOT NULL AS "isByHand"
         FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE p.gateway = $1 AND (p.reference = ANY ($2) OR (r.settled_at >= $3 AND r.settled_at < $4)) ORDER BY r.id`,
      [of.gateway, of.references, of.from, of.to]);
    return rows.map((row) => ({ ...row, amountVnd: Number(row.amountVnd) }));
  }

  /** What a gateway is to be asked about for a day, by id: what may have been paid on it. */
  async toAsk(client: Queryable, of: { readonly gateway: string; readonly from: Date; readonly to: Date; readonly after: string; readonly limit: number }): Promise<readonly string[]> {
    const { rows } = await client.query<{ id: string }>(
      `SELECT p.id FROM payments p WHERE p.gateway = $1 AND p.id > $4 AND p.sent_at IS NOT NULL AND p.state <> 'CREATED'
         AND ((p.paid_at >= $2 AND p.paid_at < $3) OR (p.paid_at IS NULL AND p.sent_at < $3 AND p.expires_at >= $2)) ORDER BY p.id LIMIT $5`, [of.gateway, of.from, of.to, of.after, of.limit]);
    return rows.map(({ id }) => id);
  }
}
