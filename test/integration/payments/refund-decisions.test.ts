import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PaymentModule } from '../../../src/payments/payment-module.js';
import { AMOUNT_VND, PaymentDesk, bank, refundPort } from '../../support/payment-desk.js';
import { lockWaiters } from '../../support/postgres.js';
import { eventually } from '../../support/eventually.js';

let desk: PaymentDesk;

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());

const servicesOf = (tellsApart = true, fourEyesAboveVnd = 20_000): PaymentModule['services'] => desk.module([bank({ refunds: refundPort({ tellsApart }) })], { fourEyesAboveVnd }).services;
const answered = async (answer: Promise<{ readonly kind: 'done'; readonly result: unknown } | { readonly kind: 'conflict' } | { readonly kind: 'refused'; readonly refusal: object }>): Promise<unknown> => {
  const found = await answer;
  if (found.kind === 'done') return found.result;
  return found.kind === 'refused' ? found.refusal : found.kind;
};
const refused = (code: string) => ({ code, problems: [], references: [] });
const asked = async (reference: string, amountVnd: number, services = servicesOf()): Promise<string> => (await answered(services.refunds.request(desk.call('an'), reference, amountVnd)) as { requestId: string }).requestId;
const refundsOf = (reference: string) => desk.rows(reference, `SELECT state, approved_by AS approved, delivery_id IS NOT NULL AS sent FROM refunds WHERE payment_id = (SELECT id FROM payments WHERE reference = $1) ORDER BY id`);
const set = (reference: string, to: string): Promise<unknown> => desk.rows(reference, `UPDATE payments SET ${to} WHERE reference = $1`);

describe('a refund that waits for another person', () => {
  it('is not approved while its payment is not simply paid, and may be when it is again', async () => {
    const reference = await desk.given('PAID');
    const requestId = await asked(reference, 30_000);
    await desk.rows(requestId, `UPDATE refunds SET state = 'REQUESTED' WHERE request_id = $1`);
    for (const state of ['REFUNDING', 'DISPUTED']) {
      await set(reference, `state = '${state}'`);
      expect([await answered(servicesOf().refunds.approve(desk.call('binh'), requestId)), await refundsOf(reference)]).toEqual([refused('STATE'), [{ state: 'REQUESTED', approved: null, sent: false }]]);
    }
    await set(reference, `state = 'PAID'`);
    expect(await answered(servicesOf().refunds.approve(desk.call('binh'), requestId))).toEqual({ requestId, reference });
  });

  it('is approved as its payment is by then: who approves waits for who holds it', async () => {
    const reference = await desk.given('PAID');
    const requestId = await asked(reference, 30_000);
    let answer: Promise<unknown> = Promise.resolve();
    await desk.database.transaction(async (client) => {
      await client.query('SELECT FROM payments WHERE reference = $1 FOR UPDATE', [reference]);
      answer = answered(servicesOf().refunds.approve(desk.call('binh'), requestId));
      await eventually('the approval to wait', async () => await lockWaiters(desk.database) === 1);
      await client.query(`UPDATE refunds SET state = 'DECLINED' WHERE request_id = $1`, [requestId]);
    });
    expect([await answer, await refundsOf(reference)]).toEqual([refused('ALREADY_DECIDED'), [{ state: 'DECLINED', approved: null, sent: false }]]);
  });

  it('is found under its own number only, by who may see its payment', async () => {
    const requestId = await asked(await desk.given('PAID', `agency_code = 'H42.9'`), 30_000);
    const { refunds, byHand } = servicesOf();
    desk.rings.length = 0;
    const far = desk.call('far', { agencyScope: '000.99.99.H42' });
    for (const call of [desk.call('binh'), far]) {
      const id = call === far ? requestId : 'NONE';
      expect(await Promise.all([answered(refunds.approve(call, id)), answered(refunds.decline({ ...call, idempotencyKey: 'd' }, id)), answered(byHand.record({ ...call, idempotencyKey: 'r' }, id, 'UNC-1')), answered(byHand.settle({ ...call, idempotencyKey: 's' }, id, { outcome: 'NOT_DONE', bankReference: null }))]))
        .toEqual(Array.from({ length: 4 }, () => refused('NOT_FOUND')));
    }
    expect([desk.rings, await desk.rows(requestId, 'SELECT state FROM refunds WHERE request_id = $1')]).toEqual([[], [{ state: 'REQUESTED' }]]);
  });
});

describe('a refund of an amount that was given back before', () => {
  it.each([['declined', false], ['carried by a person', false], ['sent to the gateway', true]] as const)('and was %s goes by hand where the gateway could answer for the other: %s', async (how, isByHand) => {
    const reference = await desk.given('PAID', 'surplus = true');
    await desk.rows(reference, `SELECT post_ledger('SURPLUS', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
    const first = await asked(reference, 10_000, how === 'carried by a person' ? desk.module([bank()]).services : servicesOf(false, how === 'declined' ? 0 : 20_000));
    if (how === 'declined') await servicesOf().refunds.decline(desk.call('binh'), first);
    else await set(reference, `state = 'PAID'`);
    await asked(reference, 10_000, servicesOf(false));
    expect((await refundsOf(reference))[1]).toMatchObject(isByHand ? { state: 'BY_HAND', sent: false } : { state: 'APPROVED', sent: true });
  });
});

describe('a surplus', () => {
  const surplus = async (state = 'PAID'): Promise<string> => {
    const reference = await desk.given('PAID', `surplus = true, person_reason = 'surplus', state = '${state}'`);
    await desk.rows(reference, `SELECT post_ledger('SURPLUS', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
    return reference;
  };
  const keep = (reference: string) => answered(servicesOf().refunds.keepSurplus(desk.call('an'), reference));

  it('is kept after a request for it was declined', async () => {
    const reference = await surplus();
    const requestId = await asked(reference, AMOUNT_VND);
    expect(await keep(reference)).toEqual(refused('STATE'));
    await servicesOf().refunds.decline(desk.call('binh'), requestId);
    expect([await keep(reference), (await desk.payment(reference))?.surplus]).toEqual([{ reference }, false]);
  });

  it.each(['REFUNDING', 'DISPUTED'])('is not kept while its payment is %s, nor is what is none', async (state) => {
    const reference = await surplus(state);
    expect([await keep(reference), await keep(await desk.given('PAID')), (await desk.payment(reference))?.surplus, await desk.audit(reference)]).toEqual([refused('STATE'), refused('STATE'), true, []]);
  });
});
