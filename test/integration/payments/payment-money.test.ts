import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { impatiently, insertAccount, paymentOf, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const PROVINCE = { PAYMENT_GATEWAYS: 'vnpay', REFUND_FOUR_EYES_ABOVE_VND: '1000', VNPAY_QR_CONTENT: 'true' };
let stage: PaymentStage;

beforeAll(async () => {
  stage = await startPaymentStage({ ...PROVINCE, VNPAY_REFUND_DEADLINE_MS: '700' }, { worker: true });
  await insertAccount(stage.database, '000.12.34.H42');
});
afterAll(() => stage.gateway.close());
afterEach(async () => {
  await stage.control('behave', {});
  // Whatever happened: every transaction balances, and so do the books.
  const { rows } = await stage.database.query<{ wrong: string }>('SELECT transaction_id AS wrong FROM ledger GROUP BY 1 HAVING sum(amount_vnd) <> 0');
  expect(rows).toEqual([]);
  const { rows: [books] } = await stage.database.query<{ taken: string; citizen: string }>(
    `SELECT (SELECT coalesce(sum(paid_vnd - refunded_vnd), 0) FROM payments) AS taken, (SELECT coalesce(-sum(amount_vnd), 0) FROM ledger WHERE account = 'CITIZEN') AS citizen`);
  expect(books?.citizen).toBe(books?.taken);
});

const events = async (code: string): Promise<readonly string[]> => {
  const { rows } = await stage.database.query<{ type: string }>('SELECT type FROM events WHERE dossier_code = $1 AND payment_reference IS NOT NULL ORDER BY id', [code]);
  return rows.map(({ type }) => type);
};
const reasonsOf = (payment: Found): readonly unknown[] => (payment['history'] as Found[]).map((event) => [event['source'], event['toState'], event['applied'], event['reason']]);
const notifyAgain = (reference: string, flaw: string | null): Promise<Found> => stage.control('notify-again', { key: reference, flaw });
/** The bank carries out a refund that VNPAY took. */
const givenBack = (reference: string): Promise<unknown> => eventually('the refund to be taken', async () => {
  const response = await fetch(`${stage.vnpayUrl}/control/settle-refund`, { method: 'POST', body: JSON.stringify({ reference, status: '00' }), headers: { 'content-type': 'application/json' } });
  return response.ok;
}, { timeoutMs: 20_000 });
const unasked = (number: number): ReturnType<PaymentStage['opened']> => stage.unasked(number, (each) => stage.opened(each));
const cancel = (reference: string): Promise<Found> => stage.as('portal', `mutation ($key: IdempotencyKey!) { cancelPayment(idempotencyKey: $key, reference: "${reference}") { ... on PaymentChanged { payment { state } } ... on PaymentActionRefused { code } } }`, { key: randomUUID() });

describe('an IPN', () => {
  it('pays once, however often it comes, and tells the portal', async () => {
    const { code, reference, payUrl } = await stage.opened(100);
    await stage.press(reference, payUrl);
    const paid = await stage.until(reference, 'PAID');
    await notifyAgain(reference, null);
    await notifyAgain(reference, null);
    expect(paid).toMatchObject({ paidVnd: 50_000, surplus: false, person: null });
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, 'TRANSIT/vnpay': 50_000 });
    expect(await events(code)).toEqual(['payment.opened', 'payment.awaiting', 'payment.paid']);
    expect(await stage.as('portal', 'query ($code: ID!) { feesOfDossier(dossierCode: $code) { key paidBy openPayment } }', { code })).toEqual([{ key: 'LP1', paidBy: reference, openPayment: null }]);
  });

  it('with another amount, or unsigned, books nothing; the gateway is asked and says the truth', async () => {
    const { reference, payUrl } = await unasked(101);
    await stage.control('misbehave-notices', { kind: 'other-amount', key: reference });
    await stage.press(reference, payUrl);
    const paid = await stage.until(reference, 'PAID');
    expect(reasonsOf(paid)).toEqual(expect.arrayContaining([['CALLBACK', 'AWAITING', false, 'amount'], ['QUERY', 'PAID', true, expect.anything()]]));
    expect(paid['person']).toBeNull();
    await notifyAgain(reference, 'unsigned');
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, 'TRANSIT/vnpay': 50_000 });
  });

  it('that never comes is made up for by a question', async () => {
    const { reference, payUrl } = await stage.opened(102);
    await stage.control('misbehave-notices', { kind: 'lost', key: reference });
    await stage.press(reference, payUrl);
    expect(reasonsOf(await stage.until(reference, 'PAID')).at(-1)).toEqual(['QUERY', 'PAID', true, expect.anything()]);
  });

  it('of money that is held back is disputed until the gateway decides', async () => {
    const { code, reference, payUrl } = await stage.opened(103);
    await stage.control('misbehave', { kind: 'fraud', operation: 'pay' });
    await stage.press(reference, payUrl);
    expect(await stage.until(reference, 'DISPUTED')).toMatchObject({ person: { code: 'disputed' }, paidVnd: 50_000 });
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, 'DISPUTED/vnpay': 50_000 });
    expect(await stage.open(code)).toMatchObject({ __typename: 'PaymentAlreadyOpen', references: [reference] });
    await stage.control('resolve', { reference, state: 'failed' });
    await stage.act('operator', 'askPayment', `reference: "${reference}"`);
    await stage.until(reference, 'FAILED');
    expect(await stage.ledger(reference)).toEqual({});
    expect(await stage.open(code)).toMatchObject({ __typename: 'PaymentOpened' });
  });
});

describe('an opening without an answer', () => {
  it('is unknown, goes to no other gateway, and is asked for', async () => {
    const code = await stage.dossier(110);
    await stage.declare(code, [['LP1', 12_000]]);
    await stage.control('misbehave', { kind: 'hang', operation: 'genqr' });
    const opened = paymentOf(await impatiently(stage, { ...PROVINCE, VNPAY_DEADLINE_MS: '700' }, (impatient) => impatient.open(code)));
    expect(opened).toMatchObject({ payUrl: null });
    // A worker may have asked already.
    expect(reasonsOf(opened).slice(0, 2)).toEqual([['PORTAL', 'CREATED', true, null], ['OPEN', 'UNKNOWN', true, 'timeout']]);
    expect(await stage.open(code)).toMatchObject({ __typename: 'PaymentAlreadyOpen' });
    await stage.database.query(`UPDATE payments SET sent_at = now() - interval '2 days', expires_at = now() - interval '1 day', ask_at = now() WHERE reference = $1`, [opened['reference']]);
    expect(await stage.until(String(opened['reference']), 'EXPIRED')).toMatchObject({ person: null });
    expect(await stage.open(code)).toMatchObject({ __typename: 'PaymentOpened' });
  });

  it('that was refused is failed, and the fees are free', async () => {
    const code = await stage.dossier(111);
    await stage.declare(code, [['LP1', 12_000]]);
    await stage.control('misbehave', { kind: 'refuse-qr', operation: 'genqr' });
    expect(paymentOf(await stage.open(code))).toMatchObject({ state: 'FAILED', payUrl: null });
    expect(paymentOf(await stage.open(code))).toMatchObject({ state: 'AWAITING' });
  });

  it('and without its process is left behind, found, and asked for', async () => {
    const { reference } = await unasked(112);
    await stage.database.query(`UPDATE payments SET state = 'CREATED', sent_at = now() - interval '5 minutes', ask_at = now() WHERE reference = $1`, [reference]);
    expect(reasonsOf(await stage.until(reference, 'AWAITING')).slice(-2)).toEqual([['CLOCK', 'UNKNOWN', true, 'left-behind'], ['QUERY', 'AWAITING', true, expect.anything()]]);
  });

  it('for longer than the gateway can say is a person\'s, who settles it with another', async () => {
    const { reference } = await unasked(113);
    await stage.control('misbehave', { kind: 'busy', operation: 'querydr', times: 100 });
    await stage.database.query(`UPDATE payments SET state = 'UNKNOWN', give_up_at = now(), ask_at = now() WHERE reference = $1`, [reference]);
    await eventually('a person to be told', async () => (await stage.read(reference))['person'] !== null, { timeoutMs: 15_000 });
    expect(await stage.read(reference)).toMatchObject({ state: 'UNKNOWN', person: { code: 'unknown' } });
    expect(await stage.act('operator', 'settlePaymentByHand', `reference: "${reference}", settleAs: PAID`)).toMatchObject({ code: 'INPUT' });
    const requested = paymentOf(await stage.act('supervisor', 'settlePaymentByHand', `reference: "${reference}", settleAs: PAID, bankReference: "FT2603150001"`));
    const [settlement] = requested['settlements'] as { id: string }[];
    expect(await stage.act('supervisor', 'decideSettlement', `id: "${settlement?.id ?? ''}", approve: true`)).toMatchObject({ code: 'SAME_PERSON' });
    await stage.database.query(`UPDATE payment_settlements SET requested_by = 'someone-else' WHERE id = $1`, [settlement?.id]);
    expect(paymentOf(await stage.act('supervisor', 'decideSettlement', `id: "${settlement?.id ?? ''}", approve: true`))).toMatchObject({ state: 'PAID', person: null, gatewayTransaction: 'FT2603150001', settlements: [{ state: 'APPROVED' }] });
    expect(await stage.act('supervisor', 'decideSettlement', `id: "${settlement?.id ?? ''}", approve: false`)).toMatchObject({ code: 'ALREADY_DECIDED' });
  });
});

describe('a late success', () => {
  it('pays its fees where nothing else did', async () => {
    const { reference, payUrl } = await stage.opened(120);
    expect(await cancel(reference)).toEqual({ payment: { state: 'CANCELLED' } });
    expect(await cancel(reference)).toEqual({ code: 'STATE' });
    await stage.press(reference, payUrl);
    expect(await stage.until(reference, 'PAID')).toMatchObject({ surplus: false, person: null });
  });

  it('of which no callback tells is found by asking on, though the portal had ended it', async () => {
    const { code, reference, payUrl } = await stage.opened(122);
    await fetch(payUrl);
    expect(await cancel(reference)).toEqual({ payment: { state: 'CANCELLED' } });
    // It was asked at once, and is asked again while the gateway waits for the citizen.
    await eventually('the next question to be put off', async () => (await stage.database.query(`SELECT FROM payments WHERE reference = $1 AND asks > 0 AND ask_at > now() + interval '30 minutes'`, [reference])).rowCount === 1, { timeoutMs: 15_000 });
    await stage.control('misbehave-notices', { kind: 'lost', key: reference });
    await stage.press(reference, payUrl);
    await stage.database.query('UPDATE payments SET ask_at = now() WHERE reference = $1', [reference]);
    expect(await stage.until(reference, 'PAID')).toMatchObject({ surplus: false });
    expect(await events(code)).toContain('payment.paid');
  });

  it('told with another amount is asked for until the gateway knows of it', async () => {
    const { code, reference, payUrl } = await stage.opened(123);
    await cancel(reference);
    await stage.control('misbehave', { kind: 'late-books', operation: 'pay', key: reference, delayMs: 4_000 });
    await stage.control('misbehave-notices', { kind: 'other-amount', key: reference });
    await stage.press(reference, payUrl);
    const paid = await stage.until(reference, 'PAID');
    expect(paid).toMatchObject({ amountVnd: 50_000, paidVnd: 50_000, person: null });
    expect(reasonsOf(paid)).toEqual(expect.arrayContaining([['CALLBACK', 'CANCELLED', false, 'amount'], ['QUERY', 'PAID', true, expect.anything()]]));
    expect(await events(code)).toContain('payment.person');
  });

  it('of which an answer names another amount is asked for again, though a person knows', async () => {
    const { reference, payUrl } = await stage.unasked(124, async (each) => {
      const opened = await stage.opened(each);
      await cancel(opened.reference);
      return opened;
    });
    await stage.control('misbehave-notices', { kind: 'lost', key: reference });
    await stage.press(reference, payUrl);
    await stage.control('misbehave', { kind: 'other-amount', operation: 'querydr', key: reference, times: 1 });
    await stage.database.query('UPDATE payments SET ask_at = now() WHERE reference = $1', [reference]);
    await eventually('the wrong amount to be kept', async () => JSON.stringify((await stage.read(reference))['person']) === '{"code":"amount"}', { timeoutMs: 15_000 });
    await eventually('the next question', async () => (await stage.database.query('UPDATE payments SET ask_at = now() WHERE reference = $1 AND ask_at IS NOT NULL', [reference])).rowCount === 1, { timeoutMs: 15_000 });
    expect(await stage.until(reference, 'PAID')).toMatchObject({ paidVnd: 50_000, person: null });
  });

  it('of fees that were paid otherwise is a surplus, and goes back once, however many ask', async () => {
    const { code, reference, payUrl } = await stage.opened(121);
    await cancel(reference);
    const second = paymentOf(await stage.open(code));
    await stage.press(String(second['reference']), String(second['payUrl']));
    await stage.until(String(second['reference']), 'PAID');
    await stage.press(reference, payUrl);
    expect(await stage.until(reference, 'PAID')).toMatchObject({ surplus: true, person: { code: 'surplus' } });
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, REFUND_DUE: 50_000 });
    expect(await stage.act('operator', 'decideSurplus', `reference: "${reference}", as: KEEP`)).toMatchObject({ code: 'ITEMS_NOT_FREE' });
    const asked = await Promise.all(Array.from({ length: 5 }, () => stage.act('operator', 'decideSurplus', `reference: "${reference}", as: REFUND`)));
    expect(asked.map((answer) => answer['code'] ?? 'asked').sort()).toEqual(['AMOUNT', 'AMOUNT', 'AMOUNT', 'AMOUNT', 'asked']);
    const [refund] = (await stage.read(reference))['refunds'] as { requestId: string }[];
    const approve = (): Promise<Found> => stage.act('supervisor', 'approveRefund', `requestId: "${refund?.requestId ?? ''}"`);
    const approved = await Promise.all([approve(), approve(), approve()]);
    expect(approved.filter(({ __typename }) => __typename === 'RefundChanged')).toHaveLength(1);
    await givenBack(reference);
    expect(await stage.until(reference, 'REFUNDED')).toMatchObject({ refundedVnd: 50_000, person: null });
    expect(await stage.ledger(reference)).toEqual({});
    expect(await stage.control(`orders/${reference}`)).toMatchObject({ takenVnd: [50_000], givenBackVnd: [50_000] });
  });
});

describe('a refund', () => {
  const paid = async (number: number): Promise<string> => {
    const { reference, payUrl } = await stage.opened(number);
    await stage.press(reference, payUrl);
    await stage.until(reference, 'PAID');
    return reference;
  };
  const request = (role: 'operator' | 'supervisor', reference: string, amountVnd: number): Promise<Found> => stage.act(role, 'requestRefund', `reference: "${reference}", amountVnd: ${String(amountVnd)}`);

  it('of a part leaves the payment paid, and never more goes back than came', async () => {
    const reference = await paid(130);
    expect(await request('operator', reference, 50_001)).toMatchObject({ code: 'TOO_MUCH' });
    expect(await request('operator', reference, 0)).toMatchObject({ code: 'AMOUNT' });
    const asked = await Promise.all([30_000, 30_000].map((amount) => request('operator', reference, amount)));
    expect(asked.map((answer) => answer['code'] ?? 'asked').sort()).toEqual(['TOO_MUCH', 'asked']);
    const [refund] = (await stage.read(reference))['refunds'] as { requestId: string }[];
    await stage.act('supervisor', 'approveRefund', `requestId: "${refund?.requestId ?? ''}"`);
    await givenBack(reference);
    await eventually('the money to go back', async () => (await stage.read(reference))['refundedVnd'] === 30_000, { timeoutMs: 15_000 });
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', refundedVnd: 30_000 });
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -20_000, 'TRANSIT/vnpay': 20_000 });
  });

  it('needs another person above the limit, and none at it', async () => {
    const reference = await paid(131);
    const { requestId } = (await request('supervisor', reference, 20_000))['refund'] as { requestId: string };
    expect(await stage.act('supervisor', 'approveRefund', `requestId: "${requestId}"`)).toMatchObject({ code: 'SAME_PERSON' });
    expect(await stage.act('operator', 'declineRefund', `requestId: "${requestId}"`)).toMatchObject({ refund: { state: 'DECLINED' } });
    expect(await stage.act('operator', 'declineRefund', `requestId: "${requestId}"`)).toMatchObject({ code: 'ALREADY_DECIDED' });
    expect(await request('operator', reference, 1_000)).toMatchObject({ refund: { approvedBy: 'test-operator' } });
    await givenBack(reference);
    await eventually('the money to go back', async () => (await stage.read(reference))['refundedVnd'] === 1_000, { timeoutMs: 15_000 });
  });

  it('without an answer is asked for, and never given twice', async () => {
    const reference = await paid(132);
    await stage.control('misbehave', { kind: 'hang', operation: 'refund' });
    await request('operator', reference, 1_000);
    await givenBack(reference);
    await eventually('the money to go back', async () => (await stage.read(reference))['refundedVnd'] === 1_000, { timeoutMs: 20_000 });
    expect(await stage.control(`orders/${reference}`)).toMatchObject({ givenBackVnd: [1_000] });
  });

  it('of a process that died before it could say that it sends is proven missing like any other, and goes back once', async () => {
    const reference = await paid(134);
    await stage.control('misbehave', { kind: 'hang-before', operation: 'refund' });
    await request('operator', reference, 1_000);
    await eventually('the send without an answer', async () => (await stage.database.query(`UPDATE refunds r SET sent_at = NULL FROM deliveries d, payments p
      WHERE d.id = r.delivery_id AND p.id = r.payment_id AND p.reference = $1 AND d.state = 'unknown'`, [reference])).rowCount === 1, { timeoutMs: 15_000 });
    await stage.database.query(`UPDATE deliveries SET due_at = now() WHERE operation = 'refund-payment' AND state = 'unknown'`);
    // Nothing is known at the gateway, and still it may come: the time to wait begins now.
    await eventually('the time to wait', async () => (await stage.database.query(`UPDATE refunds r SET sent_at = now() - interval '2 days' FROM payments p
      WHERE p.id = r.payment_id AND p.reference = $1 AND r.sent_at IS NOT NULL`, [reference])).rowCount === 1, { timeoutMs: 15_000 });
    expect(await stage.control(`orders/${reference}`)).toMatchObject({ givenBackVnd: [] });
    await stage.database.query(`UPDATE deliveries SET due_at = now() WHERE operation = 'refund-payment' AND state = 'unknown'`);
    await givenBack(reference);
    await eventually('the money to go back', async () => (await stage.read(reference))['refundedVnd'] === 1_000, { timeoutMs: 20_000 });
    expect(await stage.control(`orders/${reference}`)).toMatchObject({ givenBackVnd: [1_000] });
  });

  it('that does not end is a person\'s until the gateway ends it', async () => {
    const reference = await paid(135);
    await request('operator', reference, 1_000);
    await eventually('the refund to be approved for long', async () => (await stage.database.query(`UPDATE refunds r SET approved_at = now() - interval '4 days' FROM payments p
      WHERE p.id = r.payment_id AND p.reference = $1 AND r.state = 'PROCESSING'`, [reference])).rowCount === 1, { timeoutMs: 15_000 });
    await eventually('a person to be told', async () => ((await stage.read(reference))['person'] as Found | null)?.['code'] === 'refund-stuck', { timeoutMs: 15_000 });
    expect(await stage.act('operator', 'closePaymentCase', `reference: "${reference}"`)).toMatchObject({ code: 'STATE' });
    await givenBack(reference);
    await eventually('the money to go back', async () => (await stage.read(reference))['refundedVnd'] === 1_000, { timeoutMs: 20_000 });
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', person: null });
  });

  it('of a gateway that is gone is carried by persons, who record the same number', async () => {
    const reference = await paid(133);
    await stage.database.query(`UPDATE payments SET gateway = 'gone' WHERE reference = $1`, [reference]);
    const { requestId } = (await request('operator', reference, 50_000))['refund'] as { requestId: string };
    expect(await stage.act('supervisor', 'approveRefund', `requestId: "${requestId}"`)).toMatchObject({ refund: { state: 'BY_HAND', payment: { state: 'REFUNDING' } } });
    const recorded = (role: 'operator' | 'supervisor', number: string): Promise<Found> => stage.act(role, 'recordManualRefund', `requestId: "${requestId}", bankReference: "${number}"`);
    expect(await recorded('operator', 'UNC-1')).toMatchObject({ refund: { state: 'BY_HAND', gatewayTransaction: 'UNC-1' } });
    expect(await recorded('operator', 'UNC-1')).toMatchObject({ code: 'SAME_PERSON' });
    expect(await recorded('supervisor', 'UNC-2')).toMatchObject({ code: 'DIFFERENT_NUMBER' });
    expect(await recorded('supervisor', 'UNC-1')).toMatchObject({ refund: { state: 'DONE', payment: { state: 'REFUNDED' } } });
    expect(await stage.ledger(reference)).toEqual({});
  });
});

describe('time', () => {
  it('ends what nobody paid, on the gateway\'s own word, and frees the fees', async () => {
    const { code, reference, payUrl } = await unasked(140);
    await fetch(payUrl);
    await stage.control('misbehave', { kind: 'not-found', operation: 'querydr', key: reference });
    await stage.database.query(`UPDATE payments SET expires_at = now() - interval '1 day', ask_at = now() WHERE reference = $1`, [reference]);
    await stage.until(reference, 'EXPIRED');
    expect(await events(code)).toEqual(['payment.opened', 'payment.awaiting', 'payment.expired']);
    expect(await stage.open(code)).toMatchObject({ __typename: 'PaymentOpened' });
  });

  it('shows in readiness and metrics', async () => {
    expect(await (await fetch(`${stage.gateway.url}/health/ready`)).text()).toContain('payments');
  });
});
