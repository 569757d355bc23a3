import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaymentModule } from '../../../src/payments/payment-module.js';
import { AMOUNT_VND, PaymentDesk, bank, refundPort } from '../../support/payment-desk.js';

let desk: PaymentDesk;
let services: PaymentModule['services'];

const ELSEWHERE = { agencyScope: '000.99.99.H42' };
type Answer = Awaited<ReturnType<PaymentModule['services']['cases']['close']>> | Awaited<ReturnType<PaymentModule['services']['refunds']['request']>> | Awaited<ReturnType<PaymentModule['services']['credits']['match']>>;
/** The code of a refusal, or what else the answer is. */
const codeOf = async (answer: Promise<Answer>): Promise<string> => {
  const found = await answer;
  return found.kind === 'refused' ? found.refusal.code : found.kind;
};
const resultOf = async <Result>(answer: Promise<{ readonly kind: 'done'; readonly result: Result } | { readonly kind: 'conflict' | 'refused' }>): Promise<Result> => {
  const found = await answer;
  if (found.kind !== 'done') throw new Error(`not done: ${JSON.stringify(found)}`);
  return found.result;
};
const by = (actor: string, action: string, detail: object, reference: string) => ({ actor, role: 'operator', action, reason: 'vì sao', detail: { ...detail, dossier: reference } });

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());
beforeEach(() => {
  services = desk.module([bank({ refunds: refundPort() })]).services;
  desk.rings.length = 0;
});

describe('a refund that is asked for', () => {
  const request = (reference: string, amountVnd: number | null, who = 'an') => services.refunds.request(desk.call(who), reference, amountVnd);
  const refundsOf = (reference: string) => desk.rows(reference, `SELECT request_id AS id, amount_vnd::integer AS vnd, state, reason, requested_by AS asked, approved_by AS approved, settled_by AS settled, delivery_id IS NOT NULL AS sent FROM refunds WHERE payment_id = (SELECT id FROM payments WHERE reference = $1) ORDER BY refunds.id`);

  it('is its own approval up to the limit: the gateway is owed it, and told', async () => {
    const reference = await desk.given('PAID');
    const { requestId, reference: of } = await resultOf(request(reference, 20_000));
    expect(of).toBe(reference);
    expect(await refundsOf(reference)).toEqual([{ id: requestId, vnd: 20_000, state: 'APPROVED', reason: 'vì sao', asked: 'an', approved: 'an', settled: null, sent: true }]);
    expect(await desk.audit(reference)).toEqual([by('an', 'request-refund', { refund: requestId, amountVnd: 20_000 }, reference), by('an', 'approve-refund', { refund: requestId, amountVnd: 20_000, by: 'gateway' }, reference)]);
    expect(await desk.rows(reference, `SELECT party, operation, lane, correlation_id AS cause, round(extract(epoch FROM park_at - created_at) / 86400)::integer AS days FROM deliveries WHERE subject_key = $1`))
      .toEqual([{ party: 'bank', operation: 'refund-payment', lane: `payment/${reference}`, cause: 'c-1', days: 7 }]);
    expect(await desk.history(reference)).toEqual(['PAID REFUNDING by-gateway operator operator/an']);
    expect(await desk.rows(reference, `SELECT account, amount_vnd::integer AS vnd FROM ledger WHERE kind = 'REFUND_DECIDED' AND payment_id = (SELECT id FROM payments WHERE reference = $1) ORDER BY vnd`)).toEqual([{ account: 'TRANSIT/bank', vnd: -20_000 }, { account: 'REFUND_DUE', vnd: 20_000 }]);
    expect(desk.rings).toEqual(['bank']);
  });

  it('waits for another person above it, who approves or declines it once', async () => {
    const reference = await desk.given('PAID');
    const { requestId } = await resultOf(request(reference, 20_001));
    expect([await refundsOf(reference), (await desk.payment(reference))?.state]).toMatchObject([[{ state: 'REQUESTED', approved: null, sent: false }], 'PAID']);
    expect(await codeOf(services.refunds.approve(desk.call('user:AN'), requestId))).toBe('SAME_PERSON');
    expect(await codeOf(services.refunds.approve(desk.call('binh'), requestId))).toBe('done');
    expect(await codeOf(services.refunds.approve(desk.call('binh'), requestId))).toBe('ALREADY_DECIDED');
    expect(await codeOf(services.refunds.decline(desk.call('binh'), requestId))).toBe('ALREADY_DECIDED');
    expect(await refundsOf(reference)).toMatchObject([{ state: 'APPROVED', asked: 'an', approved: 'binh' }]);
    expect((await desk.audit(reference)).map(({ actor, action }) => `${String(actor)} ${String(action)}`)).toEqual(['an request-refund', 'binh approve-refund']);
  });

  it('that is declined leaves the money, also where the one who asked declines it, and all of it may be asked for again', async () => {
    const reference = await desk.given('PAID');
    const { requestId } = await resultOf(request(reference, null));
    expect(await refundsOf(reference)).toMatchObject([{ vnd: AMOUNT_VND }]);
    expect(await codeOf(request(reference, 1))).toBe('TOO_MUCH');
    expect(await codeOf(services.refunds.decline(desk.call('an'), requestId))).toBe('done');
    expect(await refundsOf(reference)).toMatchObject([{ state: 'DECLINED', settled: 'an' }]);
    expect((await desk.audit(reference)).at(-1)).toEqual(by('an', 'decline-refund', { refund: requestId }, reference));
    expect(await codeOf(request(reference, null))).toBe('done');
  });

  it('of a payment counts together with those before it', async () => {
    const reference = await desk.given('PAID', 'surplus = true');
    await resultOf(request(reference, 5_000));
    await desk.database.query(`UPDATE payments SET state = 'PAID' WHERE reference = $1`, [reference]);
    await resultOf(request(reference, 15_001));
    expect(await refundsOf(reference)).toMatchObject([{ state: 'APPROVED' }, { state: 'REQUESTED' }]);
  });

  it.each([['AWAITING', 1_000, 'STATE'], ['REFUNDING', 1_000, 'STATE'], ['PAID', 0, 'AMOUNT'], ['PAID', -1, 'AMOUNT'], ['PAID', 1.5, 'AMOUNT'], ['PAID', AMOUNT_VND + 1, 'TOO_MUCH'], ['PAID', AMOUNT_VND, 'done']] as const)('from %s of %d is answered %s', async (state, amountVnd, code) => {
    const reference = await desk.given(state);
    expect(await codeOf(request(reference, amountVnd))).toBe(code);
    if (code !== 'done') expect([await refundsOf(reference), await desk.audit(reference), desk.rings]).toEqual([[], [], []]);
  });

  it('is found by nobody who may not see its payment, and where there is none', async () => {
    const reference = await desk.given('PAID');
    const { requestId } = await resultOf(request(reference, 30_000));
    for (const call of [desk.call('far', ELSEWHERE), desk.call('other', { role: 'portal' })]) expect(await codeOf(services.refunds.request(call, reference, 1_000))).toBe('NOT_FOUND');
    expect(await codeOf(services.refunds.approve(desk.call('far', ELSEWHERE), requestId))).toBe('NOT_FOUND');
    expect(await codeOf(services.refunds.approve(desk.call('binh'), 'NONE'))).toBe('NOT_FOUND');
    expect(await codeOf(request('OGNONE00', 1_000))).toBe('NOT_FOUND');
  });

  it.each([
    ['whose gateway gives nothing back', null, 20_000, 'BY_HAND'], ['of a part, whose gateway gives back all or nothing', refundPort({ partial: false }), 20_000, 'BY_HAND'], ['of all, whose gateway gives back all or nothing', refundPort({ partial: false }), AMOUNT_VND, 'APPROVED'],
  ])('%s is carried by who can', async (_what, port, amountVnd, state) => {
    services = desk.module([bank({ refunds: port })], { fourEyesAboveVnd: AMOUNT_VND }).services;
    const reference = await desk.given('PAID');
    const { requestId } = await resultOf(request(reference, amountVnd));
    expect(await refundsOf(reference)).toMatchObject([{ state, sent: state === 'APPROVED' }]);
    expect((await desk.audit(reference)).at(-1)).toEqual(by('an', 'approve-refund', { refund: requestId, amountVnd, by: state === 'APPROVED' ? 'gateway' : 'hand' }, reference));
    expect(await desk.history(reference)).toEqual([`PAID REFUNDING ${state === 'APPROVED' ? 'by-gateway' : 'by-hand'} operator operator/an`]);
  });

  it.each([[false, 10_000, 'BY_HAND'], [true, 10_000, 'APPROVED'], [false, 9_000, 'APPROVED']])('after one of 10 000, at a gateway that tells refunds apart (%s), of %d, is %s', async (tellsApart, amountVnd, state) => {
    services = desk.module([bank({ refunds: refundPort({ tellsApart }) })]).services;
    const reference = await desk.given('PAID', 'surplus = true');
    await resultOf(request(reference, 10_000));
    await desk.database.query(`UPDATE payments SET state = 'PAID' WHERE reference = $1`, [reference]);
    await resultOf(request(reference, amountVnd));
    expect((await refundsOf(reference))[1]).toMatchObject({ state });
  });

  it('that a person carries ends by the bank\'s number, by two persons above the limit', async () => {
    services = desk.module([bank()]).services;
    const reference = await desk.given('PAID');
    const { requestId } = await resultOf(request(reference, 20_001));
    const record = (who: string, number: string) => codeOf(services.byHand.record(desk.call(who), requestId, number));
    expect(await record('an', 'UNC-1')).toBe('STATE');
    await services.refunds.approve(desk.call('binh'), requestId);
    expect([await record('an', ''), await record('an', 'x'.repeat(65)), await record('an', 'a b')]).toEqual(['INPUT', 'INPUT', 'INPUT']);
    expect([await record('an', 'UNC-1'), await record('an', 'UNC-1'), await record('binh', 'UNC-2'), (await desk.payment(reference))?.state]).toEqual(['done', 'SAME_PERSON', 'DIFFERENT_NUMBER', 'REFUNDING']);
    expect([await record('binh', 'UNC-1'), await record('binh', 'UNC-1')]).toEqual(['done', 'STATE']);
    expect(await desk.payment(reference)).toMatchObject({ state: 'PAID', refundedVnd: 20_001 });
    expect((await desk.audit(reference)).slice(2)).toEqual(['an', 'binh'].map((who) => by(who, 'record-manual-refund', { refund: requestId, bankReference: 'UNC-1' }, reference)));
    expect((await desk.history(reference)).at(-1)).toBe('REFUNDING PAID refunded-partly refund operator/binh');
  });

  it('up to the limit ends by one person\'s number', async () => {
    services = desk.module([bank()]).services;
    const reference = await desk.given('PAID');
    const { requestId } = await resultOf(request(reference, 20_000));
    expect(await codeOf(services.byHand.record(desk.call('an'), requestId, 'x'.repeat(64)))).toBe('done');
    expect(await refundsOf(reference)).toMatchObject([{ state: 'DONE', settled: 'an' }]);
  });
});

describe('a surplus', () => {
  const keep = (reference: string, over = {}) => codeOf(services.refunds.keepSurplus(desk.call('an', over), reference));
  const surplus = async (over = ''): Promise<string> => {
    const reference = await desk.given('PAID', `surplus = true, person_reason = 'surplus'${over}`);
    await desk.rows(reference, 'UPDATE fee_items SET paid_by = NULL WHERE dossier_code = $1');
    await desk.rows(reference, `SELECT post_ledger('SURPLUS', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
    return reference;
  };

  it('is kept where its fees are free, by who may see it', async () => {
    const reference = await surplus();
    expect([await keep(reference, ELSEWHERE), await keep(reference), await keep(reference)]).toEqual(['NOT_FOUND', 'done', 'STATE']);
    expect(await desk.payment(reference)).toMatchObject({ surplus: false, personReason: null });
    expect(await desk.audit(reference)).toEqual([by('an', 'keep-surplus', {}, reference)]);
    expect(await desk.history(reference)).toEqual(['PAID PAID surplus-kept operator operator/an']);
  });

  it('is not where a part went back, a refund is asked for, or its fees are paid otherwise', async () => {
    expect(await keep(await surplus(', refunded_vnd = 1'))).toBe('STATE');
    const asked = await surplus();
    await services.refunds.request(desk.call('an'), asked, 30_000);
    expect(await keep(asked)).toBe('STATE');
    const taken = await surplus();
    await desk.rows(taken, 'UPDATE fee_items SET paid_by = (SELECT min(id) FROM payments WHERE reference <> $1) WHERE dossier_code = $1');
    expect(await keep(taken)).toBe('ITEMS_NOT_FREE');
  });
});

describe('what two persons know of a payment', () => {
  const request = (reference: string, settleAs: 'PAID' | 'NOT_PAID', bankReference: string | null, who = 'an') => services.settlements.request(desk.call(who), reference, { settleAs, bankReference });
  const decide = (id: string, approve: boolean, who = 'binh') => codeOf(services.settlements.decide(desk.call(who), id, approve));
  const stateOf = async (id: string) => (await desk.rows(id, 'SELECT state, requested_by AS asked, decided_by AS decided, reason FROM payment_settlements WHERE id = $1'))[0];

  it.each([['PAID', 'FT-1', 'PAID'], ['NOT_PAID', null, 'FAILED']] as const)('as %s settles it', async (settleAs, number, state) => {
    const reference = await desk.given('UNKNOWN');
    const { id } = await resultOf(request(reference, settleAs, number));
    expect([await decide(id, true, 'user:an'), (await desk.payment(reference))?.state]).toEqual(['SAME_PERSON', 'UNKNOWN']);
    expect([await decide(id, true), await decide(id, true), await decide(id, false)]).toEqual(['done', 'ALREADY_DECIDED', 'ALREADY_DECIDED']);
    expect(await desk.payment(reference)).toMatchObject({ state, gatewayTransaction: number, paidVnd: state === 'PAID' ? AMOUNT_VND : 0 });
    expect(await stateOf(id)).toEqual({ state: 'APPROVED', asked: 'an', decided: 'binh', reason: 'vì sao' });
    expect(await desk.audit(reference)).toEqual([by('an', 'request-settlement', { settleAs, bankReference: number, settlement: id }, reference), by('binh', 'approve-settlement', { settlement: id }, reference)]);
    expect(await desk.history(reference)).toEqual([`UNKNOWN ${state} by-hand operator operator/binh`]);
  });

  it('is declined by whomever, and moves nothing', async () => {
    const reference = await desk.given('AWAITING');
    const { id } = await resultOf(request(reference, 'NOT_PAID', null));
    expect(await codeOf(request(reference, 'PAID', 'FT-2', 'binh'))).toBe('STATE');
    expect([await decide(id, false, 'an'), (await desk.payment(reference))?.state, await stateOf(id)]).toMatchObject(['done', 'AWAITING', { state: 'DECLINED', decided: 'an' }]);
    expect((await desk.audit(reference)).at(-1)).toEqual(by('an', 'decline-settlement', { settlement: id }, reference));
    expect(await codeOf(request(reference, 'PAID', 'FT-2', 'binh'))).toBe('done');
  });

  it.each([['PAID', 'PAID', 'FT-3', 'STATE'], ['CREATED', 'PAID', 'FT-3', 'STATE'], ['EXPIRED', 'NOT_PAID', null, 'STATE'], ['EXPIRED', 'PAID', 'FT-3', 'done'], ['UNKNOWN', 'PAID', null, 'INPUT'], ['UNKNOWN', 'PAID', 'a b', 'INPUT'], ['UNKNOWN', 'NOT_PAID', 'FT-3', 'INPUT']] as const)(
    'of one that is %s, as %s with the number %s, is answered %s', async (state, settleAs, number, code) => {
      const reference = await desk.given(state);
      expect(await codeOf(request(reference, settleAs, number))).toBe(code);
      if (code !== 'done') expect(await desk.audit(reference)).toEqual([]);
    });

  it('holds no longer where the payment was paid meanwhile', async () => {
    const reference = await desk.given('UNKNOWN');
    const { id } = await resultOf(request(reference, 'NOT_PAID', null));
    await desk.database.query(`UPDATE payments SET state = 'PAID', paid_vnd = amount_vnd WHERE reference = $1`, [reference]);
    expect([await decide(id, true), (await stateOf(id))?.['state']]).toEqual(['STATE', 'REQUESTED']);
  });

  it('is found by nobody else', async () => {
    const reference = await desk.given('UNKNOWN');
    const { id } = await resultOf(request(reference, 'NOT_PAID', null));
    expect([await decide('0', true), await decide('x', true), await decide('999999', true), await codeOf(services.settlements.decide(desk.call('far', ELSEWHERE), id, true))]).toEqual(Array.from({ length: 4 }, () => 'NOT_FOUND'));
  });
});

describe('a payment that is ended, or looked at', () => {
  it.each([['portal', 'p', 'client/p', []], ['operator', 'an', 'operator/an', ['cancel-payment']]] as const)('by the %s frees its fees, and leaves a trace', async (role, client, actor, actions) => {
    const reference = await desk.given('AWAITING');
    expect(await codeOf(services.settlements.cancel(desk.call(client, { role }), reference))).toBe('done');
    expect(await desk.history(reference)).toEqual([`AWAITING CANCELLED cancelled ${role} ${actor}`]);
    expect((await desk.audit(reference)).map(({ action }) => action)).toEqual(actions);
    expect(await desk.rows(reference, 'SELECT open_payment FROM fee_items WHERE dossier_code = $1')).toEqual([{ open_payment: null }]);
    expect(await codeOf(services.settlements.cancel(desk.call(client, { role }), reference))).toBe('STATE');
  });

  it('is not ended where something else collects its money, nor by another portal', async () => {
    const reference = await desk.given('AWAITING');
    expect(await codeOf(services.settlements.cancel(desk.call('q', { role: 'portal' }), reference))).toBe('NOT_FOUND');
    expect(await codeOf(desk.module([bank({ isBound: true })]).services.settlements.cancel(desk.call(), reference))).toBe('STATE');
    expect((await desk.payment(reference))?.state).toBe('AWAITING');
  });

  it('is ended where its gateway is configured no more', async () => {
    expect(await codeOf(desk.module([]).services.settlements.cancel(desk.call(), await desk.given('AWAITING')))).toBe('done');
  });

  it('is asked for at once when a person wants it', async () => {
    const reference = await desk.given('UNKNOWN');
    expect(await codeOf(services.settlements.askNow(desk.call(), reference))).toBe('done');
    expect(await desk.audit(reference)).toEqual([by('an', 'ask-payment', {}, reference)]);
    expect((await desk.payment(reference))?.askAt).toBeInstanceOf(Date);
  });

  it('is no case any more when a person says so, who wrote why', async () => {
    const reference = await desk.given('PAID', `person_reason = 'paid-twice'`);
    const close = (over = {}) => codeOf(services.cases.close(desk.call('an', over), reference));
    expect([await close(ELSEWHERE), await close(), await close()]).toEqual(['NOT_FOUND', 'done', 'STATE']);
    expect([await desk.audit(reference), await desk.history(reference)]).toEqual([[by('an', 'close-payment-case', { case: 'paid-twice' }, reference)], ['PAID PAID case-closed operator operator/an']]);
  });
});

describe('money without a payment', () => {
  const credit = async (number: string, amountVnd = AMOUNT_VND, party = 'bank'): Promise<string> =>
    (await desk.database.query<{ id: string }>(`INSERT INTO unmatched_credits (party, bank_reference, amount_vnd, key_id, reason, at) VALUES ($1, $2, $3, 'k1', 'no-reference', now()) RETURNING id`, [party, number, amountVnd])).rows[0]?.id ?? '';
  const match = (id: string, reference: string | null, who = 'an') => codeOf(services.credits.match(desk.call(who), id, reference));
  const stands = async (id: string) => (await desk.rows(id, 'SELECT resolution, resolved_by AS by, resolved_at IS NOT NULL AS ended FROM unmatched_credits WHERE id = $1'))[0];

  it('is closed with a reason, once', async () => {
    const id = await credit('C-1');
    expect([await match(id, null), await match(id, null), await stands(id)]).toEqual(['done', 'ALREADY_DECIDED', { resolution: 'closed', by: 'an', ended: true }]);
    expect((await desk.rows(id, `SELECT actor, action, reason FROM operator_actions WHERE target = 'credit/' || $1`))).toEqual([{ actor: 'an', action: 'close-credit', reason: 'vì sao' }]);
  });

  it('is brought to its payment by two persons above the limit', async () => {
    const [id, reference] = [await credit('C-2'), await desk.given('AWAITING')];
    expect([await match(id, reference), await stands(id)]).toEqual(['done', { resolution: 'proposed', by: 'an', ended: false }]);
    expect([await match(id, reference), (await desk.payment(reference))?.state]).toEqual(['SAME_PERSON', 'AWAITING']);
    expect([await match(id, reference, 'binh'), await stands(id)]).toEqual(['done', { resolution: 'matched', by: 'binh', ended: true }]);
    expect(await desk.payment(reference)).toMatchObject({ state: 'PAID', gatewayTransaction: 'C-2' });
    expect(await desk.audit(reference)).toEqual([by('an', 'propose-match', { credit: id }, reference), by('binh', 'match-credit', { credit: id }, reference)]);
    expect(await desk.history(reference)).toEqual(['AWAITING PAID operator operator/binh']);
  });

  it('is brought to another payment by a new proposal, and up to the limit by one person', async () => {
    const [id, first, second] = [await credit('C-3'), await desk.given('AWAITING'), await desk.given('AWAITING')];
    expect([await match(id, first), await match(id, second, 'binh'), await stands(id), (await desk.payment(second))?.state]).toEqual(['done', 'done', { resolution: 'proposed', by: 'binh', ended: false }, 'AWAITING']);
    services = desk.module([bank()], { fourEyesAboveVnd: AMOUNT_VND }).services;
    expect([await match(id, second, 'binh'), (await desk.payment(second))?.state]).toEqual(['done', 'PAID']);
  });

  it('is refused to a payment of another amount, of another gateway, that is paid, or that there is not', async () => {
    const [awaiting, paid] = [await desk.given('AWAITING'), await desk.given('PAID')];
    expect([await match(await credit('C-4', 1), awaiting), await match(await credit('C-5', AMOUNT_VND, 'other'), awaiting), await match(await credit('C-6'), paid), await match(await credit('C-7'), 'OGNONE00')]).toEqual(['AMOUNT', 'STATE', 'STATE', 'NOT_FOUND']);
    expect([await match('0', null), await match('x', null), await match('999999', null)]).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
    expect(await desk.audit(awaiting)).toEqual([]);
  });
});
