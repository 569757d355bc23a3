import type { Queryable } from '../store/database.js';
import type { IssuedReceipt } from './receipt-port.js';
import { statesBefore } from './receipt.js';
import type { Receipt, ReceiptPersonReason, ReceiptState } from './receipt.js';

type NumbersAsText = 'totalVnd' | 'dueVnd' | 'saidVnd';
export type StoredReceipt = Omit<Receipt, NumbersAsText> & Readonly<Record<NumbersAsText, string>>;

export const RECEIPT_COLUMNS = `r.id, r.key, r.payment_id AS "paymentId", r.issuer, r.state, r.adjusts, r.total_vnd AS "totalVnd", r.due_vnd AS "dueVnd", r.said_vnd AS "saidVnd",
  r.person_reason AS "personReason", r.pattern, r.serial, r.number, r.delivery_id AS "deliveryId", r.code, r.text, r.created_at AS "createdAt", r.issued_at AS "issuedAt", r.state_at AS "stateAt"`;

export const toReceipt = <Row extends StoredReceipt>(row: Row): Omit<Row, NumbersAsText> & Receipt =>
  ({ ...row, totalVnd: Number(row.totalVnd), dueVnd: Number(row.dueVnd), saidVnd: Number(row.saidVnd) });

/** The payment that a receipt is for, as far as receipts need it. */
export interface ReceiptSubject {
  readonly paymentId: string;
  readonly reference: string;
  readonly dossierCode: string;
}

export interface NewDelivery {
  readonly party: string;
  readonly operation: string;
  readonly receiptId: string;
  readonly maxAgeMs: number;
  readonly correlationId: string;
}

/** One legal move, with what the issuer said. */
export interface ReceiptMove {
  readonly to: ReceiptState;
  readonly code: string | null;
  readonly text: string | null;
  readonly personReason: ReceiptPersonReason | null;
}

const laneOf = ({ reference }: ReceiptSubject): string => `receipt/${reference}`;

/** Statements on receipts. Lock order: the payment's row, then the receipt's. */
export class ReceiptStore {
  /** Null where there is one already. */
  async insert(client: Queryable, fresh: { readonly key: string; readonly paymentId: string; readonly issuer: string; readonly totalVnd: number; readonly adjusts: string | null }): Promise<string | null> {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO receipts (key, payment_id, issuer, total_vnd, due_vnd, said_vnd, adjusts) VALUES ($1, $2, $3, $4, $4, $4, $5) ON CONFLICT DO NOTHING RETURNING id`,
      [fresh.key, fresh.paymentId, fresh.issuer, fresh.totalVnd, fresh.adjusts]);
    return rows[0]?.id ?? null;
  }

  /** The first receipt of a payment, or that after a cancelled one, and its delivery, in one round trip. Nothing where one is owed already. */
  async owe(client: Queryable, subject: ReceiptSubject, of: Omit<NewDelivery, 'receiptId'> & { readonly totalVnd: number }): Promise<void> {
    await client.query({
      name: 'receipt-owe', text: 'SELECT owe_receipt($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      values: [subject.paymentId, subject.reference, of.party, of.totalVnd, of.operation, laneOf(subject), subject.dossierCode, of.maxAgeMs, of.correlationId],
    });
  }

  /** In the payment's lane: what is owed first is sent first. */
  async enqueue(client: Queryable, subject: ReceiptSubject, { party, operation, receiptId, maxAgeMs, correlationId }: NewDelivery): Promise<void> {
    await client.query('UPDATE receipts SET delivery_id = enqueue_delivery($2, $3, $4, $1, $5, $6, $7, NULL) WHERE id = $1',
      [receiptId, party, operation, laneOf(subject), subject.dossierCode, maxAgeMs, correlationId]);
  }

  async countOf(client: Queryable, paymentId: string): Promise<number> {
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM receipts WHERE payment_id = $1', [paymentId]);
    return rows[0]?.count ?? 0;
  }

  async byIds(client: Queryable, ids: readonly string[]): Promise<readonly Receipt[]> {
    const { rows } = await client.query<StoredReceipt>(`SELECT ${RECEIPT_COLUMNS} FROM receipts r WHERE r.id = ANY ($1)`, [ids]);
    return rows.map(toReceipt);
  }

  async lock(client: Queryable, id: string): Promise<Receipt | null> {
    const { rows } = await client.query<StoredReceipt>(`SELECT ${RECEIPT_COLUMNS} FROM receipts r WHERE r.id = $1 FOR UPDATE`, [id]);
    return rows[0] === undefined ? null : toReceipt(rows[0]);
  }

  /** The payment stays as it is meanwhile: money moves under a lock that this one excludes. */
  async lockSubject(client: Queryable, paymentId: string): Promise<ReceiptSubject> {
    const { rows } = await client.query<ReceiptSubject>('SELECT id AS "paymentId", reference, dossier_code AS "dossierCode" FROM payments WHERE id = $1 FOR SHARE', [paymentId]);
    if (rows[0] === undefined) throw new RangeError('A receipt without its payment');
    return rows[0];
  }

  /** False: it is not in a state from which that is legal. */
  async move(client: Queryable, id: string, { to, code, text, personReason }: ReceiptMove): Promise<boolean> {
    const { rowCount } = await client.query(
      `UPDATE receipts SET state = $2, state_at = clock_timestamp(), code = $3, text = $4, person_reason = $5,
         issued_at = CASE WHEN $2 = 'ISSUED' THEN coalesce(issued_at, clock_timestamp()) ELSE issued_at END WHERE id = $1 AND state = ANY ($6)`,
      [id, to, code, text, personReason, statesBefore(to)]);
    return (rowCount ?? 0) === 1;
  }

  /** What the issuer said it issued; a later answer that knows less takes nothing away. */
  async keepIssued(client: Queryable, id: string, { pattern, serial, number }: IssuedReceipt): Promise<void> {
    await client.query('UPDATE receipts SET pattern = $2, serial = $3, number = coalesce($4, number) WHERE id = $1', [id, pattern, serial, number]);
  }

  /** What the receipts say, or are about to say, is what is due; or a person must see to it. */
  async setSaid(client: Queryable, id: string, personReason: ReceiptPersonReason | null): Promise<void> {
    await client.query('UPDATE receipts SET said_vnd = due_vnd, person_reason = $2 WHERE id = $1', [id, personReason]);
  }

  async setPerson(client: Queryable, id: string, personReason: ReceiptPersonReason | null): Promise<void> {
    await client.query('UPDATE receipts SET person_reason = $2 WHERE id = $1', [id, personReason]);
  }

  async isAdjusted(client: Queryable, id: string): Promise<boolean> {
    return ((await client.query('SELECT 1 FROM receipts WHERE adjusts = $1 LIMIT 1', [id])).rowCount ?? 0) > 0;
  }

  /** Receipts that say something else than what is due; the condition is that of their index. */
  async toCorrect(client: Queryable, limit: number): Promise<readonly { readonly id: string; readonly paymentId: string }[]> {
    const { rows } = await client.query<{ id: string; paymentId: string }>(
      `SELECT id, payment_id AS "paymentId" FROM receipts WHERE adjusts IS NULL AND state = 'ISSUED' AND due_vnd <> said_vnd AND person_reason IS NULL ORDER BY id LIMIT $1`, [limit]);
    return rows;
  }

  /** Into the portal's feed. */
  async tell(client: Queryable, subject: ReceiptSubject, event: { readonly type: string; readonly reason: string | null }): Promise<void> {
    await client.query(`INSERT INTO events (type, dossier_code, payment_reference, operation, reason) VALUES ($1, $2, $3, 'receipt', $4)`,
      [event.type, subject.dossierCode, subject.reference, event.reason]);
  }
}
