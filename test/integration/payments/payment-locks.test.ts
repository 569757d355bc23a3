import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PaymentDesk, bank, refundPort } from '../../support/payment-desk.js';
import { eventually } from '../../support/eventually.js';
import { lockWaiters } from '../../support/postgres.js';

let desk: PaymentDesk;

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());

const services = () => desk.module([bank({ refunds: refundPort() })]).services;
/** Runs an act while another holds what `sql` locks of the payment, whose reference is `$1`. Gives what came of it, and whether it had to wait; `meanwhile` happens while it does. */
const whileHeld = async (reference: string, sql: string, act: () => Promise<{ readonly kind: string }>, meanwhile = ''): Promise<readonly [kind: string, waited: boolean]> => {
  let ended: string | null = null;
  let waited = false;
  let acting: Promise<unknown> = Promise.resolve();
  await desk.database.transaction(async (client) => {
    await client.query(sql, [reference]);
    acting = act().then(({ kind }) => { ended = kind; });
    await eventually('the act to end, or to wait', async () => ended !== null || (waited = await lockWaiters(desk.database) > 0));
    if (meanwhile !== '') await client.query(meanwhile, [reference]);
  });
  await acting;
  return [ended ?? '', waited];
};
const THE_PAYMENT = 'SELECT FROM payments WHERE reference = $1 FOR UPDATE';
const ITS_FEES = 'SELECT FROM fee_items WHERE dossier_code = $1 FOR UPDATE';
const ITS_CREDIT = 'SELECT FROM unmatched_credits WHERE bank_reference = $1 FOR UPDATE';

describe('an act on a payment', () => {
  it('waits for who holds it', async () => {
    const reference = await desk.given('UNKNOWN');
    expect(await whileHeld(reference, THE_PAYMENT, () => services().settlements.askNow(desk.call(), reference))).toEqual(['done', true]);
  });

  it('that frees its fees waits for who holds them, and one that leaves them does not', async () => {
    const [cancelled, paid] = [await desk.given('AWAITING'), await desk.given('PAID')];
    expect(await whileHeld(cancelled, ITS_FEES, () => services().settlements.cancel(desk.call(), cancelled))).toEqual(['done', true]);
    expect(await whileHeld(paid, ITS_FEES, () => services().refunds.request(desk.call(), paid, 10_000))).toEqual(['done', false]);
  });

  it('that brings money to it waits for who decides of the money', async () => {
    const reference = await desk.given('AWAITING');
    const { rows: [credit] } = await desk.database.query<{ id: string }>(`INSERT INTO unmatched_credits (party, bank_reference, amount_vnd, key_id, reason, at) VALUES ('bank', $1, 50000, 'k1', 'no-reference', now()) RETURNING id`, [reference]);
    expect(await whileHeld(reference, ITS_CREDIT, () => services().credits.match(desk.call(), credit?.id ?? '', reference))).toEqual(['done', true]);
  });

  it('is one of its own: others wait for nothing', async () => {
    const [held, free] = [await desk.given('AWAITING'), await desk.given('AWAITING')];
    expect(await whileHeld(held, THE_PAYMENT, () => services().settlements.cancel(desk.call(), free))).toEqual(['done', false]);
  });
});

describe('a refund that does not end', () => {
  const OF_IT = 'payment_id = (SELECT id FROM payments WHERE reference = $1)';
  const tellStuck = async (reference: string, meanwhile: string): Promise<boolean> => {
    await services().refunds.request(desk.call(), reference, 10_000);
    await desk.rows(reference, `UPDATE refunds SET state = 'PROCESSING', approved_at = now() - interval '4 days' WHERE ${OF_IT}`);
    const [, waited] = await whileHeld(reference, THE_PAYMENT, async () => ({ kind: String(await desk.module([bank({ refunds: refundPort() })]).createWatcher().turn()) }), meanwhile);
    return waited;
  };

  it.each([['the payment was settled', `UPDATE payments SET state = 'PAID' WHERE reference = $1`], ['the refund ended, and another is under way', `UPDATE refunds SET state = 'DONE' WHERE ${OF_IT}`]])('is nobody\'s where %s while we waited to tell', async (_what, meanwhile) => {
    const reference = await desk.given('PAID');
    expect(await tellStuck(reference, meanwhile)).toBe(true);
    expect([(await desk.payment(reference))?.personReason, (await desk.history(reference)).length]).toEqual([null, 1]);
  });

  it('is a person\'s where nothing changed while we waited to tell', async () => {
    const reference = await desk.given('PAID');
    expect(await tellStuck(reference, '')).toBe(true);
    expect((await desk.payment(reference))?.personReason).toBe('refund-stuck');
  });
});
