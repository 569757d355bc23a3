import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PartyError } from '../../../src/errors/party-error.js';
import type { GatewayWord, PaymentGateway, RefundWord } from '../../../src/payments/payment-gateway-port.js';
import { AMOUNT_VND, PaymentDesk, WINDOWS, bank, refundPort, said } from '../../support/payment-desk.js';

const [SECOND, HOUR] = [1_000, 3_600_000];
const DUE = `ask_at = now() - interval '1 second'`;
const PAID = said('paid', { amountVnd: AMOUNT_VND, gatewayTransaction: 'T1' });

let desk: PaymentDesk;
let asked: string[];

type Asked = (reference: string) => GatewayWord | Error;
const asking = (answer: Asked, over: Partial<PaymentGateway> = {}): PaymentGateway => bank({
  ask: ({ reference }) => {
    asked.push(reference);
    const word = answer(reference);
    return word instanceof Error ? Promise.reject(word) : Promise.resolve(word);
  }, ...over,
});
const failing = (kind: PartyError['kind'], over: { retryAfterMs?: number; isOfOne?: boolean } = {}): PartyError => new PartyError(kind, { party: 'bank', operation: 'ask', code: `code-${kind}`, ...over });
const nextAsk = async (reference: string): Promise<number | null> => {
  const at = (await desk.payment(reference))?.askAt ?? null;
  return at === null ? null : at.getTime() - desk.now.getTime();
};

/** Whether an instant lies so long behind some moment of what was done, however long that took. */
const during = async (work: () => Promise<unknown>): Promise<(at: unknown, afterMs: number) => boolean> => {
  const before = Date.now();
  await work();
  const after = Date.now();
  return (at, afterMs) => at instanceof Date && at.getTime() >= before + afterMs && at.getTime() <= after + afterMs;
};

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());
beforeEach(async () => {
  asked = [];
  await desk.begin();
});

describe('a turn of the watcher', () => {
  it('asks for what is due, once, and hears what it says', async () => {
    const [due, later] = [await desk.given('UNKNOWN', DUE), await desk.given('UNKNOWN', `ask_at = now() + interval '1 minute'`)];
    expect(await desk.turn(asking(() => PAID))).toBe(1);
    expect([asked, (await desk.payment(due))?.state, (await desk.payment(later))?.state]).toEqual([[due], 'PAID', 'UNKNOWN']);
    expect(await desk.history(due)).toEqual(['UNKNOWN PAID query party/bank']);
    expect(await desk.turn(asking(() => PAID))).toBe(0);
  });

  it('puts the next question off before it asks, so that another worker does not', async () => {
    const reference = await desk.given('UNKNOWN', DUE);
    const isBehind = await during(async () => expect(await desk.turn(asking(() => said('pending')), bank({ party: 'other' }))).toBe(1));
    expect([isBehind((await desk.payment(reference))?.askAt, WINDOWS.askEveryMs), (await desk.payment(reference))?.asks]).toEqual([true, 1]);
  });

  it('leaves a payment to its process for two minutes, and asks for it then', async () => {
    const [young, old] = [await desk.given('CREATED', `${DUE}, sent_at = '${desk.iso(-119_999)}'`), await desk.given('CREATED', `${DUE}, sent_at = '${desk.iso(-120_000)}'`)];
    await desk.turn(asking(() => PAID));
    expect([await desk.history(young), await desk.history(old), asked]).toEqual([[], ['CREATED UNKNOWN left-behind clock gateway'], []]);
    expect(await nextAsk(old)).toBe(0);
  });

  it('fails what was left behind where opening sends nothing, and frees its fees', async () => {
    const reference = await desk.given('CREATED', DUE);
    await desk.turn(bank({ opensUnsent: true }));
    expect([await desk.history(reference), await nextAsk(reference)]).toEqual([['CREATED FAILED left-behind clock gateway'], null]);
    expect(await desk.rows(reference, 'SELECT open_payment FROM fee_items WHERE dossier_code = $1')).toEqual([{ open_payment: null }]);
  });

  it.each<readonly [string, PaymentGateway['ask'], number | null]>([['is over for good', null, null], ['is asked for still, seldom', () => Promise.resolve(said('pending')), HOUR]])('ends what nobody paid in time, which %s', async (_what, ask, next) => {
    const [over, open] = [await desk.given('AWAITING', `${DUE}, expires_at = '${desk.iso(-HOUR)}'`), await desk.given('AWAITING', `${DUE}, expires_at = '${desk.iso(-HOUR + 1)}'`)];
    await desk.turn(bank({ ask }));
    expect([await desk.history(over), await nextAsk(over), (await desk.payment(open))?.state]).toEqual([['AWAITING EXPIRED time-over clock gateway'], next, 'AWAITING']);
    expect(await desk.rows(over, 'SELECT open_payment FROM fee_items WHERE dossier_code = $1')).toEqual([{ open_payment: null }]);
  });
});

describe('a question without an answer', () => {
  it('is said in the log, and asked again', async () => {
    const reference = await desk.given('UNKNOWN', DUE);
    await desk.turn(asking(() => failing('unavailable')));
    expect(desk.logged).toEqual([expect.objectContaining({ level: 30, reference, party: 'bank', code: 'code-unavailable', msg: 'the gateway did not answer for a payment' })]);
    expect([(await desk.payment(reference))?.state, await desk.history(reference)]).toEqual(['UNKNOWN', []]);
  });

  it.each([[600 * SECOND, 600 * SECOND], [undefined, WINDOWS.askEveryMs]])('for it came too often is put off as long as is asked (%s), and so is the gateway', async (retryAfterMs, waitsMs) => {
    const reference = await desk.given('UNKNOWN', DUE);
    const watcher = desk.module([asking(() => failing('rate-limited', retryAfterMs === undefined ? {} : { retryAfterMs }))]).createWatcher();
    await watcher.turn();
    expect(await nextAsk(reference)).toBe(waitsMs);
    const other = await desk.given('UNKNOWN', DUE);
    desk.now = new Date(desk.now.getTime() + waitsMs - 1);
    expect([await watcher.turn(), asked]).toEqual([0, [reference]]);
    desk.now = new Date(desk.now.getTime() + 1);
    expect([await watcher.turn(), asked]).toEqual([1, [reference, other]]);
  });

  it('of one payment that came too often holds that one only', async () => {
    const reference = await desk.given('UNKNOWN', DUE);
    const watcher = desk.module([asking(() => failing('rate-limited', { isOfOne: true, retryAfterMs: HOUR }))]).createWatcher();
    await watcher.turn();
    expect(await nextAsk(reference)).toBe(HOUR);
    const other = await desk.given('UNKNOWN', DUE);
    expect([await watcher.turn(), asked]).toEqual([1, [reference, other]]);
  });

  it('for we failed is said in the log, and keeps no other waiting', async () => {
    const [broken, fine] = [await desk.given('UNKNOWN', DUE), await desk.given('UNKNOWN', DUE)];
    expect(await desk.turn(asking((reference) => (reference === broken ? new TypeError('a defect') : PAID)))).toBe(2);
    expect([(await desk.payment(broken))?.state, (await desk.payment(fine))?.state]).toEqual(['UNKNOWN', 'PAID']);
    expect(desk.logged).toEqual([expect.objectContaining({ level: 50, reference: broken, party: 'bank', err: expect.objectContaining({ message: 'a defect' }), msg: 'a payment could not be looked at' })]);
  });
});

describe('a payment for which nobody waits any longer', () => {
  const LATE = (): string => `${DUE}, give_up_at = '${desk.iso(0)}'`;

  it.each<readonly [string, Asked]>([['of which the gateway does not answer', () => failing('unavailable')], ['of which we cannot ask', () => new TypeError('a defect')], ['of which it says too often', () => failing('rate-limited')], ['of which it knows nothing yet', () => said('not-found')]])(
    '%s is a person\'s, and asked for no more', async (_what, answer) => {
      const [late, inTime] = [await desk.given('UNKNOWN', `${LATE()}, sent_at = now()`), await desk.given('UNKNOWN', `${DUE}, sent_at = now(), give_up_at = '${desk.iso(1)}'`)];
      await desk.turn(asking(answer));
      expect(await desk.payment(late)).toMatchObject({ state: 'UNKNOWN', personReason: 'unknown', askAt: null });
      expect(await desk.history(late)).toEqual(['UNKNOWN UNKNOWN given-up clock gateway']);
      expect([(await desk.payment(inTime))?.personReason, await desk.history(inTime)]).toEqual([null, []]);
    });

  it('keeps the reason for which a person looks already, and stays disputed', async () => {
    const [known, disputed] = [await desk.given('UNKNOWN', `${LATE()}, person_reason = 'amount'`), await desk.given('DISPUTED', `${LATE()}, person_reason = 'disputed'`)];
    await desk.turn(asking(() => failing('unavailable')));
    expect([await desk.payment(known), await desk.payment(disputed)]).toMatchObject([{ personReason: 'amount', askAt: null }, { state: 'DISPUTED', personReason: 'disputed', askAt: null }]);
    expect(await desk.history(disputed)).toEqual(['DISPUTED DISPUTED given-up clock gateway']);
  });

  it('is a person\'s also where its gateway is configured no more', async () => {
    const [late, open, left] = [await desk.given('UNKNOWN', LATE()), await desk.given('AWAITING', DUE), await desk.given('CREATED', DUE)];
    expect(await desk.turn(bank({ party: 'other' }))).toBe(3);
    expect([await desk.payment(late), await desk.payment(open), await desk.payment(left)]).toMatchObject([{ personReason: 'unknown', askAt: null }, { state: 'AWAITING', personReason: null }, { state: 'UNKNOWN' }]);
    expect(await nextAsk(open)).toBeGreaterThan(290 * SECOND);
  });
});

describe('refunds at a gateway', () => {
  const refund = async (state: string, over = ''): Promise<string> => {
    const reference = await desk.given('REFUNDING');
    await desk.rows(reference, `SELECT post_ledger('REFUND_DECIDED', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
    await desk.rows(reference, `INSERT INTO refunds (request_id, payment_id, amount_vnd, reason, state, requested_by, approved_by, approved_at, ask_at) SELECT 'R' || reference, id, amount_vnd, 'why', '${state}', 'an', 'binh', now(), now() - interval '1 second' FROM payments WHERE reference = $1`);
    if (over !== '') await desk.rows(reference, `UPDATE refunds SET ${over} WHERE request_id = 'R' || $1`);
    return reference;
  };
  const refundOf = async (reference: string) => (await desk.rows(reference, `SELECT state, code, text, settled_by AS by, ask_at AS ask FROM refunds WHERE request_id = 'R' || $1`))[0];
  const answering = (answer: RefundWord | Error): PaymentGateway => bank({ refunds: refundPort({ askRefund: ({ requestId }) => {
    asked.push(requestId);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  } }) });

  it.each([['done', 'REFUNDED', 'DONE', null, 'refunded'], ['refused', 'PAID', 'REFUSED', 'refund-refused', 'refund-refused']] as const)('that it calls %s end so', async (says, state, refundState, personReason, reason) => {
    const reference = await refund('PROCESSING');
    expect(await desk.turn(answering({ says, code: '7', text: 'their words' }))).toBe(1);
    expect(await desk.payment(reference)).toMatchObject({ state, personReason });
    expect(await refundOf(reference)).toMatchObject({ state: refundState, code: '7', text: 'their words', by: 'party', ask: null });
    expect(await desk.history(reference)).toEqual([`REFUNDING ${state} ${reason} refund party/bank`]);
  });

  it.each(['processing', 'not-found'] as const)('that it calls %s are asked for again', async (says) => {
    const reference = await refund('PROCESSING');
    const isBehind = await during(() => desk.turn(answering({ says, code: '7', text: null })));
    expect([(await desk.payment(reference))?.state, await refundOf(reference)]).toMatchObject(['REFUNDING', { state: 'PROCESSING' }]);
    expect(isBehind((await refundOf(reference))?.['ask'], WINDOWS.askEveryMs)).toBe(true);
  });

  it('of which it does not answer are said in the log, and asked for again', async () => {
    const reference = await refund('PROCESSING');
    const isBehind = await during(async () => expect(await desk.turn(answering(failing('unavailable')))).toBe(1));
    expect(desk.logged).toEqual([expect.objectContaining({ level: 40, code: 'code-unavailable', refund: `R${reference}`, msg: 'a refund could not be asked for' })]);
    expect(isBehind((await refundOf(reference))?.['ask'], WINDOWS.askEveryMs)).toBe(true);
  });

  it.each([[false, 1], [true, 2]])('that are asked for too often hold the gateway, unless it is about one (%s)', async (isOfOne, questions) => {
    await refund('PROCESSING');
    await refund('PROCESSING');
    const watcher = desk.module([answering(failing('rate-limited', { isOfOne, retryAfterMs: HOUR }))]).createWatcher();
    await watcher.turn();
    expect(asked).toHaveLength(questions);
    const waits = await desk.database.query(`SELECT 1 FROM refunds WHERE ask_at > now() + interval '50 minutes'`);
    expect(waits.rowCount).toBe(questions);
    await refund('PROCESSING');
    await watcher.turn();
    expect(asked).toHaveLength(isOfOne ? 3 : 1);
  });

  it('that do not end are a person\'s after three days, and asked on', async () => {
    const [stuck, young] = [await refund('PROCESSING', `approved_at = now() - interval '72 hours 1 second'`), await refund('PROCESSING', `approved_at = now() - interval '71 hours'`)];
    // Both are asked for, and one is told of.
    expect(await desk.turn(answering({ says: 'processing', code: '7', text: null }))).toBe(3);
    expect([await desk.payment(stuck), await desk.payment(young)]).toMatchObject([{ state: 'REFUNDING', personReason: 'refund-stuck' }, { personReason: null }]);
    expect(await desk.history(stuck)).toEqual(['REFUNDING REFUNDING refund-stuck clock gateway']);
    expect(await desk.rows(stuck, 'SELECT type, reason FROM events WHERE payment_reference = $1')).toEqual([{ type: 'payment.person', reason: 'refund-stuck' }]);
  });
});

describe('health', () => {
  it('is lost when nobody has looked for two minutes, and says how much waits', async () => {
    await desk.given('UNKNOWN', `ask_at = now() - interval '100 seconds'`);
    await desk.given('UNKNOWN', `ask_at = now() + interval '1 hour', person_reason = 'unknown'`);
    const { readiness } = desk.module([]);
    expect(await readiness()).toMatchObject({ ready: true, detail: { due: 1, forPersons: 1 } });
    await desk.given('UNKNOWN', `ask_at = now() - interval '121 seconds'`);
    expect(await readiness()).toMatchObject({ ready: false, detail: { due: 2, forPersons: 1 } });
    await desk.database.query('UPDATE payments SET ask_at = NULL, person_reason = NULL');
    expect(await readiness()).toEqual({ ready: true, detail: { due: 0, lateSeconds: 0, forPersons: 0 } });
  });
});
