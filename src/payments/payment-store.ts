import type { Queryable } from '../store/database.js';
import type { Posting } from './ledger.js';
import type { MoveDecision } from './payment-decision.js';
import type { PaymentSource, PaymentState } from './payment.js';
import { PAYMENT_COLUMNS, toPayment } from './payment-rows.js';
import type { HeldItem, NewPaymentEvent, PaymentRow, StoredPayment } from './payment-rows.js';

/** What a move or a word leaves on the payment's row. */
export interface PaymentChange {
  readonly state: PaymentState;
  readonly surplus: boolean;
  readonly personReason: string | null;
  readonly paidVnd: number;
  readonly refundedVnd: number;
  readonly gatewayTransaction: string | null;
  readonly paidAt: Date | null;
  readonly askAt: Date | null;
}

export interface OpenedFields {
  readonly linkSealed: string | null;
  readonly qrSealed: string | null;
  readonly gatewayTransaction: string | null;
  readonly gatewayData: Readonly<Record<string, string>>;
}

export interface LockedPayment {
  readonly payment: PaymentRow;
  readonly items: readonly HeldItem[];
  /** Balances in the ledger, largest first. */
  readonly holdings: ReadonlyMap<string, number>;
}

export interface FeedEvent {
  readonly type: string;
  readonly reason: string | null;
}

export interface PaymentWrite {
  readonly change: PaymentChange;
  readonly items: MoveDecision['items'];
  readonly postings: readonly Posting[];
  readonly refundId: string | null;
  /** Null where nothing is history. */
  readonly event: NewPaymentEvent | null;
  readonly tells: readonly FeedEvent[];
}

/** Nothing but these: a whole row would carry what people are sealed in. */
const changeOf = ({ state, surplus, personReason, paidVnd, refundedVnd, gatewayTransaction, paidAt, askAt }: PaymentChange): PaymentChange =>
  ({ state, surplus, personReason, paidVnd, refundedVnd, gatewayTransaction, paidAt, askAt });

/** Statements on payments and what hangs on them. Lock order everywhere: the payment's row, then its fee items by id. */
export class PaymentStore {
  async lock(client: Queryable, reference: string): Promise<PaymentRow | null> {
    const { rows } = await client.query<StoredPayment>({ name: 'payment-lock', text: `SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.reference = $1 FOR UPDATE`, values: [reference] });
    return rows[0] === undefined ? null : toPayment(rows[0]);
  }

  async lockById(client: Queryable, id: string): Promise<PaymentRow | null> {
    const { rows } = await client.query<StoredPayment>(`SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.id = $1 FOR UPDATE`, [id]);
    return rows[0] === undefined ? null : toPayment(rows[0]);
  }

  async find(client: Queryable, reference: string): Promise<PaymentRow | null> {
    const { rows } = await client.query<StoredPayment>({ name: 'payment-find', text: `SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.reference = $1`, values: [reference] });
    return rows[0] === undefined ? null : toPayment(rows[0]);
  }

  /** From then on nobody waits any more, and a person finds out. */
  async setGiveUp(client: Queryable, id: string, at: Date): Promise<void> {
    await client.query('UPDATE payments SET give_up_at = $2 WHERE id = $1', [id, at]);
  }

  async findById(client: Queryable, id: string): Promise<PaymentRow | null> {
    const { rows } = await client.query<StoredPayment>(`SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.id = $1`, [id]);
    return rows[0] === undefined ? null : toPayment(rows[0]);
  }

  /** The newest of the payments that one call opened, one gateway after the other. */
  async newestOfCall(client: Queryable, firstReference: string): Promise<PaymentRow | null> {
    const { rows } = await client.query<StoredPayment>({
      name: 'payment-newest-of-call',
      text: `SELECT ${PAYMENT_COLUMNS} FROM payments p WHERE p.reference = $1 OR p.first_attempt = (SELECT id FROM payments WHERE reference = $1) ORDER BY p.id DESC LIMIT 1`,
      values: [firstReference],
    });
    return rows[0] === undefined ? null : toPayment(rows[0]);
  }

  /** First payment of the call that opened this one. */
  async firstAttemptOf(client: Queryable, id: string): Promise<string> {
    const { rows } = await client.query<{ first: string }>('SELECT coalesce(first_attempt, id) AS first FROM payments WHERE id = $1', [id]);
    return rows[0]?.first ?? id;
  }

  async lockItems(client: Queryable, paymentId: string): Promise<readonly HeldItem[]> {
    const { rows } = await client.query<Omit<HeldItem, 'amountVnd' | 'openedVnd'> & { amountVnd: string; openedVnd: string }>({
      name: 'payment-lock-items',
      text: `SELECT f.id, f.amount_vnd AS "amountVnd", i.amount_vnd AS "openedVnd", f.open_payment AS "openPayment", f.paid_by AS "paidBy", f.dropped_at IS NOT NULL AS dropped
         FROM payment_items i JOIN fee_items f ON f.id = i.fee_item_id WHERE i.payment_id = $1 ORDER BY f.id FOR UPDATE OF f`,
      values: [paymentId],
    });
    return rows.map((row) => ({ ...row, amountVnd: Number(row.amountVnd), openedVnd: Number(row.openedVnd) }));
  }

  /** The payment and its fee items, locked in that order, with what it holds in the ledger, in one round trip. */
  async lockWhole(client: Queryable, reference: string): Promise<LockedPayment | null> {
    const { rows: [row] } = await client.query<StoredPayment & { items: readonly HeldItem[]; holdings: readonly (readonly [string, number])[] }>({
      name: 'payment-lock-whole', text: `SELECT ${PAYMENT_COLUMNS}, l.items, l.holdings FROM lock_payment($1) AS l CROSS JOIN LATERAL (SELECT (l.payment).*) AS p`, values: [reference],
    });
    if (row === undefined) return null;
    const { items, holdings, ...stored } = row;
    return { payment: toPayment(stored), items, holdings: new Map(holdings) };
  }

  /** What became of a payment that is locked, its fee items too where they change: row, items, ledger, history and feed, in one round trip. */
  async write(client: Queryable, id: string, of: PaymentWrite): Promise<void> {
    await client.query({
      name: 'payment-write', text: 'SELECT write_payment($1, $2, $3, $4, $5, $6, $7)',
      values: [id, JSON.stringify(changeOf(of.change)), of.items === 'kept' ? null : of.items, JSON.stringify(of.postings), of.refundId, of.event === null ? null : JSON.stringify(of.event), JSON.stringify(of.tells)],
    });
  }

  /** The watcher asks at its next turn. */
  async askNow(client: Queryable, id: string): Promise<void> {
    await client.query('UPDATE payments SET ask_at = clock_timestamp() WHERE id = $1', [id]);
  }

  async setOpened(client: Queryable, id: string, opened: OpenedFields): Promise<void> {
    await client.query({
      name: 'payment-opened',
      text: `UPDATE payments SET pay_url = $2, qr_sealed = $3, gateway_transaction = coalesce(gateway_transaction, $4), gateway_data = $5 WHERE id = $1`,
      values: [id, opened.linkSealed, opened.qrSealed, opened.gatewayTransaction, JSON.stringify(opened.gatewayData)],
    });
  }

  async addEvent(client: Queryable, paymentId: string, event: NewPaymentEvent): Promise<void> {
    await client.query({
      name: 'payment-event',
      text: `INSERT INTO payment_events (payment_id, source, from_state, to_state, applied, reason, code, amount_vnd, gateway_transaction, gateway_at, actor, callback_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      values: [paymentId, event.source, event.fromState, event.toState, event.applied, event.reason, event.code, event.amountVnd, event.gatewayTransaction, event.gatewayAt, event.actor, event.callbackId],
    });
  }

  /** Into the portal's feed. */
  async tell(client: Queryable, payment: Pick<PaymentRow, 'dossierCode' | 'reference'>, event: FeedEvent): Promise<void> {
    await client.query({
      name: 'payment-tell',
      text: `INSERT INTO events (type, dossier_code, payment_reference, operation, reason) VALUES ($1, $2, $3, 'payment', $4)`,
      values: [event.type, payment.dossierCode, payment.reference, event.reason],
    });
  }

  /** What was said, redacted, as evidence. */
  async recordExchanges(client: Queryable, reference: string, of: { readonly source: PaymentSource; readonly party: string; readonly exchanges: readonly unknown[] }): Promise<void> {
    if (of.exchanges.length === 0) return;
    const exchanges = of.exchanges.map((exchange) => ({ source: of.source, ...(exchange as object) }));
    await client.query('SELECT record_payment_exchanges($1, $2, $3)', [reference, `party/${of.party}`, JSON.stringify(exchanges)]);
  }
}
