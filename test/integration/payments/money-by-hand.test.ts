import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import type { PaymentModule, PaymentSettings } from '../../../src/payments/payment-module.js';
import { eventually } from '../../support/eventually.js';
import { AMOUNT_VND, PaymentDesk, bank } from '../../support/payment-desk.js';

let desk: PaymentDesk;
let number = 0;

const ALONE = { fourEyesAboveVnd: AMOUNT_VND };
const servicesOf = (gateways: readonly PaymentGateway[] = [bank()], settings: Partial<PaymentSettings> = {}): PaymentModule['services'] => desk.module(gateways, settings).services;
const answered = async (answer: Promise<{ readonly kind: 'done' | 'conflict' } | { readonly kind: 'refused'; readonly refusal: { readonly code: string } }>): Promise<string> => {
  const found = await answer;
  return found.kind === 'refused' ? found.refusal.code : found.kind;
};
const settle = (reference: string, bankReference: string | null, { who = 'an', services = servicesOf() } = {}) => services.settlements.request(desk.call(who), reference, { settleAs: bankReference === null ? 'NOT_PAID' : 'PAID', bankReference });
const requested = async (reference: string, bankReference: string | null): Promise<string> => {
  const answer = await settle(reference, bankReference);
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.result.id;
};
const decide = (id: string, approve = true) => servicesOf().settlements.decide(desk.call('binh'), id, approve);
const settlementOf = async (id: string) => (await desk.rows(id, 'SELECT state, decided_by AS by FROM payment_settlements WHERE id = $1'))[0];
const lastEvent = async (reference: string) => (await desk.rows(reference, 'SELECT code, amount_vnd::integer AS vnd, gateway_transaction AS number, gateway_at AS at FROM payment_events WHERE payment_id = (SELECT id FROM payments WHERE reference = $1) ORDER BY id DESC LIMIT 1'))[0];
const newNumber = (): string => `FT-${String(number += 1)}`;

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());

describe('a number that a person types in', () => {
  const DIRECT = `money_goes = 'direct'`;
  const [TO_US, ELSEWHERE] = [bank({ moneyGoes: 'direct' }), bank({ party: 'qr', moneyGoes: 'direct' })];

  it.each<readonly [string, string, string, readonly PaymentGateway[], string]>([
    ['paid one of the same gateway', '', '', [bank()], 'STATE'], ['paid one of the same gateway that is gone', '', '', [], 'STATE'], ['stands at one of which nothing was paid', '', `state = 'EXPIRED', paid_vnd = 0`, [bank()], 'done'],
    ['paid one of another gateway, which counts for itself', '', `gateway = 'qr'`, [bank(), bank({ party: 'qr' })], 'done'], ['paid a transfer, where ours was collected by a gateway', '', `gateway = 'qr', ${DIRECT}`, [bank(), ELSEWHERE], 'done'],
    ['paid a transfer by another way', DIRECT, `gateway = 'qr', ${DIRECT}`, [TO_US, ELSEWHERE], 'STATE'], ['paid what a gateway collected, where ours is a transfer', DIRECT, `gateway = 'qr'`, [TO_US, bank({ party: 'qr' })], 'done'],
    ['paid a transfer by the same way', DIRECT, DIRECT, [TO_US], 'STATE'], ['paid a transfer by the same way that is gone', DIRECT, DIRECT, [], 'STATE'],
  ])('and %s is answered as it must: money that came once is booked once', async (_what, ours, others, gateways, answer) => {
    const taken = newNumber();
    await desk.given('PAID', `gateway_transaction = '${taken}'${others === '' ? '' : `, ${others}`}`);
    const reference = await desk.given('UNKNOWN', ours);
    expect(await answered(settle(reference, taken, { services: servicesOf(gateways) }))).toBe(answer);
    if (answer !== 'done') expect([await desk.audit(reference), await desk.rows(reference, 'SELECT 1 FROM payment_settlements WHERE payment_id = (SELECT id FROM payments WHERE reference = $1)')]).toEqual([[], []]);
  });

  it('may be that of the payment itself', async () => {
    const own = newNumber();
    const reference = await desk.given('DISPUTED', `gateway_transaction = '${own}', paid_vnd = amount_vnd`);
    expect(await answered(settle(reference, own))).toBe('done');
  });

  it('waits for another who types the same at this moment, and for no one else', async () => {
    const [same, other] = [newNumber(), newNumber()];
    const [first, second] = [await desk.given('UNKNOWN'), await desk.given('UNKNOWN')];
    let answer: Promise<string> = Promise.resolve('');
    await desk.database.transaction(async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('money/' || $1, 21))`, [same]);
      expect(await answered(settle(second, other))).toBe('done');
      answer = answered(settle(first, same));
      await eventually('the second to wait', async () => (await client.query(`SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted`)).rowCount === 1);
    });
    expect(await answer).toBe('done');
  });

  it('that paid another meanwhile settles nothing, and the decision is open still', async () => {
    const [taken, reference] = [newNumber(), await desk.given('UNKNOWN')];
    const id = await requested(reference, taken);
    await desk.given('PAID', `gateway_transaction = '${taken}'`);
    expect([await answered(decide(id)), await settlementOf(id), (await desk.payment(reference))?.state]).toEqual(['STATE', { state: 'REQUESTED', by: null }, 'UNKNOWN']);
    expect([await answered(decide(id, false)), await settlementOf(id)]).toEqual(['done', { state: 'DECLINED', by: 'binh' }]);
  });
});

describe('what two persons know', () => {
  it('is booked as by hand, with the whole amount where it was paid and none where it was not', async () => {
    const [paid, unpaid, taken] = [await desk.given('UNKNOWN'), await desk.given('AWAITING'), newNumber()];
    for (const id of [await requested(paid, taken), await requested(unpaid, null)]) expect(await answered(decide(id))).toBe('done');
    expect([await lastEvent(paid), await lastEvent(unpaid)]).toEqual([{ code: 'by-hand', vnd: AMOUNT_VND, number: taken, at: null }, { code: 'by-hand', vnd: null, number: null, at: null }]);
    expect(await desk.payment(paid)).toMatchObject({ state: 'PAID', paidAt: desk.now });
    expect(await desk.rows(unpaid, 'SELECT open_payment FROM fee_items WHERE dossier_code = $1')).toEqual([{ open_payment: null }]);
  });

  it.each(['', '0', '01', '-1', '1x', 'x1', '1'.repeat(19)])('is not found under %j', async (id) => expect(await answered(decide(id))).toBe('NOT_FOUND'));

  it.each(['CREATED', 'UNKNOWN', 'EXPIRED', 'FAILED', 'CANCELLED', 'DISPUTED', 'REFUNDING'])('is not that a payment which is %s is ended', async (state) => {
    const reference = await desk.given(state);
    expect([await answered(servicesOf().settlements.cancel(desk.call(), reference)), (await desk.payment(reference))?.state, await desk.audit(reference)]).toEqual(['STATE', state, []]);
  });

  it('is no case any more when the payment is ended', async () => {
    const reference = await desk.given('AWAITING', `person_reason = 'amount'`);
    expect([await answered(servicesOf().settlements.cancel(desk.call(), reference)), await desk.payment(reference)]).toMatchObject(['done', { state: 'CANCELLED', personReason: null }]);
  });
});

describe('money without a payment', () => {
  const credit = async ({ party = 'bank', bankReference = newNumber(), amountVnd = AMOUNT_VND }: { party?: string; bankReference?: string; amountVnd?: number | null } = {}): Promise<{ readonly id: string; readonly bankReference: string }> => ({
    bankReference, id: (await desk.database.query<{ id: string }>(`INSERT INTO unmatched_credits (party, bank_reference, amount_vnd, key_id, reason, at) VALUES ($1, $2, $3, 'k1', 'no-reference', '2026-03-15T10:00:00Z') RETURNING id`, [party, bankReference, amountVnd])).rows[0]?.id ?? '',
  });
  const stands = async (id: string) => (await desk.rows(id, 'SELECT resolution, resolved_by AS by, (SELECT reference FROM payments WHERE id = resolved_payment) AS payment, resolved_at IS NOT NULL AS ended FROM unmatched_credits WHERE id = $1'))[0];
  const OPEN = { resolution: null, by: null, payment: null, ended: false };
  const match = (id: string, reference: string | null, { who = 'an', services = servicesOf() } = {}) => answered(services.credits.match(desk.call(who), id, reference));

  it('pays under the bank\'s number, on the day on which it came', async () => {
    const [{ id, bankReference }, reference] = [await credit(), await desk.given('EXPIRED', `created_at = '2026-03-15T09:00:00Z'`)];
    expect(await match(id, reference, { services: servicesOf([bank()], ALONE) })).toBe('done');
    expect(await stands(id)).toEqual({ resolution: 'matched', by: 'an', payment: reference, ended: true });
    expect([await desk.payment(reference), await lastEvent(reference)]).toMatchObject([{ state: 'PAID', gatewayTransaction: bankReference, paidAt: new Date('2026-03-15T10:00:00Z') }, { code: 'matched', vnd: AMOUNT_VND, number: bankReference }]);
  });

  it.each<readonly [string, string, string, readonly PaymentGateway[], string]>([
    ['a transfer of a bank that is no gateway', 'mb', `money_goes = 'direct'`, [bank()], 'done'], ['a transfer by another way', 'mb', `money_goes = 'direct'`, [bank({ party: 'mb', moneyGoes: 'direct' })], 'done'],
    ['a transfer, with what a gateway collected', 'mb', `money_goes = 'direct'`, [bank({ party: 'mb' })], 'STATE'], ['what its own gateway collected', 'bank', '', [bank()], 'done'], ['what a gateway collected, with a transfer', 'mb', '', [bank({ party: 'mb', moneyGoes: 'direct' })], 'STATE'],
    ['a transfer that its own bank told of', 'bank', `money_goes = 'direct'`, [bank({ moneyGoes: 'direct' })], 'done'],
  ])('is brought to %s, or is not', async (_what, party, payment, gateways, answer) => {
    const [{ id }, reference] = [await credit({ party }), await desk.given('AWAITING', payment)];
    expect(await match(id, reference, { services: servicesOf(gateways, ALONE) })).toBe(answer);
    if (answer !== 'done') expect([await stands(id), (await desk.payment(reference))?.state]).toEqual([OPEN, 'AWAITING']);
  });

  it('stays open where its payment cannot be paid, by one person or by two', async () => {
    for (const settings of [ALONE, {}]) {
      const services = servicesOf([bank()], settings);
      const [{ id }, paid, unsent] = [await credit(), await desk.given('PAID', `gateway_transaction = '${newNumber()}'`), await desk.given('CREATED')];
      expect([await match(id, paid, { services }), await match(id, unsent, { services }), await stands(id)]).toEqual(['STATE', 'STATE', OPEN]);
      expect([await desk.audit(paid), await desk.history(paid), (await desk.payment(unsent))?.state]).toEqual([[], [], 'CREATED']);
    }
  });

  it('stays open where two agreed, and its payment was paid meanwhile', async () => {
    const [{ id }, reference] = [await credit(), await desk.given('AWAITING')];
    await match(id, reference);
    await desk.rows(reference, `UPDATE payments SET state = 'PAID', paid_vnd = amount_vnd WHERE reference = $1`);
    expect([await match(id, reference, { who: 'binh' }), await stands(id)]).toEqual(['STATE', { resolution: 'proposed', by: 'an', payment: reference, ended: false }]);
  });

  it('of a number that another payment has, or of no amount, pays nothing', async () => {
    const [{ id, bankReference }, reference] = [await credit(), await desk.given('AWAITING')];
    await desk.given('PAID', `gateway_transaction = '${bankReference}'`);
    expect([await match(id, reference), await match((await credit({ amountVnd: null })).id, reference), await stands(id)]).toEqual(['STATE', 'AMOUNT', OPEN]);
  });

  it('that was to be brought to a payment may be closed, or given to another, who is asked anew', async () => {
    const [{ id }, { id: second }, one, other] = [await credit(), await credit(), await desk.given('AWAITING'), await desk.given('AWAITING')];
    expect([await match(id, one), await match(id, null, { who: 'binh' }), await stands(id)]).toEqual(['done', 'done', { resolution: 'closed', by: 'binh', payment: null, ended: true }]);
    expect([await match(second, one), await match(second, other, { who: 'an' }), await stands(second)]).toEqual(['done', 'done', { resolution: 'proposed', by: 'an', payment: other, ended: false }]);
    expect([await match(second, other, { who: 'USER:an' }), await match(second, other, { who: 'binh' })]).toEqual(['SAME_PERSON', 'done']);
  });

  it.each(['', '0', '01', '-1', '1x', 'x1', '1'.repeat(19)])('is not found under %j', async (id) => expect(await match(id, null)).toBe('NOT_FOUND'));

  it('is dealt with once under a key', async () => {
    const [{ id }, call] = [await credit(), desk.call('an')];
    const { credits } = servicesOf();
    expect([await credits.match(call, id, null), await credits.match(call, id, null)]).toEqual([{ kind: 'done', result: { id } }, { kind: 'done', result: { id } }]);
    expect((await credits.match(call, id, 'OGNONE00')).kind).toBe('conflict');
    expect(await desk.rows(id, `SELECT actor, role, action, reason FROM operator_actions WHERE target = 'credit/' || $1`)).toEqual([{ actor: 'an', role: 'operator', action: 'close-credit', reason: 'vì sao' }]);
  });
});
