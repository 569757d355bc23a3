import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { insertAccount, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const LIMIT_VND = 20_000;
let stage: PaymentStage;

beforeAll(async () => {
  stage = await startPaymentStage({ REFUND_FOUR_EYES_ABOVE_VND: String(LIMIT_VND) }, { worker: true });
  await insertAccount(stage.database, '000.12.34.H42');
});
afterAll(() => stage.gateway.close());
afterEach(async () => {
  const { rows } = await stage.database.query('SELECT transaction_id FROM ledger GROUP BY 1 HAVING sum(amount_vnd) <> 0');
  expect(rows).toEqual([]);
});

type Hand = 'operator' | 'supervisor';

const paid = async (number: number): Promise<string> => {
  const { reference, payUrl } = await stage.opened(number);
  await stage.press(reference, payUrl);
  await stage.until(reference, 'PAID');
  return reference;
};
const idOf = (answer: Found): string => String((answer['refund'] as Found)['requestId']);
const refundsOf = async (reference: string): Promise<readonly Found[]> => (await stage.read(reference))['refunds'] as Found[];
const personOf = async (reference: string): Promise<unknown> => ((await stage.read(reference))['person'] as Found | null)?.['code'] ?? null;
const asked = async (reference: string, amountVnd: number): Promise<string> => {
  const requestId = idOf(await stage.act('operator', 'requestRefund', `reference: "${reference}", amountVnd: ${String(amountVnd)}`));
  if (amountVnd > LIMIT_VND) await stage.act('supervisor', 'approveRefund', `requestId: "${requestId}"`);
  return requestId;
};
/** A refund that VNPAY took, and calls "in process" for four days. */
const stuckRefund = async (reference: string, amountVnd: number): Promise<string> => {
  const requestId = await asked(reference, amountVnd);
  await eventually('the gateway to take it', async () => (await stage.database.query(`UPDATE refunds r SET approved_at = now() - interval '4 days' FROM deliveries d
    WHERE r.request_id = $1 AND r.state = 'PROCESSING' AND d.id = r.delivery_id AND d.state = 'accepted'`, [requestId])).rowCount === 1, { timeoutMs: 15_000 });
  await eventually('a person to be told', async () => await personOf(reference) === 'refund-stuck', { timeoutMs: 15_000 });
  return requestId;
};
const settle = (role: Hand, requestId: string, as: string): Promise<Found> => stage.act(role, 'settleRefundByHand', `requestId: "${requestId}", settleAs: ${as}`);
const DONE = 'DONE, bankReference: "UNC-77"';
/** VNPAY ends it after all, and is asked at once. */
const gatewayDoes = async (reference: string, requestId: string): Promise<void> => {
  await stage.control('settle-refund', { reference, status: '00' });
  await stage.database.query('UPDATE refunds SET ask_at = now() WHERE request_id = $1 AND ask_at IS NOT NULL', [requestId]);
};

describe('a refund that its gateway does not end', () => {
  it('is the gateway\'s for its time, and ends by a number of the bank only', async () => {
    const reference = await paid(700);
    const requestId = await asked(reference, 10_000);
    await eventually('the gateway to take it', async () => (await refundsOf(reference))[0]?.['state'] === 'PROCESSING', { timeoutMs: 15_000 });
    expect(await settle('operator', requestId, DONE)).toMatchObject({ code: 'STATE' });
    expect(await settle('operator', requestId, 'DONE')).toMatchObject({ code: 'INPUT' });
    expect(await settle('operator', requestId, 'NOT_DONE, bankReference: "UNC-77"')).toMatchObject({ code: 'INPUT' });
    expect(await settle('operator', 'OGNOSUCHREFUND', DONE)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is given back by persons once, kept with their names, and never sent again', async () => {
    const reference = await paid(701);
    const requestId = await stuckRefund(reference, 10_000);
    expect(await settle('operator', requestId, DONE)).toMatchObject({ refund: { state: 'DONE', handOutcome: 'DONE', handReference: 'UNC-77', payment: { state: 'PAID' } } });
    expect(await settle('operator', requestId, DONE)).toMatchObject({ code: 'STATE' });
    expect(await stage.read(reference)).toMatchObject({ refundedVnd: 10_000, person: null });
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -40_000, 'TRANSIT/vnpay': 40_000 });
    const { rows } = await stage.database.query('SELECT action, detail FROM operator_actions WHERE target = $1 ORDER BY id DESC LIMIT 1', [`payment/${reference}`]);
    expect(rows).toMatchObject([{ action: 'settle-refund', detail: { refund: requestId, outcome: 'DONE', bankReference: 'UNC-77' } }]);
    // As if somebody had its delivery carried once more.
    await stage.database.query(`UPDATE deliveries d SET state = 'due', head = true, settled_at = NULL, due_at = now() FROM refunds r WHERE d.id = r.delivery_id AND r.request_id = $1`, [requestId]);
    await eventually('the delivery to be parked', async () => (await stage.database.query(`SELECT FROM deliveries d JOIN refunds r ON r.delivery_id = d.id WHERE r.request_id = $1 AND d.state = 'parked'`, [requestId])).rowCount === 1, { timeoutMs: 15_000 });
    expect(((await stage.control(`orders/${reference}`))['refunds'] as unknown[]).length).toBe(1);
  });

  it('needs two persons above the limit, who say the same', async () => {
    const reference = await paid(702);
    const requestId = await stuckRefund(reference, 50_000);
    expect(await settle('operator', requestId, DONE)).toMatchObject({ refund: { state: 'PROCESSING', handOutcome: 'DONE', handReference: 'UNC-77' } });
    expect(await settle('operator', requestId, DONE)).toMatchObject({ code: 'SAME_PERSON' });
    expect(await settle('supervisor', requestId, 'DONE, bankReference: "UNC-78"')).toMatchObject({ refund: { state: 'PROCESSING', handReference: 'UNC-78' } });
    expect(await settle('operator', requestId, 'DONE, bankReference: "UNC-78"')).toMatchObject({ refund: { state: 'DONE', payment: { state: 'REFUNDED' } } });
    expect(await stage.ledger(reference)).toEqual({});
  });

  it('and that persons gave back is shown as given twice when the gateway does it too', async () => {
    const reference = await paid(703);
    const requestId = await stuckRefund(reference, 10_000);
    await settle('operator', requestId, DONE);
    await gatewayDoes(reference, requestId);
    await eventually('the double refund', async () => await personOf(reference) === 'refunded-twice', { timeoutMs: 15_000 });
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', refundedVnd: 10_000, refunds: [{ state: 'DONE', gatewayDoneAt: expect.any(String) as unknown }] });
    expect(((await stage.read(reference))['history'] as Found[]).at(-1)).toMatchObject({ source: 'REFUND', applied: false, reason: 'refunded-twice' });
    const { rows } = await stage.database.query('SELECT ask_at FROM refunds WHERE request_id = $1', [requestId]);
    expect(rows).toEqual([{ ask_at: null }]);
    expect(await stage.act('operator', 'closePaymentCase', `reference: "${reference}"`)).toMatchObject({ payment: { person: null } });
  });
});

describe('a refund that persons call not done', () => {
  it('leaves the money owed, and is booked when the gateway does it after all', async () => {
    const reference = await paid(710);
    const requestId = await stuckRefund(reference, 10_000);
    expect(await settle('operator', requestId, 'NOT_DONE')).toMatchObject({ refund: { state: 'REFUSED', payment: { state: 'PAID' } } });
    expect(await stage.read(reference)).toMatchObject({ refundedVnd: 0, person: { code: 'refund-not-done' } });
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, 'TRANSIT/vnpay': 50_000 });
    await gatewayDoes(reference, requestId);
    await eventually('the refund to be booked', async () => (await stage.read(reference))['refundedVnd'] === 10_000, { timeoutMs: 15_000 });
    expect(await stage.read(reference)).toMatchObject({ state: 'PAID', person: null, refunds: [{ state: 'DONE' }] });
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -40_000, 'TRANSIT/vnpay': 40_000 });
  });

  it('is money that left twice when the gateway does it beside what took its place', async () => {
    const reference = await paid(711);
    const first = await stuckRefund(reference, 50_000);
    await settle('operator', first, 'NOT_DONE');
    expect(await settle('supervisor', first, 'NOT_DONE')).toMatchObject({ refund: { state: 'REFUSED' } });
    const second = await asked(reference, 50_000);
    for (const role of ['operator', 'supervisor'] as const) await stage.act(role, 'recordManualRefund', `requestId: "${second}", bankReference: "UNC-80"`);
    await stage.until(reference, 'REFUNDED');
    await gatewayDoes(reference, first);
    await eventually('the double refund', async () => await personOf(reference) === 'refunded-twice', { timeoutMs: 15_000 });
    expect(await stage.read(reference)).toMatchObject({ state: 'REFUNDED', refundedVnd: 50_000 });
    expect(await stage.ledger(reference)).toEqual({});
  });

  it('may be one that a person was to carry, and did not', async () => {
    const reference = await paid(712);
    await stage.database.query(`UPDATE payments SET gateway = 'gone' WHERE reference = $1`, [reference]);
    const requestId = await asked(reference, 10_000);
    expect(await settle('operator', requestId, DONE)).toMatchObject({ code: 'STATE' });
    expect(await settle('operator', requestId, 'NOT_DONE')).toMatchObject({ refund: { state: 'REFUSED', payment: { state: 'PAID' } } });
    expect(await personOf(reference)).toBe('refund-not-done');
  });
});
