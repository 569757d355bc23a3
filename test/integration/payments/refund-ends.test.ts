import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaymentGateway, RefundWord } from '../../../src/payments/payment-gateway-port.js';
import type { PaymentModule, PaymentSettings } from '../../../src/payments/payment-module.js';
import type { HandWord } from '../../../src/payments/refund-by-hand.js';
import { AMOUNT_VND, PaymentDesk, WINDOWS, bank, refundPort } from '../../support/payment-desk.js';

const [HOUR, DAY] = [3_600_000, 86_400_000];
const DONE: HandWord = { outcome: 'DONE', bankReference: 'UNC-7' };
const NOT_DONE: HandWord = { outcome: 'NOT_DONE', bankReference: null };

let desk: PaymentDesk;

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());
beforeEach(() => desk.begin());

const gives = (word: RefundWord | (() => Promise<RefundWord>) = { says: 'processing', code: '7', text: null }, over: Partial<PaymentGateway> = {}): PaymentGateway =>
  bank({ refunds: refundPort({ askRefund: () => (typeof word === 'function' ? word() : Promise.resolve(word)) }), ...over });
const moduleOf = (gateways: readonly PaymentGateway[] = [gives()], settings: Partial<PaymentSettings> = {}): PaymentModule => desk.module(gateways, settings);
const rowOf = async (requestId: string) => (await desk.rows(requestId, `SELECT state, code, gateway_transaction AS number, settled_by AS by, hand_outcome AS hand, hand_reference AS "handNumber", hand_by AS "handBy", ask_at AS ask, gateway_done_at IS NOT NULL AS "gatewayDid" FROM refunds WHERE request_id = $1`))[0];
const set = (requestId: string, to: string): Promise<unknown> => desk.rows(requestId, `UPDATE refunds SET ${to} WHERE request_id = $1`);
const ledger = async (reference: string): Promise<unknown> => Object.fromEntries((await desk.rows(reference, `SELECT account, sum(amount_vnd)::integer AS held FROM ledger WHERE payment_id = (SELECT id FROM payments WHERE reference = $1) GROUP BY 1 HAVING sum(amount_vnd) <> 0`)).map(({ account, held }) => [account, held]));

interface Asked { readonly reference: string; readonly requestId: string }
const ask = async (reference: string, amountVnd: number, of = moduleOf()): Promise<Asked> => {
  const asked = await of.services.refunds.request(desk.call('an'), reference, amountVnd);
  if (asked.kind !== 'done') throw new Error(JSON.stringify(asked));
  if (amountVnd > 20_000) await of.services.refunds.approve(desk.call('binh'), asked.result.requestId);
  return { reference, requestId: asked.result.requestId };
};
/** A refund that its gateway took, and has had for three days. */
const stuck = async (amountVnd = 10_000, { payment = '', delivery = 'accepted', reference = '' } = {}): Promise<Asked> => {
  const asked = await ask(reference === '' ? await desk.given('PAID', payment) : reference, amountVnd);
  await set(asked.requestId, `state = 'PROCESSING', gateway_transaction = 'R1', approved_at = '${desk.iso(-3 * DAY)}'`);
  const isEnded = delivery === 'accepted' || delivery === 'rejected';
  await desk.rows(asked.requestId, `UPDATE deliveries SET state = '${delivery}', head = false, settled_at = ${isEnded ? 'now()' : 'NULL'} WHERE id = (SELECT delivery_id FROM refunds WHERE request_id = $1)`);
  return asked;
};
const settle = async ({ requestId }: Asked, word: HandWord, who = 'an', of = moduleOf()): Promise<string> => {
  const found = await of.services.byHand.settle(desk.call(who), requestId, word);
  return found.kind === 'refused' ? found.refusal.code : found.kind;
};
const reasonFor = async (reference: string): Promise<string | null | undefined> => (await desk.payment(reference))?.personReason;

describe('what persons say of a refund', () => {
  it.each<readonly [string, HandWord, string, string, string]>([
    ['that its gateway has had for three days', DONE, 'done', '', 'accepted'], ['that its gateway refused to take, and took', NOT_DONE, 'done', '', 'rejected'],
    ['that its gateway has for less', DONE, 'STATE', `approved_at = approved_at + interval '1 millisecond'`, 'accepted'],
    ['that may be sent yet', DONE, 'STATE', '', 'due'], ['of which no answer came', NOT_DONE, 'STATE', '', 'unknown'], ['that may be sent again', NOT_DONE, 'STATE', '', 'parked'],
    ['that its gateway has not taken', NOT_DONE, 'STATE', `state = 'APPROVED'`, 'accepted'], ['that waits for another person', NOT_DONE, 'STATE', `state = 'REQUESTED', approved_at = NULL`, 'accepted'],
    ['that is done', NOT_DONE, 'STATE', `state = 'DONE'`, 'accepted'], ['that was refused', DONE, 'STATE', `state = 'REFUSED'`, 'accepted'],
    ['that a person carries, who did not', NOT_DONE, 'done', `state = 'BY_HAND'`, 'accepted'], ['that a person carries, without recording it', DONE, 'STATE', `state = 'BY_HAND'`, 'accepted'],
    ['of which a person recorded a number', NOT_DONE, 'STATE', `state = 'BY_HAND', settled_by = 'binh'`, 'accepted'],
  ])('%s, in %j, is answered %s', async (_which, word, answer, change, delivery) => {
    const of = await stuck(10_000, { delivery });
    if (change !== '') await set(of.requestId, change);
    const before = await rowOf(of.requestId);
    expect(await settle(of, word)).toBe(answer);
    if (answer !== 'done') expect([await rowOf(of.requestId), (await desk.payment(of.reference))?.state, (await desk.audit(of.reference)).length]).toEqual([before, 'REFUNDING', 2]);
  });

  it.each<readonly [HandWord]>([[{ outcome: 'DONE', bankReference: null }], [{ outcome: 'DONE', bankReference: 'a b' }], [{ outcome: 'NOT_DONE', bankReference: 'UNC-7' }]])('is refused where it is not whole: %j', async (word) => {
    const of = await stuck();
    expect([await settle(of, word), (await rowOf(of.requestId))?.['hand']]).toEqual(['INPUT', null]);
  });

  it('ends it up to the limit, under their name and the bank\'s number', async () => {
    const of = await stuck(20_000);
    expect(await settle(of, DONE)).toBe('done');
    expect(await rowOf(of.requestId)).toEqual({ state: 'DONE', code: 'by-hand', number: 'R1', by: 'an', hand: 'DONE', handNumber: 'UNC-7', handBy: 'an', ask: new Date(desk.now.getTime() + HOUR), gatewayDid: false });
    expect([await desk.payment(of.reference), await ledger(of.reference)]).toMatchObject([{ state: 'PAID', refundedVnd: 20_000, personReason: null }, { CITIZEN: -30_000, 'TRANSIT/bank': 30_000 }]);
    expect((await desk.history(of.reference)).at(-1)).toBe('REFUNDING PAID refunded-partly refund operator/an');
    expect((await desk.audit(of.reference)).at(-1)).toEqual({ actor: 'an', role: 'operator', action: 'settle-refund', reason: 'vì sao', detail: { refund: of.requestId, outcome: 'DONE', bankReference: 'UNC-7', dossier: of.reference } });
  });

  it('is asked for as early as the province set it', async () => {
    const [of, sooner] = [await stuck(), moduleOf([gives()], { refundStuckAfterMs: HOUR })];
    await set(of.requestId, `approved_at = '${desk.iso(-HOUR + 1)}'`);
    expect(await settle(of, DONE, 'an', sooner)).toBe('STATE');
    await set(of.requestId, `approved_at = '${desk.iso(-HOUR)}'`);
    expect(await settle(of, DONE, 'an', sooner)).toBe('done');
  });

  it('as not done leaves the money where it was, and owed', async () => {
    const of = await stuck();
    expect(await settle(of, NOT_DONE)).toBe('done');
    expect([await rowOf(of.requestId), await desk.payment(of.reference), await ledger(of.reference)]).toMatchObject([{ state: 'REFUSED', by: 'an', hand: 'NOT_DONE', handNumber: null }, { state: 'PAID', refundedVnd: 0, personReason: 'refund-not-done' }, { CITIZEN: -AMOUNT_VND, 'TRANSIT/bank': AMOUNT_VND }]);
    expect((await desk.history(of.reference)).at(-1)).toBe('REFUNDING PAID refund-refused refund operator/an');
  });

  it('holds above the limit when another person says the same; any other word is a new one', async () => {
    const of = await stuck(20_001);
    const other = { ...DONE, bankReference: 'UNC-8' };
    expect([await settle(of, DONE), await settle(of, DONE, 'user:AN'), (await rowOf(of.requestId))?.['handBy']]).toEqual(['done', 'SAME_PERSON', 'an']);
    expect([await settle(of, other, 'binh'), await settle(of, NOT_DONE, 'an'), await settle(of, other, 'binh'), await rowOf(of.requestId)]).toMatchObject(['done', 'done', 'done', { state: 'PROCESSING', hand: 'DONE', handNumber: 'UNC-8', handBy: 'binh', ask: null }]);
    expect([await settle(of, other, 'an'), await rowOf(of.requestId)]).toMatchObject(['done', { state: 'DONE', by: 'an', handBy: 'binh' }]);
    expect((await desk.audit(of.reference)).slice(2).map(({ actor, action }) => `${String(actor)} ${String(action)}`)).toEqual(['an propose-refund-end', 'binh propose-refund-end', 'an propose-refund-end', 'binh propose-refund-end', 'an settle-refund']);
  });

  it('is followed by questions only where its gateway had it, and can be asked', async () => {
    const [gone, silent] = [await stuck(), await stuck()];
    await settle(gone, DONE, 'an', moduleOf([]));
    await settle(silent, DONE, 'an', moduleOf([bank()]));
    const carried = await ask(await desk.given('PAID'), 10_000, moduleOf([bank()]));
    await settle(carried, NOT_DONE);
    for (const { requestId } of [gone, silent, carried]) expect((await rowOf(requestId))?.['ask']).toBeNull();
  });
});

describe('the reason for which a person looks', () => {
  it.each([['refund-stuck', 10_000, null], ['refund-stuck', AMOUNT_VND, null], ['amount', AMOUNT_VND, 'amount'], ['paid-twice', 10_000, 'paid-twice'], ['paid-twice', AMOUNT_VND, null], ['refund-refused', AMOUNT_VND, null], ['refund-not-done', AMOUNT_VND, null], ['surplus', AMOUNT_VND, null]])('%s is, after %d went back, %s', async (reason, amountVnd, left) => {
    const of = await stuck(amountVnd);
    await desk.rows(of.reference, `UPDATE payments SET person_reason = '${reason}' WHERE reference = $1`);
    await settle(of, DONE);
    await settle(of, DONE, 'binh');
    expect([(await rowOf(of.requestId))?.['state'], await reasonFor(of.reference)]).toEqual(['DONE', left]);
  });

  it.each([[DONE, 'surplus'], [NOT_DONE, 'surplus']])('stays the surplus of which a part is left: %j', async (word, left) => {
    const of = await stuck(10_000, { payment: 'surplus = true' });
    await desk.rows(of.reference, `SELECT post_ledger('SURPLUS', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
    await desk.rows(of.reference, `UPDATE payments SET person_reason = 'refund-stuck' WHERE reference = $1`);
    expect([await settle(of, word), await reasonFor(of.reference), (await ledger(of.reference))]).toEqual(['done', left, expect.objectContaining({ REFUND_DUE: word === DONE ? 40_000 : 50_000 })]);
  });

  it('is the older one where a refund is not done', async () => {
    const of = await stuck();
    await desk.rows(of.reference, `UPDATE payments SET person_reason = 'paid-twice' WHERE reference = $1`);
    expect([await settle(of, NOT_DONE), await reasonFor(of.reference)]).toEqual(['done', 'paid-twice']);
  });
});

describe('a gateway that is asked for what persons ended', () => {
  const GAVE: RefundWord = { says: 'done', code: '00', text: 'their words' };
  const watch = async ({ requestId }: Asked, word: RefundWord | (() => Promise<RefundWord>), over: Partial<PaymentGateway> = {}): Promise<void> => {
    await set(requestId, `ask_at = now() - interval '1 second'`);
    await moduleOf([gives(word, over)]).createWatcher().turn();
  };
  const inSeconds = async ({ requestId }: Asked): Promise<number | null> => ((await desk.rows(requestId, 'SELECT extract(epoch FROM ask_at - now())::float8 AS "in" FROM refunds WHERE request_id = $1'))[0]?.['in'] ?? null) as number | null;
  const ended = async (word: HandWord, payment = '', amountVnd = 10_000): Promise<Asked> => {
    const of = await stuck(amountVnd, { payment });
    expect([await settle(of, word), await settle(of, word, 'binh')]).toEqual(['done', amountVnd > 20_000 ? 'done' : 'STATE']);
    return of;
  };

  it('and gave it back too has money out twice, for a person, told once; it is asked no more', async () => {
    const of = await ended(DONE);
    await watch(of, GAVE);
    expect([await rowOf(of.requestId), await desk.payment(of.reference)]).toMatchObject([{ state: 'DONE', by: 'an', gatewayDid: true, ask: null }, { state: 'PAID', refundedVnd: 10_000, personReason: 'refunded-twice' }]);
    expect((await desk.history(of.reference)).at(-1)).toBe('PAID PAID refunded-twice refund party/bank');
    await desk.rows(of.reference, 'UPDATE payments SET person_reason = NULL WHERE reference = $1');
    await watch(of, GAVE);
    expect([await reasonFor(of.reference), (await desk.history(of.reference)).length]).toEqual([null, 3]);
  });

  it.each([['', null, null], ['', 'refunded-twice', null], ['', 'paid-twice', 'paid-twice'], ['surplus = true', 'refund-not-done', null]])('and did what they called not done is booked so (%s, %s)', async (payment, before, after) => {
    const of = await stuck(10_000, { payment });
    if (payment !== '') await desk.rows(of.reference, `SELECT post_ledger('SURPLUS', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
    await settle(of, NOT_DONE);
    if (before !== null) await desk.rows(of.reference, `UPDATE payments SET person_reason = '${before}' WHERE reference = $1`);
    await watch(of, GAVE);
    expect(await rowOf(of.requestId)).toMatchObject({ state: 'DONE', code: '00', by: 'party', gatewayDid: false, ask: null });
    expect(await desk.payment(of.reference)).toMatchObject({ state: 'PAID', refundedVnd: 10_000, personReason: after });
    expect((await desk.history(of.reference)).slice(-2)).toEqual(['PAID REFUNDING refund-after-all refund party/bank', 'REFUNDING PAID refunded-partly refund party/bank']);
    expect(await ledger(of.reference)).toEqual({ CITIZEN: -40_000, [payment === '' ? 'TRANSIT/bank' : 'REFUND_DUE']: 40_000 });
  });

  it('and did one of several has that one booked', async () => {
    const first = await stuck(5_000);
    await watch(first, GAVE);
    const second = await stuck(10_000, { reference: first.reference });
    await settle(second, NOT_DONE);
    await watch(second, GAVE);
    expect([await rowOf(second.requestId), await desk.payment(first.reference)]).toMatchObject([{ state: 'DONE', by: 'party' }, { state: 'PAID', refundedVnd: 15_000, personReason: null }]);
  });

  it('and did it while another refund is under way is asked again when that has ended', async () => {
    const of = await ended(NOT_DONE);
    const other = await ask(of.reference, 10_000, moduleOf([bank()]));
    const before = [await rowOf(of.requestId), await desk.history(of.reference)];
    await watch(of, GAVE);
    expect([{ ...await rowOf(of.requestId), ask: expect.any(Date) }, await desk.history(of.reference)]).toEqual([{ ...before[0], ask: expect.any(Date) }, before[1]]);
    expect(await inSeconds(of)).toBeGreaterThan(3_000);
    expect((await moduleOf().services.byHand.record(desk.call('an'), other.requestId, 'UNC-9')).kind).toBe('done');
    await watch(of, GAVE);
    expect([await rowOf(of.requestId), await desk.payment(of.reference)]).toMatchObject([{ state: 'DONE', by: 'party' }, { state: 'PAID', refundedVnd: 20_000 }]);
  });

  it('and did it beside what took its place has money out twice, and is asked on', async () => {
    const of = await ended(NOT_DONE, '', AMOUNT_VND);
    const byHand = moduleOf([bank()]);
    const other = await ask(of.reference, AMOUNT_VND, byHand);
    for (const who of ['an', 'binh']) await byHand.services.byHand.record(desk.call(who), other.requestId, 'UNC-9');
    for (let n = 0; n < 2; n += 1) await watch(of, GAVE);
    expect([await rowOf(of.requestId), await desk.payment(of.reference)]).toMatchObject([{ state: 'REFUSED', by: 'binh', gatewayDid: true, ask: expect.any(Date) }, { state: 'REFUNDED', refundedVnd: AMOUNT_VND, personReason: 'refunded-twice' }]);
    expect((await desk.history(of.reference)).filter((line) => line.includes('refunded-twice'))).toHaveLength(1);
  });

  it.each([['while what takes its place is under way', 'REFUNDING'], ['while its payment is disputed', 'DISPUTED']])('and did it %s has money out twice', async (_when, state) => {
    const of = await ended(NOT_DONE, '', AMOUNT_VND);
    if (state === 'REFUNDING') await ask(of.reference, AMOUNT_VND, moduleOf([bank()]));
    else await desk.rows(of.reference, `UPDATE payments SET state = 'DISPUTED' WHERE reference = $1`);
    await watch(of, GAVE);
    expect([await rowOf(of.requestId), await desk.payment(of.reference)]).toMatchObject([{ state: 'REFUSED', gatewayDid: true, ask: expect.any(Date) }, { state, refundedVnd: 0, personReason: 'refunded-twice' }]);
  });

  it('and did it where less is left than that has money out twice', async () => {
    const of = await ended(NOT_DONE, '', 30_000);
    const other = await ask(of.reference, 30_000, moduleOf([bank()]));
    for (const who of ['an', 'binh']) await moduleOf().services.byHand.record(desk.call(who), other.requestId, 'UNC-9');
    await watch(of, GAVE);
    expect([await rowOf(of.requestId), await desk.payment(of.reference)]).toMatchObject([{ state: 'REFUSED', gatewayDid: true }, { state: 'PAID', refundedVnd: 30_000, personReason: 'refunded-twice' }]);
  });

  it('and refused it is asked no more', async () => {
    const of = await ended(DONE);
    const before = [await rowOf(of.requestId), await desk.history(of.reference)];
    await watch(of, { says: 'refused', code: '99', text: null });
    expect([await rowOf(of.requestId), await desk.history(of.reference)]).toEqual([{ ...before[0] as object, ask: null }, before[1]]);
  });

  it.each<readonly [RefundWord['says'], Partial<PaymentGateway>, number]>([['processing', {}, HOUR], ['not-found', {}, HOUR], ['processing', { windows: { ...WINDOWS, askEveryMs: 2 * HOUR } }, 2 * HOUR]])('and calls it %s is asked seldom, for thirty days', async (says, over, everyMs) => {
    const of = await ended(DONE);
    await set(of.requestId, `settled_at = now() - interval '30 days' + interval '1 minute'`);
    await watch(of, { says, code: '7', text: null }, over);
    expect(Math.abs((await inSeconds(of) ?? 0) - everyMs / 1_000)).toBeLessThan(60);
    await set(of.requestId, `settled_at = now() - interval '30 days'`);
    await watch(of, { says, code: '7', text: null }, over);
    expect(await inSeconds(of)).toBeNull();
  });

  it('and of which another heard it meanwhile books nothing twice', async () => {
    const of = await ended(NOT_DONE);
    await watch(of, async () => {
      await set(of.requestId, `state = 'DONE', settled_by = 'party'`);
      return GAVE;
    });
    expect([await rowOf(of.requestId), await desk.payment(of.reference)]).toMatchObject([{ gatewayDid: false, ask: null }, { refundedVnd: 0, personReason: 'refund-not-done' }]);
  });
});
