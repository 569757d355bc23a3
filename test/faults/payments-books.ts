import { setTimeout as pause } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { Database } from '../../src/store/database.js';
import { readLedger } from '../../src/payments/ledger-read-store.js';
import type { LedgerRecord } from '../../src/payments/ledger-check.js';
import type { Books, OurFee, OurPayment } from './payments-history.js';
import { readTillLedger } from './payments-tills.js';
import type { TheirOrder } from './payments-tills.js';

const TRIES = 200;
/** Gateways that answer no question. */
const UNASKED = ['vietqr', 'bidv'];
/** Their transfers are told apart by their own numbers. */
const BANKS: ReadonlySet<string> = new Set(['mb-bank', 'bidv']);

/** A parcel that collects a payment at the door. */
export interface OurParcel {
  readonly number: string;
  readonly state: string;
  readonly collection: string | null;
  readonly isCancelAsked: boolean;
  readonly reference: string;
  readonly paymentState: string;
}

/** Our rows, read and hurried from outside; it waits while PostgreSQL is away. */
export class BookReader {
  readonly database: Database;

  constructor(url: string) {
    this.database = new Database({ url, poolSize: 3, applicationName: 'history-checker' });
  }

  async query<Row extends object>(sql: string, values: unknown[] = []): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.database.query(sql, values)).rows as Row[];
      } catch (error) {
        // Class 22, 23 and 42: the statement is wrong, and stays so.
        if (attempt >= TRIES || /^(22|23|42)/.test(String((error as { code?: unknown }).code))) throw error;
        await pause(200);
      }
    }
  }

  /** Twenty minutes go by for one payment: its time to pay and to settle is over. The time that the wire carries stays. */
  async outwait(reference: string): Promise<void> {
    await this.query(`UPDATE payments SET ask_at = now(), sent_at = sent_at - interval '20 minutes', expires_at = expires_at - interval '20 minutes' WHERE reference = $1 AND state IN ('CREATED', 'AWAITING', 'UNKNOWN')`, [reference]);
  }

  /** The same for everything at once; and what is looked at by the hour is looked at now. */
  async outwaitAll(): Promise<void> {
    await this.query(`UPDATE payments SET sent_at = sent_at - interval '20 minutes', expires_at = expires_at - interval '20 minutes' WHERE state IN ('CREATED', 'AWAITING', 'UNKNOWN') AND expires_at > now() - interval '10 minutes'`);
    await this.query(`UPDATE payments SET ask_at = now() WHERE ask_at > now() + interval '5 seconds'`);
    // Nobody can be asked: a person looks when all time is over.
    await this.query(`UPDATE payments SET ask_at = now(), give_up_at = now() WHERE state = 'UNKNOWN' AND person_reason IS NULL AND gateway = ANY ($1)`, [UNASKED]);
    await this.query(`UPDATE refunds SET sent_at = sent_at - interval '20 minutes' WHERE state IN ('APPROVED', 'PROCESSING') AND sent_at > now() - interval '10 minutes'`);
    await this.query(`UPDATE deliveries SET due_at = now() WHERE operation = 'refund-payment' AND state IN ('due', 'unknown') AND due_at > now() + interval '2 seconds'`);
  }

  /** How often each payment was asked for, so far. */
  async asks(): Promise<ReadonlyMap<string, number>> {
    return new Map((await this.query<{ reference: string; asks: number }>('SELECT reference, asks FROM payments')).map(({ reference, asks }) => [reference, asks]));
  }

  /** What is neither over nor with a person, and what is still watched and was not asked for twice `since`. */
  async pending(since: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const rows = await this.query<{ reference: string; state: string; asks: number; isOpen: boolean }>(
      `SELECT reference, state, asks, state IN ('CREATED', 'AWAITING', 'UNKNOWN') AND person_reason IS NULL AS "isOpen" FROM payments
         WHERE ask_at IS NOT NULL OR (state IN ('CREATED', 'AWAITING', 'UNKNOWN') AND person_reason IS NULL)
       UNION ALL SELECT p.reference, 'refund ' || r.state, 0, true FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.state IN ('APPROVED', 'PROCESSING')`);
    return rows.filter(({ isOpen, reference, asks }) => isOpen || asks < (since.get(reference) ?? 0) + 2).map(({ reference, state }) => `${reference} ${state}`);
  }

  /** Parcels that collect money, with their payments. */
  async parcels(): Promise<readonly OurParcel[]> {
    return this.query<OurParcel>(`SELECT s.order_number AS number, s.state, s.collection, s.cancel_asked_at IS NOT NULL AS "isCancelAsked", p.reference, p.state AS "paymentState" FROM shipments s JOIN payments p ON p.id = s.payment_id ORDER BY s.id`);
  }

  /** The days go by within which the carrier pays out. */
  async outwaitPayouts(gateway: string): Promise<void> {
    await this.query(`UPDATE payments SET give_up_at = now(), ask_at = now() WHERE gateway = $1 AND state = 'AWAITING' AND person_reason IS NULL AND give_up_at IS NOT NULL`, [gateway]);
  }

  /** What waits for its next try is tried now, and what a reader that died was reading is read by another. */
  async hurryPost(party: string): Promise<void> {
    await this.query(`UPDATE deliveries SET due_at = now() WHERE party = $1 AND state IN ('due', 'unknown') AND due_at > now() + interval '3 seconds'`, [party]);
    await this.query(`UPDATE postal_feeds SET due_at = least(due_at, now() + interval '1 second'), lease_until = least(lease_until, now() + interval '3 seconds') WHERE carrier = $1`, [party]);
  }

  async books(ledgers: ReadonlyMap<string, string>, { told, toldParcels, door }: { readonly told: ReadonlySet<string>; readonly toldParcels: ReadonlySet<string>; readonly door: readonly TheirOrder[] }): Promise<Books> {
    const payments = await this.query<Omit<OurPayment, 'amountVnd' | 'paidVnd' | 'refundedVnd' | 'refundDueVnd'> & { amountVnd: string; paidVnd: string; refundedVnd: string; refundDueVnd: string }>(
      `SELECT p.id, p.reference, p.gateway, p.state, p.amount_vnd AS "amountVnd", p.paid_vnd AS "paidVnd", p.refunded_vnd AS "refundedVnd", p.surplus, p.person_reason AS "personReason",
          (SELECT coalesce(sum(l.amount_vnd), 0) FROM ledger l WHERE l.payment_id = p.id AND l.account = 'REFUND_DUE') AS "refundDueVnd",
          ARRAY(SELECT i.fee_item_id::text FROM payment_items i WHERE i.payment_id = p.id) AS fees,
          EXISTS (SELECT FROM payments n WHERE coalesce(n.first_attempt, n.id) = coalesce(p.first_attempt, p.id) AND n.id > p.id) AS "hasSuccessor",
          ARRAY(SELECT r.state FROM refunds r WHERE r.payment_id = p.id) AS refunds FROM payments p ORDER BY p.id`);
    const fees = await this.query<OurFee>('SELECT id, open_payment AS "openPayment", paid_by AS "paidBy" FROM fee_items ORDER BY id');
    const unmatched = await this.query<{ party: string; reference: string | null; number: string }>('SELECT party, reference, bank_reference AS number FROM unmatched_credits WHERE resolved_at IS NULL');
    // Lines of a statement that wait for a person, by the bank's number.
    const open = await this.query<{ number: string }>(`SELECT gateway_transaction AS number FROM reconciliation_differences WHERE kind = 'PAYMENT' AND theirs_vnd > 0 AND resolved_at IS NULL`);
    const brought = (await this.parcels()).filter(({ number }) => toldParcels.has(number)).map(({ reference }) => reference);
    const ledger: LedgerRecord[] = [];
    await readLedger(this.database, (record) => { ledger.push(record); });
    return {
      theirs: [...ledgers].flatMap(([party, file]) => readTillLedger(party, readFileSync(file, 'utf8'))).concat(door),
      payments: payments.map((row) => ({ ...row, amountVnd: Number(row.amountVnd), paidVnd: Number(row.paidVnd), refundedVnd: Number(row.refundedVnd), refundDueVnd: Number(row.refundDueVnd) })),
      fees, ledger, unmatched: unmatched.flatMap(({ reference, number, party }) => (reference === null || BANKS.has(party) ? [number] : [reference, number])).concat(open.map(({ number }) => number)), told: new Set([...told, ...brought]),
    };
  }

  /** What we know of a payment, for a failed run. */
  async historyOf(reference: string): Promise<string> {
    const [row] = await this.query(
      `SELECT p.reference, p.gateway, p.state, p.paid_vnd, p.surplus, p.person_reason, p.asks, p.ask_at, p.created_at, p.expires_at FROM payments p WHERE p.reference = $1`, [reference]);
    const events = await this.query<Record<string, unknown>>(
      `SELECT e.at, e.source, e.from_state, e.to_state, e.applied, e.reason, e.code, e.amount_vnd, e.actor FROM payment_events e JOIN payments p ON p.id = e.payment_id WHERE p.reference = $1 ORDER BY e.id`, [reference]);
    const facts = await this.query<Record<string, unknown>>(
      `SELECT s.order_number, s.state, e.source, e.code, e.at, e.means, e.collection FROM shipment_events e JOIN shipments s ON s.id = e.shipment_id JOIN payments p ON p.id = s.payment_id WHERE p.reference = $1 ORDER BY e.id`, [reference]);
    return [JSON.stringify(row), ...[...events, ...facts].map((event) => `  ${JSON.stringify(event)}`)].join('\n');
  }

  close(): Promise<void> {
    return this.database.pool.end();
  }
}
