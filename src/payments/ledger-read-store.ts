import type pg from 'pg';
import type { Database } from '../store/database.js';
import type { CheckedPayment, LedgerEntry, LedgerRecord } from './ledger-check-records.js';

/** Pages are read by key, so that neither memory nor any statement grows with the ledger. */
const PAGE = 1_000;

type NumbersAsText<Row, Keys extends keyof Row> = Omit<Row, Keys> & { readonly [Key in Keys]: string };
type StoredEntry = NumbersAsText<LedgerEntry, 'amountVnd'>;
type StoredPayment = NumbersAsText<Omit<CheckedPayment, 'entries' | 'refunds'>, 'amountVnd' | 'paidVnd' | 'refundedVnd'>;

const ENTRY_COLUMNS = `l.id, l.transaction_id AS "transactionId", l.kind, l.account, l.amount_vnd AS "amountVnd", l.payment_id AS "paymentId", l.refund_id AS "refundId"`;

const toEntry = (row: StoredEntry): LedgerEntry => ({ ...row, amountVnd: Number(row.amountVnd) });

/** Hands every entry and then every payment to `take`, all as they were at one instant. */
export const readLedger = (database: Database, take: (record: LedgerRecord) => void | Promise<void>): Promise<void> =>
  database.transaction(async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    for (let after = '0'; ;) {
      const { rows } = await client.query<StoredEntry>(`SELECT ${ENTRY_COLUMNS} FROM ledger l WHERE l.id > $1 ORDER BY l.id LIMIT ${String(PAGE)}`, [after]);
      for (const row of rows) await take({ entry: toEntry(row) });
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
    for (let after = '0'; ;) {
      const payments = await readPayments(client, after);
      for (const payment of payments) await take({ payment });
      const last = payments.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
  });

const readPayments = async (client: pg.PoolClient, after: string): Promise<readonly CheckedPayment[]> => {
  const { rows } = await client.query<StoredPayment>(
    `SELECT p.id, p.reference, p.gateway, p.account_id AS "accountId", p.state, p.amount_vnd AS "amountVnd", p.paid_vnd AS "paidVnd", p.refunded_vnd AS "refundedVnd", p.surplus
       FROM payments p WHERE p.id > $1 ORDER BY p.id LIMIT ${String(PAGE)}`, [after]);
  const ids = rows.map(({ id }) => id);
  const { rows: entries } = await client.query<StoredEntry>(`SELECT ${ENTRY_COLUMNS} FROM ledger l WHERE l.payment_id = ANY ($1) ORDER BY l.payment_id, l.id`, [ids]);
  const { rows: refunds } = await client.query<{ paymentId: string; id: string; amountVnd: string; state: string }>(
    'SELECT payment_id AS "paymentId", id, amount_vnd AS "amountVnd", state FROM refunds WHERE payment_id = ANY ($1) ORDER BY id', [ids]);
  const entriesOf = byPayment(entries);
  const refundsOf = byPayment(refunds);
  return rows.map((row) => ({
    ...row, amountVnd: Number(row.amountVnd), paidVnd: Number(row.paidVnd), refundedVnd: Number(row.refundedVnd),
    refunds: (refundsOf.get(row.id) ?? []).map(({ id, amountVnd, state }) => ({ id, amountVnd: Number(amountVnd), state })),
    entries: (entriesOf.get(row.id) ?? []).map(toEntry),
  }));
};

const byPayment = <Row extends { readonly paymentId: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.paymentId);
    if (group === undefined) groups.set(row.paymentId, [row]);
    else group.push(row);
  }
  return groups;
};
