import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { insertAccount, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

let stage: PaymentStage;

beforeAll(async () => {
  stage = await startPaymentStage({ REFUND_FOUR_EYES_ABOVE_VND: '1000000' }, { worker: true });
  await insertAccount(stage.database, '000.12.34.H42');
});
afterAll(() => stage.gateway.close());

/** Paid by its notice alone: what a test writes into its row is not at once overtaken by an answer. */
const paid = async (number: number): Promise<string> => {
  const { reference, payUrl } = await stage.unasked(number, (each) => stage.opened(each));
  await stage.press(reference, payUrl);
  await stage.until(reference, 'PAID');
  return reference;
};
const mark = (reference: string, change: string): Promise<unknown> => stage.database.query(`UPDATE payments SET ${change} WHERE reference = $1`, [reference]);
const close = (reference: string, role: 'operator' | 'portal' | 'auditor' = 'operator'): Promise<Found> => stage.act(role, 'closePaymentCase', `reference: "${reference}"`);

describe('a case that a person dealt with', () => {
  it.each(['paid-twice', 'amount', 'contradiction', 'refund-refused'])('(%s) is closed with a reason, once, and leaves a trace', async (reason) => {
    const reference = await paid(600 + reason.length);
    await mark(reference, `person_reason = '${reason}'`);
    expect(await close(reference)).toMatchObject({ __typename: 'PaymentChanged', payment: { state: 'PAID', person: null, paidVnd: 50_000 } });
    expect((await stage.read(reference))['history']).toContainEqual(expect.objectContaining({ source: 'OPERATOR', applied: false, reason: 'case-closed' }));
    expect(await close(reference)).toMatchObject({ code: 'STATE' });
    const { rows } = await stage.database.query<{ action: string; reason: string; detail: { case: string } }>(`SELECT action, reason, detail FROM operator_actions WHERE target = $1`, [`payment/${reference}`]);
    expect(rows).toMatchObject([{ action: 'close-payment-case', reason: 'kiểm thử', detail: { case: reason } }]);
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, 'TRANSIT/vnpay': 50_000 });
  });

  it.each([
    ['a surplus, which is decided', `person_reason = 'surplus', surplus = true`], ['a dispute, which its gateway ends', `person_reason = 'disputed', state = 'DISPUTED'`],
    ['an outcome that nobody knows, which two persons settle', `person_reason = 'unknown', state = 'UNKNOWN', ask_at = NULL`],
    ['what is open past all its time, whatever its reason', `person_reason = 'amount', state = 'AWAITING', ask_at = NULL, give_up_at = now()`], ['what nobody must look at', 'person_reason = NULL'],
  ])('is not %s', async (_what, change) => {
    const reference = await paid(640 + change.length);
    await mark(reference, change);
    expect(await close(reference)).toMatchObject({ code: 'STATE' });
    // The books of this stage are to balance with its rows.
    await mark(reference, `state = 'PAID', surplus = false, person_reason = NULL`);
  });

  it('is a matter of operators', async () => {
    const reference = await paid(690);
    for (const role of ['portal', 'auditor'] as const) expect(await close(reference, role)).toEqual({ codes: ['FORBIDDEN'] });
    expect(await close('OG0000000000000')).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is over when all the money went back', async () => {
    const reference = await paid(691);
    await mark(reference, `person_reason = 'paid-twice'`);
    expect(await stage.act('operator', 'requestRefund', `reference: "${reference}"`)).toMatchObject({ refund: { approvedBy: 'test-operator' } });
    await eventually('the refund to be taken', async () => {
      const response = await fetch(`${stage.vnpayUrl}/control/settle-refund`, { method: 'POST', body: JSON.stringify({ reference, status: '00' }), headers: { 'content-type': 'application/json' } });
      return response.ok;
    }, { timeoutMs: 20_000 });
    expect(await stage.until(reference, 'REFUNDED')).toMatchObject({ person: null });
  });
});
