import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LedgerRecord } from '../../../src/payments/ledger-check-records.js';
import { readLedger } from '../../../src/payments/ledger-read-store.js';
import { checkLedgerNow } from '../../../src/payments/reconciliation-work.js';
import { AMOUNT_VND, PaymentDesk } from '../../support/payment-desk.js';

let desk: PaymentDesk;

const read = async (meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<LedgerRecord[]> => {
  const records: LedgerRecord[] = [];
  await readLedger(desk.database, async (record) => {
    if (records.length === 0) await meanwhile();
    records.push(record);
  });
  return records;
};
const entriesOf = (records: readonly LedgerRecord[]) => records.flatMap((record) => ('entry' in record ? [record.entry] : []));
const paymentsOf = (records: readonly LedgerRecord[]) => records.flatMap((record) => ('payment' in record ? [record.payment] : []));
/** So many payments like this one, each with its money. */
const multiply = async (reference: string, count: number): Promise<void> => {
  const { rows } = await desk.database.query<{ name: string }>(`SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'payments' AND is_identity = 'NO' AND is_generated = 'NEVER' AND column_name <> 'reference'`);
  const names = rows.map(({ name }) => name).join(', ');
  await desk.database.query(`WITH made AS (INSERT INTO payments (reference, ${names}) SELECT 'OG' || lpad(n::text, 13, '0'), ${names} FROM payments, generate_series(1, $2::integer) n WHERE reference = $1 RETURNING id)
    SELECT post_ledger('PAID', 'CITIZEN', 'TRANSIT/bank', $3, id, NULL) FROM made`, [reference, count, AMOUNT_VND]);
};

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());

describe('the ledger that is read', () => {
  it('is nothing where there is nothing', async () => {
    expect(await read()).toEqual([]);
  });

  it('is all entries in their order, then all payments with what is theirs', async () => {
    const [paid, open] = [await desk.given('PAID', 'surplus = true'), await desk.given('AWAITING')];
    const [one, two] = [await desk.payment(paid), await desk.payment(open)];
    const { rows: refunds } = await desk.database.query<{ id: string }>(`INSERT INTO refunds (request_id, payment_id, amount_vnd, reason, state, requested_by, approved_by, approved_at)
      SELECT 'RF000000000000' || n, $1, n * 100, 'r', CASE n WHEN 1 THEN 'REFUSED' ELSE 'PROCESSING' END, 'an', 'binh', now() FROM generate_series(1, 2) n ORDER BY n RETURNING id`, [one?.id]);
    await desk.database.query(`SELECT post_ledger('REFUND_DECIDED', 'TRANSIT/bank', 'REFUND_DUE', 200, $1, $2)`, [one?.id, refunds[1]?.id]);
    const records = await read();
    const entry = (kind: string, account: string, amountVnd: number, refundId: string | null = null) => ({ id: expect.any(String), transactionId: expect.any(String), kind, account, amountVnd, paymentId: one?.id, refundId });
    const entries = [entry('PAID', 'CITIZEN', -AMOUNT_VND), entry('PAID', 'TRANSIT/bank', AMOUNT_VND), entry('REFUND_DECIDED', 'TRANSIT/bank', -200, refunds[1]?.id), entry('REFUND_DECIDED', 'REFUND_DUE', 200, refunds[1]?.id)];
    expect(records.map((record) => Object.keys(record)[0])).toEqual(['entry', 'entry', 'entry', 'entry', 'payment', 'payment']);
    expect(entriesOf(records)).toEqual(entries);
    expect(paymentsOf(records)).toEqual([
      { id: one?.id, reference: paid, gateway: 'bank', accountId: one?.accountId, state: 'PAID', amountVnd: AMOUNT_VND, paidVnd: AMOUNT_VND, refundedVnd: 0, surplus: true, entries,
        refunds: [{ id: refunds[0]?.id, amountVnd: 100, state: 'REFUSED' }, { id: refunds[1]?.id, amountVnd: 200, state: 'PROCESSING' }] },
      { id: two?.id, reference: open, gateway: 'bank', accountId: two?.accountId, state: 'AWAITING', amountVnd: AMOUNT_VND, paidVnd: 0, refundedVnd: 0, surplus: false, entries: [], refunds: [] },
    ]);
  });

  it('is whole and in order where it is longer than any page, each thing once', async () => {
    await multiply(await desk.given('PAID'), 2_100);
    const records = await read();
    const [entries, payments] = [entriesOf(records), paymentsOf(records)];
    const { rows: [count] } = await desk.database.query<{ entries: number; payments: number }>('SELECT (SELECT count(*) FROM ledger)::integer AS entries, (SELECT count(*) FROM payments)::integer AS payments');
    expect([entries.length, payments.length]).toEqual([count?.entries, count?.payments]);
    for (const rows of [entries, payments]) expect(rows.every(({ id }, index) => index === 0 || Number(id) > Number(rows[index - 1]?.id))).toBe(true);
    expect(payments.flatMap((payment) => payment.entries).length).toBe(entries.length);
    expect(await checkLedgerNow(desk.database)).toMatchObject({ entries: count?.entries, payments: count?.payments });
  });

  it('is that of one instant: what is booked meanwhile is in the next', async () => {
    const before = await read();
    const during = await read(() => desk.given('PAID'));
    expect([entriesOf(during).length, paymentsOf(during).length]).toEqual([entriesOf(before).length, paymentsOf(before).length]);
    expect([entriesOf(await read()).length, paymentsOf(await read()).length]).toEqual([entriesOf(before).length + 2, paymentsOf(before).length + 1]);
  });
});
