import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LeasedDelivery } from '../../../src/deliveries/delivery.js';
import type { DeliveryOperation, Settled } from '../../../src/deliveries/delivery-operation.js';
import type { PartyCall } from '../../../src/deliveries/party-call.js';
import { PartyError } from '../../../src/errors/party-error.js';
import type { RefundAnswer, RefundOrder, RefundPort, RefundWord } from '../../../src/payments/payment-gateway-port.js';
import type { OwedRefund } from '../../../src/payments/refund-operation.js';
import { AMOUNT_VND, PaymentDesk, WINDOWS, bank, refundPort } from '../../support/payment-desk.js';
import { leased } from '../../unit/deliveries/situations.js';

const CALL: PartyCall = { correlationId: 'c', traceparent: null, signal: new AbortController().signal, journal: () => undefined };
const DAY = 86_400_000;

let desk: PaymentDesk;

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());

const moduleOf = (port: Partial<RefundPort> = {}) => desk.module([bank({ party: 'cash' }), bank({ refunds: refundPort(port) })]);
/** What the engine carries for the one gateway that can give back. */
const operationOf = (port: Partial<RefundPort> = {}): DeliveryOperation<OwedRefund> => {
  const [operation, ...others] = moduleOf(port).operations;
  if (operation === undefined || others.length > 0) throw new Error('one gateway gives back');
  return operation as DeliveryOperation<OwedRefund>;
};
const rowOf = async (requestId: string) => (await desk.rows(requestId, `SELECT id, payment_id AS payment, delivery_id AS delivery, state, code, text, gateway_transaction AS number, settled_by AS by, sent_at AS sent, ask_at AS ask, approved_at AS approved FROM refunds WHERE request_id = $1`))[0] ?? {};

interface Owed { readonly reference: string; readonly requestId: string; readonly delivery: LeasedDelivery }
/** A refund that was approved, up to the limit by who asked for it, and is owed to its gateway. */
const owed = async (amountVnd = 20_000, over = ''): Promise<Owed> => {
  const reference = await desk.given('PAID', over);
  const { services } = moduleOf();
  const asked = await services.refunds.request(desk.call('an'), reference, amountVnd);
  if (asked.kind !== 'done') throw new Error(JSON.stringify(asked));
  const { requestId } = asked.result;
  if (amountVnd > 20_000) await services.refunds.approve(desk.call('binh'), requestId);
  const { id, delivery } = await rowOf(requestId);
  return { reference, requestId, delivery: leased({ id: String(delivery), party: 'bank', subjectId: String(id) }) };
};
const loaded = async ({ delivery }: Owed, operation = operationOf()): Promise<OwedRefund> => {
  const found = (await operation.load([delivery])).get(delivery.id);
  if (found === undefined || 'unsendable' in found) throw new Error('not to be sent');
  return found;
};
const set = (requestId: string, to: string): Promise<unknown> => desk.rows(requestId, `UPDATE refunds SET ${to} WHERE request_id = $1`);

describe('a refund that its gateway is owed', () => {
  it('may not be repeated unasked, is asked for when its gateway may know, and is a person\'s after a week', () => {
    expect(operationOf()).toMatchObject({ party: 'bank', name: 'refund-payment', effect: 'unsafe', whenUnknown: { act: 'ask', afterMs: WINDOWS.askAfterMs }, maxAgeMs: 7 * DAY });
  });

  it('says how much of what, why, and who approved it when', async () => {
    const part = await owed(20_000, `gateway_transaction = 'T5'`);
    const { approved } = await rowOf(part.requestId);
    const expected: RefundOrder = {
      requestId: part.requestId, amountVnd: 20_000, isFull: false, reason: 'vì sao', approvedBy: 'an', createdAt: approved as Date, gatewayTransaction: 'T5',
      payment: expect.objectContaining({ reference: part.reference, amountVnd: AMOUNT_VND, items: [{ key: 'LP', kind: 'FEE', name: 'Phí', amountVnd: AMOUNT_VND }] }) as unknown as RefundOrder['payment'],
    };
    expect((await loaded(part)).order).toEqual(expected);
    const whole = await owed(AMOUNT_VND);
    expect((await loaded(whole)).order).toMatchObject({ amountVnd: AMOUNT_VND, isFull: true, approvedBy: 'binh', gatewayTransaction: null });
  });

  it.each([['APPROVED', true], ['PROCESSING', true], ['REQUESTED', false], ['DECLINED', false], ['BY_HAND', false], ['DONE', false], ['REFUSED', false]] as const)('is sent while it is %s: %s, whatever its delivery says', async (state, isSent) => {
    const [of, other] = [await owed(), await owed()];
    await set(of.requestId, `state = '${state}'`);
    const sent = await operationOf().load([of.delivery, other.delivery, leased({ id: '0', subjectId: '0' })]);
    expect([...sent.keys()]).toEqual(isSent ? [of.delivery.id, other.delivery.id] : [other.delivery.id]);
  });
});

describe('a refund that is sent', () => {
  const send = async (of: Owed, answer: RefundAnswer | Error) => {
    let during: Record<string, unknown> = {};
    const operation = operationOf({ refund: async ({ requestId }) => {
      during = await rowOf(requestId);
      if (answer instanceof Error) throw answer;
      return answer;
    } });
    const result = await operation.send(await loaded(of, operation), CALL, of.delivery).catch((error: unknown) => error);
    return { during, result };
  };

  it('counts as sent before its gateway hears of it, also where no answer comes', async () => {
    const of = await owed();
    const lost = new PartyError('outcome-unknown', { party: 'bank', operation: 'refund', code: 'timeout' });
    const { during, result } = await send(of, lost);
    expect([during, result]).toMatchObject([{ state: 'APPROVED', sent: expect.any(Date) }, { code: 'timeout' }]);
    expect(await rowOf(of.requestId)).toMatchObject({ state: 'APPROVED', code: null, ask: null, sent: during['sent'] });
  });

  it.each<readonly [RefundAnswer, object, Record<string, unknown>, number | null]>([
    [{ kind: 'done', code: '00', gatewayTransaction: 'R1' }, { kind: 'accepted' }, { state: 'APPROVED', code: '00', text: null, number: 'R1' }, null],
    [{ kind: 'processing', code: '05', gatewayTransaction: null }, { kind: 'accepted' }, { state: 'PROCESSING', code: '05', text: null, number: null }, WINDOWS.askAfterMs],
    [{ kind: 'rejected', code: '94', text: 'no' }, { kind: 'rejected', code: '94', text: 'no' }, { state: 'APPROVED', code: '94', text: 'no', number: null }, null],
  ])('is kept with what its gateway answered before its delivery ends: %j', async (answer, result, row, askedInMs) => {
    const of = await owed();
    expect((await send(of, answer)).result).toEqual(result);
    const kept = await rowOf(of.requestId);
    expect(kept).toMatchObject(row);
    expect((kept['ask'] as Date | null)?.getTime() ?? null).toBe(askedInMs === null ? null : desk.now.getTime() + askedInMs);
  });

  it('is not, where it cannot be written that it is; that is a defect, unless the database is away', async () => {
    const { order } = await loaded(await owed());
    let calls = 0;
    const operation = operationOf({ refund: () => Promise.resolve({ kind: 'done', code: String(calls += 1), gatewayTransaction: null }) });
    const error: unknown = await operation.send({ order, refund: { id: 'none' } as OwedRefund['refund'] }, CALL, leased()).catch((cause: unknown) => cause);
    expect([error instanceof PartyError, error, calls]).toEqual([false, expect.objectContaining({ message: expect.stringContaining('bigint') }), 0]);
  });
});

describe('a refund of which no answer came', () => {
  const ask = async (of: Owed, word: RefundWord): Promise<unknown> => {
    const operation = operationOf({ askRefund: () => Promise.resolve(word) });
    return operation.ask?.(await loaded(of, operation), CALL).catch((error: unknown) => error);
  };
  const NOT_FOUND: RefundWord = { says: 'not-found', code: '91', text: null };

  it('is not sent again until its gateway has had its time since it may have heard', async () => {
    const of = await owed();
    const notYet = expect.objectContaining({ name: 'PartyError', kind: 'unavailable', party: 'bank', operation: 'refund-payment', code: 'not-found-yet' });
    // Its process may have died before it wrote that it sends: its time begins now.
    expect([await ask(of, NOT_FOUND), (await rowOf(of.requestId))['sent']]).toEqual([notYet, expect.any(Date)]);
    const sentAt = (ms: number): string => new Date(desk.now.getTime() - ms).toISOString();
    await set(of.requestId, `sent_at = '${sentAt(WINDOWS.settleMs - 1)}'`);
    expect(await ask(of, NOT_FOUND)).toEqual(notYet);
    expect((await rowOf(of.requestId))['sent']).toEqual(new Date(sentAt(WINDOWS.settleMs - 1)));
    await set(of.requestId, `sent_at = '${sentAt(WINDOWS.settleMs)}'`);
    expect(await ask(of, NOT_FOUND)).toEqual({ kind: 'not-done' });
  });

  it.each([['done', { state: 'APPROVED', code: null, text: null, ask: null }], ['processing', { state: 'PROCESSING', code: '7' }], ['refused', { state: 'PROCESSING', code: '7' }]] as const)('has arrived where its gateway calls it %s', async (says, row) => {
    const of = await owed();
    expect(await ask(of, { says, code: '7', text: null })).toEqual({ kind: 'done' });
    expect(await rowOf(of.requestId)).toMatchObject({ ask: desk.now, ...row });
  });
});

describe('the end of its delivery', () => {
  const ends = async ({ delivery }: Owed, to: Settled['to'], over: Partial<Settled> = {}): Promise<void> =>
    desk.database.transaction((client) => operationOf().settled(client, [{ delivery: { ...delivery, reasonText: 'their words' }, to, reason: '94', items: new Map(), ...over }]));

  it.each([['accepted', AMOUNT_VND, { state: 'REFUNDED', refundedVnd: AMOUNT_VND, personReason: null }, 'DONE', 'REFUNDED refunded'], ['accepted', 20_000, { state: 'PAID', refundedVnd: 20_000, personReason: null }, 'DONE', 'PAID refunded-partly'],
    ['rejected', AMOUNT_VND, { state: 'PAID', refundedVnd: 0, personReason: 'refund-refused' }, 'REFUSED', 'PAID refund-refused']] as const)('as %s ends a refund of %d, once, by the word of the gateway', async (to, amountVnd, payment, state, history) => {
    const of = await owed(amountVnd);
    for (let n = 0; n < 2; n += 1) await ends(of, to);
    expect(await desk.payment(of.reference)).toMatchObject(payment);
    expect(await rowOf(of.requestId)).toMatchObject({ state, code: '94', text: 'their words', by: 'party', ask: null });
    expect((await desk.history(of.reference)).slice(1)).toEqual([`REFUNDING ${history} refund party/bank`]);
  });

  it('leaves one that is on its way, unless it was refused after all', async () => {
    const of = await owed();
    await set(of.requestId, `state = 'PROCESSING'`);
    await ends(of, 'accepted');
    expect([await rowOf(of.requestId), (await desk.payment(of.reference))?.state]).toMatchObject([{ state: 'PROCESSING', by: null }, 'REFUNDING']);
    await ends(of, 'rejected');
    expect([await rowOf(of.requestId), (await desk.payment(of.reference))?.state]).toMatchObject([{ state: 'REFUSED' }, 'PAID']);
  });

  it.each(['due', 'unknown', 'parked'] as const)('is none while it is %s', async (to) => {
    const of = await owed();
    await ends(of, to);
    expect([await rowOf(of.requestId), (await desk.payment(of.reference))?.state]).toMatchObject([{ state: 'APPROVED', by: null }, 'REFUNDING']);
  });

  it('ends nothing of a payment of which no refund is under way, and keeps no other from its end', async () => {
    const [of, other] = [await owed(), await owed()];
    await desk.rows(of.reference, `UPDATE payments SET state = 'DISPUTED' WHERE reference = $1`);
    const settled = ({ delivery }: Owed): Settled => ({ delivery, to: 'accepted', reason: null, items: new Map() });
    await desk.database.transaction((client) => operationOf().settled(client, [settled(of), settled(other)]));
    expect([await rowOf(of.requestId), (await desk.payment(of.reference))?.state, await rowOf(other.requestId)]).toMatchObject([{ state: 'APPROVED', by: null }, 'DISPUTED', { state: 'DONE' }]);
  });

  it('that is said once more ends nothing of another refund that is under way by then', async () => {
    const first = await owed(10_000, 'surplus = true');
    await desk.rows(first.reference, `SELECT post_ledger('SURPLUS', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
    await ends(first, 'accepted');
    const second = await moduleOf().services.refunds.request(desk.call('an'), first.reference, 5_000);
    for (const to of ['accepted', 'rejected'] as const) await ends(first, to);
    expect([second.kind, await rowOf(first.requestId), await desk.payment(first.reference)]).toMatchObject(['done', { state: 'DONE' }, { state: 'REFUNDING', refundedVnd: 10_000 }]);
  });

  it('of what is no refund of ours ends nothing, and keeps no other from its end', async () => {
    const of = await owed();
    const gone: Settled = { delivery: leased({ subjectId: '0' }), to: 'accepted', reason: null, items: new Map() };
    await desk.database.transaction((client) => operationOf().settled(client, [gone, { ...gone, delivery: of.delivery }]));
    expect(await rowOf(of.requestId)).toMatchObject({ state: 'DONE', code: null });
  });
});
