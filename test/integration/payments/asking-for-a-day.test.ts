import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { PartyCall } from '../../../src/deliveries/party-call.js';
import { PartyError } from '../../../src/errors/party-error.js';
import type { GatewayWord, PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import { IncompleteAnswers, askForDay } from '../../../src/payments/reconciliation-asking.js';
import { ReconciliationStore } from '../../../src/payments/reconciliation-store.js';
import type { StatementLine } from '../../../src/payments/statement-reader-port.js';
import { eventually } from '../../support/eventually.js';
import { AMOUNT_VND, PaymentDesk, bank, said } from '../../support/payment-desk.js';

const PAID_AT = new Date('2026-03-15T03:00:00.000Z');
const PAID = said('paid', { amountVnd: AMOUNT_VND, gatewayTransaction: 'T1', paidAt: PAID_AT });

let desk: PaymentDesk;
let references: string[];
let asked: string[];
let logged: Record<string, unknown>[];
let alive: number;

type Answer = (reference: string, nth: number, call: PartyCall) => GatewayWord | Error | Promise<GatewayWord>;
interface Asking { readonly concurrency?: number; readonly windows?: PaymentGateway['windows']; readonly signal?: AbortSignal; readonly party?: string }

/** Asks for the day at a gateway that answers so, to the n-th question about each payment. */
const askAll = (answer: Answer | null, { concurrency = 2, windows = bank().windows, signal = new AbortController().signal, party = 'bank' }: Asking = {}): Promise<readonly StatementLine[]> => {
  const gateway = bank({ party, windows, ask: answer === null ? null : ({ reference }, call) => {
    asked.push(reference);
    call.journal({ operation: 'ask', startedAt: PAID_AT, durationMs: 1, httpStatus: 200, request: {}, reply: {} });
    const word = answer(reference, asked.filter((each) => each === reference).length, call);
    return word instanceof Error ? Promise.reject(word) : Promise.resolve(word);
  } });
  const { store, orders } = desk.module([gateway]);
  return askForDay(
    { database: desk.database, store, orders, runs: new ReconciliationStore(), concurrency, logger: pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) }) },
    { gateway, from: new Date(desk.now.getTime() - 86_400_000), to: new Date(desk.now.getTime() + 60_000), signal, alive: () => Promise.resolve(void (alive += 1)) });
};
const busy = (retryAfterMs?: number, isOfOne = false): PartyError => new PartyError('rate-limited', { party: 'bank', operation: 'ask', code: 'busy', isOfOne, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
const byPayment = (lines: readonly StatementLine[]): string[] => lines.map(({ reference }) => String(reference));
const evidence = async (): Promise<number> => (await desk.database.query(`SELECT 1 FROM evidence WHERE kind = 'payment-exchange'`)).rowCount ?? 0;

beforeAll(async () => {
  desk = await PaymentDesk.open();
  references = [];
  for (let n = 0; n < 3; n += 1) references.push(await desk.given('PAID', `paid_at = '${desk.iso(0)}'`));
});
afterAll(() => desk.close());
beforeEach(() => {
  [asked, logged, alive] = [[], [], 0];
});

describe('asking a gateway for each payment of a day', () => {
  it('gives a line for each, in its words, and says before each handful that it lives', async () => {
    const before = await evidence();
    const lines = await askAll(() => PAID);
    expect(lines).toEqual(references.map((reference, index) => ({ line: index + 1, kind: 'PAYMENT', reference, gatewayTransaction: 'T1', amountVnd: AMOUNT_VND, state: 'paid', at: PAID_AT })));
    expect([alive, await evidence()]).toEqual([2, before]);
  });

  it.each([['another amount', { ...PAID, amountVnd: 1 }], ['nothing of money that we have', said('failed')], ['a dispute', said('disputed', { amountVnd: AMOUNT_VND })]])('keeps what was said as evidence where it is %s', async (_what, word) => {
    const before = await evidence();
    await askAll(() => word);
    expect(await evidence()).toBeGreaterThan(before);
  });

  it('waits as long as the gateway asks for, and as long as it allows by itself', async () => {
    expect(byPayment(await askAll((_reference, nth) => (nth === 1 ? busy(5) : PAID)))).toEqual(references);
    expect(byPayment(await askAll((_reference, nth) => (nth < 3 ? busy() : PAID), { windows: { ...bank().windows, askEveryMs: 5 } }))).toEqual(references);
  });

  it.each([['for longer than two minutes', 120_001], ['again and again', 0]])('gives up where it is to wait %s', async (_what, retryAfterMs) => {
    await expect(askAll(() => busy(retryAfterMs), { concurrency: 1 })).rejects.toThrow(IncompleteAnswers);
    expect(asked).toHaveLength(retryAfterMs === 0 ? 21 : 1);
    expect(logged).toEqual([expect.objectContaining({ level: 30, reference: references[0], party: 'bank', code: 'busy', msg: 'the gateway did not answer for a payment of the day' })]);
  });

  it('asks for one payment at the end where the gateway would not speak of that one yet, up to three times', async () => {
    const first = references[0] ?? '';
    const lines = await askAll((reference, nth) => (reference === first && nth <= 3 ? busy(5, true) : PAID), { concurrency: 1 });
    expect([byPayment(lines), lines.map(({ line }) => line)]).toEqual([[...references.slice(1), first], [1, 2, 3]]);
    asked = [];
    await expect(askAll((reference) => (reference === first ? busy(5, true) : PAID), { concurrency: 1 })).rejects.toThrow(IncompleteAnswers);
    expect(asked.filter((reference) => reference === first)).toHaveLength(4);
  });

  it('does not wait for one payment for more than a quarter of an hour', async () => {
    await expect(askAll(() => busy(900_001, true), { concurrency: 1 })).rejects.toThrow(IncompleteAnswers);
    expect(asked).toHaveLength(1);
  });

  it('is not enough where one is not answered for, and a defect of ours is named as such', async () => {
    const away = new PartyError('unavailable', { party: 'bank', operation: 'ask', code: 'refused' });
    await expect(askAll((reference) => (reference === references[2] ? away : PAID))).rejects.toMatchObject({ name: 'IncompleteAnswers', cause: away });
    await expect(askAll(() => new TypeError('a defect'), { concurrency: 1 })).rejects.toThrow(TypeError);
    await expect(askAll(null)).rejects.toThrow(IncompleteAnswers);
  });
});

describe('a word about a payment', () => {
  const exchanges = (reference: string) => desk.rows(`payment/${reference}`, `SELECT e.kind, e.actor, b.body::json ->> 'source' AS source, b.body::json ->> 'operation' AS operation FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id WHERE e.subject = $1 AND e.kind = 'payment-exchange'`);

  it.each([
    ['paid', 'AWAITING', true], ['disputed', 'AWAITING', true], ['failed', 'AWAITING', false], ['pending', 'AWAITING', false], ['not-found', 'AWAITING', false],
    ['paid', 'PAID', false], ['disputed', 'PAID', true], ['failed', 'PAID', true], ['pending', 'PAID', true], ['not-found', 'PAID', true],
  ] as const)('that calls it %s, which is %s here, is evidence where it is another word than ours (%s)', async (says, state, isKept) => {
    const party = `${says}-${state}`;
    const reference = await desk.given(state, `gateway = '${party}', sent_at = '${desk.iso(0)}'${state === 'PAID' ? `, paid_at = '${desk.iso(0)}'` : ''}`);
    await askAll(() => said(says, { amountVnd: AMOUNT_VND }), { party });
    expect(asked).toEqual([reference]);
    expect(await exchanges(reference)).toEqual(isKept ? [{ kind: 'payment-exchange', actor: `party/${party}`, source: 'query', operation: 'ask' }] : []);
  });
});

describe('a worker that is stopped', () => {
  it('breaks off the question that is under way', async () => {
    const stop = new AbortController();
    const asking = askAll((_reference, _nth, { signal }) => {
      setImmediate(() => stop.abort(new Error('the worker ends')));
      return new Promise((_resolve, reject) => { signal.addEventListener('abort', () => reject(signal.reason as Error)); });
    }, { signal: stop.signal, concurrency: 1 });
    await expect(asking).rejects.toThrow('the worker ends');
    expect(asked).toHaveLength(1);
  });

  it.each<readonly [string, PartyError, readonly [questions: number, times: number]]>([
    ['two minutes, for which a gateway may ask', busy(120_000), [1, 1]], ['a quarter of an hour, for which it may ask for one payment', busy(900_000, true), [3, 4]],
  ])('waits no longer for the end of %s', async (_what, error, [questions, times]) => {
    const stop = new AbortController();
    const asking = askAll((reference) => (reference === references[0] ? error : PAID), { signal: stop.signal, concurrency: 1 });
    // It says that it lives before each question, and while it waits.
    await eventually('it to wait', () => asked.length === questions && alive === times);
    stop.abort();
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
    expect([asked.length, alive]).toEqual([questions, times]);
  });
});
