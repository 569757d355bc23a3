import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { vietnamDay } from '../../../src/agencies/agency.js';
import { dayAfter, vietnamMidnight } from '../../../src/payments/reconciliation-day.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const HANGING = 'vnpay';
const OTHER = 'vnpt-pay';
let stage: PaymentStage;

beforeAll(async () => {
  stage = await startPaymentStage({ PAYMENT_GATEWAYS: `${HANGING},${OTHER}`, VNPAY_DEADLINE_MS: '60000', VNPAY_REFUND_DEADLINE_MS: '700', REFUND_FOUR_EYES_ABOVE_VND: '1000', RECONCILE_AT: 'off', PAYMENT_ASK_CONCURRENCY: '1', VNPT_PAY_ASK_AFTER_MS: '3600000', VNPT_PAY_ASK_EVERY_MS: '1000' }, { worker: true });
  await insertAccount(stage.database, '000.12.34.H42', { gateways: [HANGING, OTHER] });
});
afterAll(() => stage.gateway.close());

/** A payment of which nobody asks before the test has it asked for. */
const opened = (gateway: string, number: number): Promise<{ readonly code: string; readonly reference: string }> => stage.unasked(number, async (each) => {
  const code = await stage.dossier(each);
  await stage.declare(code, [['LP1', 50_000]]);
  return { code, reference: String(paymentOf(await stage.open(code, { gateway }))['reference']) };
});
const openedAt = async (gateway: string, number: number): Promise<string> => (await opened(gateway, number)).reference;
const askedNow = (reference: string, set: string): Promise<unknown> => stage.database.query(`UPDATE payments SET ask_at = now(), asks = 0 ${set} WHERE reference = $1`, [reference]);
const historyOf = (payment: Found): readonly unknown[] => (payment['history'] as Found[]).map(({ reason }) => reason);
const personOf = async (reference: string): Promise<unknown> => ((await stage.read(reference))['person'] as Found | null)?.['code'];

const requestsAfter = async (seq: number): Promise<readonly { readonly seq: number; readonly operation: string; readonly key: string }[]> =>
  await stage.control(`requests?after=${String(seq)}&limit=2000`) as unknown as { seq: number; operation: string; key: string }[];

describe('a payment that its process left behind', () => {
  it('fails where opening sends nothing, and frees its fees', async () => {
    const { code, reference } = await opened(HANGING, 403);
    await askedNow(reference, `, state = 'CREATED', sent_at = now() - interval '5 minutes'`);
    expect(await stage.until(reference, 'FAILED')).toMatchObject({ person: null, paidVnd: 0 });
    expect(paymentOf(await stage.open(code, { gateway: HANGING }))).toMatchObject({ state: 'AWAITING' });
  });

  it('may be known to a gateway that was called, and is asked for', async () => {
    const reference = await openedAt(OTHER, 404);
    await askedNow(reference, `, state = 'CREATED', sent_at = now() - interval '5 minutes'`);
    await eventually('the question', async () => historyOf(await stage.read(reference)).includes('left-behind'), { timeoutMs: 15_000 });
    expect((await stage.read(reference))['state']).not.toBe('FAILED');
  });
});

describe('a payment whose gateway is configured no more', () => {
  it('keeps its fees, and is a person\'s when its time is over', async () => {
    const reference = await openedAt(OTHER, 405);
    await askedNow(reference, `, gateway = 'gone', expires_at = now() - interval '2 days', give_up_at = now()`);
    await eventually('a person to be told', async () => await personOf(reference) === 'unknown', { timeoutMs: 15_000 });
    expect(await stage.read(reference)).toMatchObject({ state: 'AWAITING' });
    const { rows } = await stage.database.query('SELECT ask_at FROM payments WHERE reference = $1', [reference]);
    expect(rows).toEqual([{ ask_at: null }]);
  });
});

describe('questions about open payments', () => {
  it('that come too often for one payment put off that one only', async () => {
    const [limited, paid] = [await openedAt(HANGING, 406), await openedAt(HANGING, 407)];
    await stage.control('misbehave', { kind: 'limited', operation: 'querydr', key: limited, times: 100 });
    await askedNow(limited, '');
    const isPutOff = async (): Promise<boolean> => (await stage.database.query('SELECT FROM payments WHERE reference = $1 AND asks > 0 AND ask_at > now()', [limited])).rowCount === 1;
    await eventually('the question that is refused', async () => await isPutOff() && stage.gateway.logLines.join().includes('asked-too-often'), { timeoutMs: 15_000 });
    await stage.control('misbehave-notices', { kind: 'lost', key: paid });
    const { payUrl } = await stage.read(paid);
    await stage.press(paid, String(payUrl));
    await askedNow(paid, '');
    expect(await stage.until(paid, 'PAID')).toMatchObject({ paidVnd: 50_000 });
    expect(await stage.read(limited)).toMatchObject({ state: 'AWAITING' });
  });

  it('that come too often for one payment put off that one only while a day is compared', async () => {
    const [limited, other] = [await openedAt(HANGING, 408), await openedAt(HANGING, 409)];
    for (const reference of [limited, other]) {
      await stage.press(reference, String((await stage.read(reference))['payUrl']));
      await stage.until(reference, 'PAID');
    }
    const day = dayAfter(vietnamDay(new Date()), -20);
    await stage.database.query(`UPDATE payments SET sent_at = $2, paid_at = $2, expires_at = $2, ask_at = NULL WHERE reference = ANY ($1)`, [[limited, other], new Date(vietnamMidnight(day).getTime() + 43_200_000)]);
    await stage.control('misbehave', { kind: 'limited', operation: 'querydr', key: limited, times: 2 });
    const before = (await requestsAfter(0)).at(-1)?.seq ?? 0;
    const started = await stage.as('operator', `mutation ($key: IdempotencyKey!, $day: LocalDate!) { startReconciliation(idempotencyKey: $key, gateway: "vnpay", day: $day, reason: "kiểm thử") { ... on ReconciliationStarted { run { id } } } }`, { key: randomUUID(), day });
    await eventually('the run to end', async () => {
      const run = await stage.as('auditor', 'query ($id: ID!) { reconciliationRun(id: $id) { state oursCount matched differenceCount } }', { id: (started['run'] as Found)['id'] });
      return JSON.stringify(run) === JSON.stringify({ state: 'DONE', oursCount: 2, matched: 2, differenceCount: 0 });
    }, { timeoutMs: 30_000 });
    const asked = (await requestsAfter(before)).filter(({ key, operation }) => operation === 'querydr' && [limited, other].includes(key));
    expect(asked.map(({ key }) => (key === limited ? 'limited' : 'other'))).toEqual(['limited', 'other', 'limited', 'limited']);
  });

  it('that come too often for one refund put off that one only', async () => {
    const [limited, other] = [await openedAt(HANGING, 410), await openedAt(HANGING, 411)];
    await stage.control('misbehave', { kind: 'hang', operation: 'refund', times: 2 });
    await stage.control('misbehave', { kind: 'limited', operation: 'querydr', key: limited, times: 1_000 });
    for (const reference of [limited, other]) {
      await stage.press(reference, String((await stage.read(reference))['payUrl']));
      await stage.until(reference, 'PAID');
      await stage.act('operator', 'requestRefund', `reference: "${reference}", amountVnd: 1000`);
    }
    const isAsked = async (reference: string): Promise<boolean> => (await stage.database.query(`SELECT FROM deliveries d JOIN refunds r ON r.delivery_id = d.id JOIN payments p ON p.id = r.payment_id
      WHERE p.reference = $1 AND d.reason = 'asked-too-often'`, [reference])).rowCount === 1;
    await eventually('the question that is refused', () => isAsked(limited), { timeoutMs: 20_000 });
    await eventually('the bank', async () => (await fetch(`${stage.vnpayUrl}/control/settle-refund`, { method: 'POST', body: JSON.stringify({ reference: other, status: '00' }), headers: { 'content-type': 'application/json' } })).ok, { timeoutMs: 15_000 });
    await eventually('the other refund', async () => (await stage.read(other))['refundedVnd'] === 1_000, { timeoutMs: 20_000 });
    const { rows } = await stage.database.query(`SELECT FROM parties WHERE party = 'vnpay' AND hold_until IS NOT NULL`);
    expect(rows).toEqual([]);
  });

  it('go to one gateway while another hangs', async () => {
    const stuck = await openedAt(HANGING, 400);
    const paid = await openedAt(OTHER, 401);
    const before = (await requestsAfter(0)).at(-1)?.seq ?? 0;
    await stage.control('misbehave', { kind: 'hang', operation: 'querydr', times: 100 });
    await askedNow(stuck, '');
    // One question at a time: whichever payment of the gateway is asked about next, nothing more is heard from there.
    await eventually('the question that hangs', async () => (await requestsAfter(before)).some(({ operation }) => operation === 'querydr'), { timeoutMs: 15_000 });
    // No notice is sent: nothing but a question finds the money.
    await fetch(`${new URL(stage.gateway.environment['VNPT_PAY_URL'] ?? '').origin}/pay`, { method: 'POST', body: new URLSearchParams({ ref: paid, action: 'pay' }) });
    await askedNow(paid, '');
    expect(await stage.until(paid, 'PAID')).toMatchObject({ paidVnd: 50_000 });
    expect(await stage.read(stuck)).toMatchObject({ state: 'AWAITING' });
  });

  it('that cannot even be asked end with a person', async () => {
    const reference = await openedAt(OTHER, 402);
    await askedNow(reference, `, state = 'UNKNOWN', content = 'of another key', give_up_at = now()`);
    await eventually('a person to be told', async () => await personOf(reference) === 'unknown', { timeoutMs: 15_000 });
  });
});
