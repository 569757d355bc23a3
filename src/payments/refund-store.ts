import type { Queryable } from '../store/database.js';
import type { HandOutcome, Refund, RefundState } from './refund.js';

type StoredRefund = Omit<Refund, 'amountVnd'> & { readonly amountVnd: string };

const COLUMNS = `r.id, r.request_id AS "requestId", r.payment_id AS "paymentId", r.amount_vnd AS "amountVnd", r.reason, r.state, r.requested_by AS "requestedBy",
  r.requested_at AS "requestedAt", r.approved_by AS "approvedBy", r.approved_at AS "approvedAt", r.delivery_id AS "deliveryId", r.sent_at AS "sentAt", r.ask_at AS "askAt",
  r.gateway_transaction AS "gatewayTransaction", r.code, r.text, r.settled_by AS "settledBy", r.settled_at AS "settledAt",
  r.hand_outcome AS "handOutcome", r.hand_reference AS "handReference", r.hand_by AS "handBy", r.hand_at AS "handAt", r.gateway_done_at AS "gatewayDoneAt"`;

const toRefund = (row: StoredRefund): Refund => ({ ...row, amountVnd: Number(row.amountVnd) });

/** What may change of a refund. */
export type RefundChange = Partial<Pick<Refund, 'approvedBy' | 'deliveryId' | 'gatewayTransaction' | 'code' | 'text' | 'settledBy'>> & { readonly state: RefundState };

/** Statements on refunds; those that change are made under the lock of the payment's row. */
export class RefundStore {
  async insert(client: Queryable, refund: { readonly requestId: string; readonly paymentId: string; readonly amountVnd: number; readonly reason: string; readonly by: string }): Promise<Refund> {
    const { rows } = await client.query<StoredRefund>(
      `INSERT INTO refunds AS r (request_id, payment_id, amount_vnd, reason, state, requested_by) VALUES ($1, $2, $3, $4, 'REQUESTED', $5) RETURNING ${COLUMNS}`,
      [refund.requestId, refund.paymentId, refund.amountVnd, refund.reason, refund.by]);
    const [row] = rows;
    if (row === undefined) throw new RangeError('a refund was not written');
    return toRefund(row);
  }

  /** Owes it to the gateway, in the transaction that approves it. Gives the delivery. */
  async enqueue(client: Queryable, of: {
    readonly party: string; readonly operation: string; readonly lane: string; readonly refundId: string; readonly dossierCode: string; readonly maxAgeMs: number;
    readonly correlationId: string; readonly traceparent: string | null;
  }): Promise<string> {
    const { rows } = await client.query<{ id: string }>('SELECT enqueue_delivery($1, $2, $3, $4, $5, $6, $7, $8) AS id',
      [of.party, of.operation, of.lane, of.refundId, of.dossierCode, of.maxAgeMs, of.correlationId, of.traceparent]);
    return rows[0]?.id ?? '';
  }

  async find(client: Queryable, requestId: string): Promise<Refund | null> {
    const { rows } = await client.query<StoredRefund>(`SELECT ${COLUMNS} FROM refunds r WHERE r.request_id = $1`, [requestId]);
    return rows[0] === undefined ? null : toRefund(rows[0]);
  }

  async byIds(client: Queryable, ids: readonly string[]): Promise<readonly Refund[]> {
    const { rows } = await client.query<StoredRefund>(`SELECT ${COLUMNS} FROM refunds r WHERE r.id = ANY ($1)`, [ids]);
    return rows.map(toRefund);
  }

  async ofPayments(client: Queryable, paymentIds: readonly string[]): Promise<readonly Refund[]> {
    const { rows } = await client.query<StoredRefund>(`SELECT ${COLUMNS} FROM refunds r WHERE r.payment_id = ANY ($1) ORDER BY r.id`, [paymentIds]);
    return rows.map(toRefund);
  }

  /** Times of approval and settling are the database's. Whatever changes, its gateway is asked no more unless `askOn` or `keepAnswer` says so. */
  async change(client: Queryable, id: string, change: RefundChange): Promise<void> {
    const { state, approvedBy, deliveryId, gatewayTransaction, code, text, settledBy } = change;
    await client.query({
      text: `UPDATE refunds SET state = $2, approved_by = coalesce($3, approved_by), approved_at = CASE WHEN $3::text IS NULL THEN approved_at ELSE now() END,
               delivery_id = coalesce($4, delivery_id), ask_at = NULL, gateway_transaction = coalesce($5, gateway_transaction), code = coalesce($6, code), text = coalesce($7, text),
               settled_by = coalesce($8, settled_by), settled_at = CASE WHEN $2 IN ('DONE', 'REFUSED', 'DECLINED') THEN now() ELSE settled_at END WHERE id = $1`,
      values: [id, state, approvedBy ?? null, deliveryId ?? null, gatewayTransaction ?? null, code ?? null, text ?? null, settledBy ?? null],
    });
  }

  async markSent(client: Queryable, id: string): Promise<void> {
    await client.query('UPDATE refunds SET sent_at = clock_timestamp() WHERE id = $1', [id]);
  }

  /** What the gateway said of one that has not ended; outside the transaction that ends it. `askAt` makes it one that is on its way. */
  async keepAnswer(client: Queryable, id: string, answer: { readonly code: string; readonly text: string | null; readonly gatewayTransaction: string | null; readonly askAt: Date | null }): Promise<void> {
    await client.query({
      text: `UPDATE refunds SET state = CASE WHEN $5::timestamptz IS NULL THEN state ELSE 'PROCESSING' END, code = $2, text = coalesce($3, text),
               gateway_transaction = coalesce($4, gateway_transaction), ask_at = $5 WHERE id = $1 AND state IN ('APPROVED', 'PROCESSING')`,
      values: [id, answer.code, answer.text, answer.gatewayTransaction, answer.askAt],
    });
  }

  /** Approved for the gateway, and not ended for so long, or given up by the deliveries; those of which a person has been told are left out. */
  async stuck(client: Queryable, of: { readonly olderThanMs: number; readonly limit: number }): Promise<readonly Refund[]> {
    const { rows } = await client.query<StoredRefund>(
      `SELECT ${COLUMNS} FROM refunds r JOIN payments p ON p.id = r.payment_id LEFT JOIN deliveries d ON d.id = r.delivery_id
         WHERE r.state IN ('APPROVED', 'PROCESSING') AND p.state = 'REFUNDING' AND (p.person_reason IS NULL OR p.person_reason = 'surplus')
           AND (d.state = 'parked' OR r.approved_at <= clock_timestamp() - $1::bigint * interval '1 millisecond') ORDER BY r.id LIMIT $2`, [of.olderThanMs, of.limit]);
    return rows.map(toRefund);
  }

  /**
   * Those at a gateway that are to be asked for now; the next question is put off first, so that two workers do not ask twice. What
   * persons have ended is asked for seldom, and for so many days.
   */
  async claimDue(client: Queryable, of: { readonly gateway: string; readonly everyMs: number; readonly endedEveryMs: number; readonly endedForDays: number; readonly limit: number }): Promise<readonly Refund[]> {
    const { rows } = await client.query<StoredRefund>({
      text: `UPDATE refunds r SET ask_at = CASE WHEN r.state = 'PROCESSING' THEN clock_timestamp() + $2::bigint * interval '1 millisecond'
                 WHEN r.settled_at > clock_timestamp() - $4::integer * interval '1 day' THEN clock_timestamp() + $3::bigint * interval '1 millisecond' END WHERE r.id IN (
         SELECT d.id FROM refunds d JOIN payments p ON p.id = d.payment_id WHERE d.ask_at <= clock_timestamp() AND (d.state = 'PROCESSING' OR d.hand_outcome IS NOT NULL) AND p.gateway = $1
           ORDER BY d.ask_at LIMIT $5 FOR UPDATE OF d SKIP LOCKED) RETURNING ${COLUMNS}`,
      values: [of.gateway, of.everyMs, of.endedEveryMs, of.endedForDays, of.limit],
    });
    return rows.map(toRefund);
  }

  async putOff(client: Queryable, id: string, until: Date | null): Promise<void> {
    await client.query('UPDATE refunds SET ask_at = $2 WHERE id = $1 AND ask_at IS NOT NULL', [id, until]);
  }

  /** What this person says; an earlier word of another kind is gone. */
  async propose(client: Queryable, id: string, of: { readonly outcome: HandOutcome; readonly reference: string | null; readonly by: string }): Promise<void> {
    await client.query('UPDATE refunds SET hand_outcome = $2, hand_reference = $3, hand_by = $4, hand_at = now() WHERE id = $1', [id, of.outcome, of.reference, of.by]);
  }

  /** Persons have ended it: from now on the gateway is asked whether it did so too. */
  async askOn(client: Queryable, id: string, askAt: Date): Promise<void> {
    await client.query('UPDATE refunds SET ask_at = $2 WHERE id = $1', [id, askAt]);
  }

  /** The gateway gave back what persons had ended. */
  async markGatewayDone(client: Queryable, id: string): Promise<void> {
    await client.query('UPDATE refunds SET gateway_done_at = coalesce(gateway_done_at, now()) WHERE id = $1', [id]);
  }

  /** Whether its delivery has not ended: it may be sent yet, whatever persons say. */
  async isBeingCarried(client: Queryable, id: string): Promise<boolean> {
    const { rowCount } = await client.query(`SELECT FROM refunds r JOIN deliveries d ON d.id = r.delivery_id WHERE r.id = $1 AND d.state NOT IN ('accepted', 'rejected')`, [id]);
    return rowCount !== 0;
  }
}
