import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { PartyError } from '../../../src/errors/party-error.js';
import type { GatewayWord, PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import { dayAfter, vietnamMidnight } from '../../../src/payments/reconciliation-day.js';
import { createReconciliationModule } from '../../../src/payments/reconciliation-module.js';
import type { ReconciliationModule } from '../../../src/payments/reconciliation-module.js';
import { AMOUNT_VND, PaymentDesk, bank, said } from '../../support/payment-desk.js';
import { FIELD_KEY } from '../../support/payment-gateway.js';

const HALF_DAY_MS = 12 * 3_600_000;
const NOBODY = '999999999';
const DIRECT = bank({ moneyGoes: 'direct' });
/** Two banks, and a gateway that collects: each knows money by numbers of its own. */
const ALL = [DIRECT, bank({ party: 'other-bank', moneyGoes: 'direct' }), bank({ party: 'till' })];
const away = new PartyError('unavailable', { party: 'bank', operation: 'ask', code: 'refused' });

let desk: PaymentDesk;
let logged: Record<string, unknown>[];
let asked: string[];
let serial = 0;
/** Each test has a day of its own, so that what one leaves is no difference of another. */
let day = '2026-03-01';

const moduleOf = (gateways: readonly PaymentGateway[]): ReconciliationModule => createReconciliationModule({
  database: desk.database, gateways, payments: desk.module(gateways), now: () => desk.now,
  agencies: createAgencyModule({ database: desk.database, settings: { tenantAgencyCodes: ['H42'], fingerprintKey: FIELD_KEY, keepHours: 1 } }),
  logger: pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) }),
  settings: { fingerprintKey: FIELD_KEY, keepHours: 1, atMinutes: null, askConcurrency: 2 },
});
/** Answers by reference; of others it knows nothing. */
const answering = (answers: Readonly<Record<string, GatewayWord | Error>>): PaymentGateway => bank({ ask: ({ reference }) => {
  asked.push(reference);
  const word = answers[reference] ?? said('not-found');
  return word instanceof Error ? Promise.reject(word) : Promise.resolve(word);
} });

const noonOf = (on: string): Date => new Date(vietnamMidnight(on).getTime() + HALF_DAY_MS);
/** A payment of noon; columns are set as `over` says. */
const given = (state: string, over: Readonly<Record<string, string>> = {}, at = noonOf(day).toISOString()): Promise<string> => {
  const columns = { created_at: at, sent_at: at, expires_at: at, ...(state === 'PAID' ? { paid_at: at } : {}), ...over };
  return desk.given(state, Object.entries(columns).map(([column, value]) => `${column} = '${value}'`).join(', '));
};
const earlier = (state: string, over: Readonly<Record<string, string>>): Promise<string> => given(state, over, noonOf(dayAfter(day, -8)).toISOString());
const newNumber = (): string => `N${String(serial += 1)}`;
const lineOf = (reference: string, number: string, { kind = 'PAYMENT', vnd = AMOUNT_VND, state = 'PAID', on = day } = {}): string => [kind, reference, number, String(vnd), state, `${on} 12:00:00`].join();
const importFile = async (module: ReconciliationModule, lines: readonly string[], on = day): Promise<string> => {
  const content = Buffer.from(['kind,reference,transaction,amount_vnd,state,time', ...lines].join('\n'));
  const answer = await module.service.importStatement(desk.call('binh'), { gateway: 'bank', day: on, content, replacesEarlier: false });
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.result.runId;
};
const start = async (module: ReconciliationModule): Promise<string> => {
  const answer = await module.service.start(desk.call(), 'bank', day);
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.result.runId;
};
const carryOut = (module: ReconciliationModule, runId: string, signal = new AbortController().signal) => module.runner.runNext(signal, runId);
const runOf = (module: ReconciliationModule, runId: string) => module.queries.run(runId);
/** What a run found, oldest first. */
const foundBy = async (module: ReconciliationModule, runId: string) => [...(await module.queries.differences({ runId }, { first: 200, after: null })).rows].reverse();
const brief = async (module: ReconciliationModule, runId: string): Promise<string[]> =>
  (await foundBy(module, runId)).map((each) => [each.class, each.kind, each.action, each.reference, each.resolvedBy ?? 'open', each.resolution ?? '-'].join(' '));
/** Brings a file and carries out its run. */
const bring = async (module: ReconciliationModule, ...lines: readonly string[]): Promise<string> => {
  const runId = await importFile(module, lines);
  expect(await carryOut(module, runId)).toMatchObject({ run: { id: runId, gateway: 'bank', day }, failure: null });
  return runId;
};
const leaseEnds = (runId: string): Promise<unknown> => desk.database.query(`UPDATE reconciliation_runs SET lease_until = now() - interval '1 second' WHERE id = $1`, [runId]);
const heard = (reference: string) => desk.rows(reference, `SELECT source, to_state AS state, applied, reason, code, amount_vnd::integer AS vnd, gateway_transaction AS number, gateway_at AS at, actor
  FROM payment_events WHERE payment_id = (SELECT id FROM payments WHERE reference = $1) ORDER BY id`);

beforeAll(async () => {
  desk = await PaymentDesk.open();
  desk.now = new Date('2026-09-01T00:00:00Z');
});
afterAll(() => desk.close());
beforeEach(() => {
  day = dayAfter(day, 3);
  [logged, asked] = [[], []];
});

/** A bank told of money of this number, which fitted no payment. */
const keepMoney = (number: string, resolvedAt: Date | null = null): Promise<unknown> =>
  desk.database.query(`INSERT INTO unmatched_credits (party, bank_reference, amount_vnd, key_id, reason, at, resolved_at) VALUES ('bank', $1, $2, 'k1', 'no-reference', now(), $3)`, [number, AMOUNT_VND, resolvedAt]);

describe('money that a statement tells of under a number', () => {
  it.each<readonly [string, (number: string) => Promise<unknown>]>([
    ['pays another payment of the bank', (number) => earlier('PAID', { money_goes: 'direct', gateway_transaction: number })],
    ['pays a payment of another bank', (number) => earlier('PAID', { money_goes: 'direct', gateway_transaction: number, gateway: 'other-bank' })],
    ['waits for a person as money that fitted no payment', (number) => keepMoney(number)],
    ['a person has dealt with as money that fitted no payment', (number) => keepMoney(number, new Date())],
  ])('that already %s pays no second one: a person finds out', async (_what, make) => {
    const [module, number] = [moduleOf(ALL), newNumber()];
    await make(number);
    const reference = await given('AWAITING', { money_goes: 'direct' });
    expect(await brief(module, await bring(module, lineOf(reference, number)))).toEqual([`STATE PAYMENT PERSON ${reference} open -`]);
    expect(await desk.payment(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0, gatewayTransaction: null, personReason: null });
    expect(await heard(reference)).toEqual([]);
  });

  it.each<readonly [string, (number: string) => Promise<unknown>]>([
    ['stands for nothing else', () => Promise.resolve()],
    ['a gateway that collects has used for a payment of its own', (number) => earlier('PAID', { gateway_transaction: number, gateway: 'till' })],
    ['stands with a payment that holds no money', (number) => earlier('FAILED', { money_goes: 'direct', gateway_transaction: number })],
  ])('that %s pays the payment that it names', async (_what, make) => {
    const [module, number] = [moduleOf(ALL), newNumber()];
    await make(number);
    const reference = await given('AWAITING', { money_goes: 'direct' });
    expect(await brief(module, await bring(module, lineOf(reference, number)))).toEqual([`STATE PAYMENT APPLIED ${reference} gateway applied`]);
    expect(await desk.payment(reference)).toMatchObject({ state: 'PAID', paidVnd: AMOUNT_VND, gatewayTransaction: number, paidAt: noonOf(day) });
    expect(await heard(reference)).toEqual([{ source: 'statement', state: 'PAID', applied: true, reason: null, code: 'statement', vnd: AMOUNT_VND, number, at: noonOf(day), actor: 'party/bank' }]);
  });

  it('is not mixed up with what a bank told, where the gateway collects; only with the gateway\'s own payments', async () => {
    const [module, kept, taken] = [moduleOf([bank()]), newNumber(), newNumber()];
    await keepMoney(kept);
    await earlier('PAID', { gateway_transaction: taken });
    const [first, second] = [await given('AWAITING'), await given('AWAITING')];
    expect(await brief(module, await bring(module, lineOf(first, kept), lineOf(second, taken)))).toEqual([`STATE PAYMENT APPLIED ${first} gateway applied`, `STATE PAYMENT PERSON ${second} open -`]);
    expect([(await desk.payment(first))?.state, (await desk.payment(second))?.state]).toEqual(['PAID', 'AWAITING']);
  });

  it('that came once more is recorded with the payment, unless persons have it already', async () => {
    const [module, first, kept, second] = [moduleOf(ALL), newNumber(), newNumber(), newNumber()];
    await keepMoney(kept);
    const [calm, doubled] = [await given('PAID', { money_goes: 'direct', gateway_transaction: first }), await given('PAID', { money_goes: 'direct', gateway_transaction: `${first}-2` })];
    const runId = await bring(module, lineOf(calm, first), lineOf(calm, kept), lineOf(doubled, `${first}-2`), lineOf(doubled, second));
    expect(await brief(module, runId)).toEqual([`DUPLICATE PAYMENT PERSON ${calm} open -`, `DUPLICATE PAYMENT RECORDED ${doubled} open -`]);
    expect([(await desk.payment(calm))?.personReason, (await desk.payment(doubled))?.personReason]).toEqual([null, 'paid-twice']);
    expect([await heard(calm), await heard(doubled)]).toMatchObject([[], [{ applied: false, reason: 'other-transaction', number: second }]]);
  });

  it('says nothing of words that bring no money: those are heard', async () => {
    const [module, kept, other] = [moduleOf(ALL), newNumber(), newNumber()];
    await keepMoney(kept);
    await keepMoney(other);
    const [disputed, failed] = [await given('AWAITING', { money_goes: 'direct' }), await given('AWAITING', { money_goes: 'direct' })];
    const runId = await bring(module, lineOf(disputed, kept, { state: 'DISPUTED' }), lineOf(failed, other, { state: 'FAILED' }));
    expect(await brief(module, runId)).toEqual([`STATE PAYMENT APPLIED ${disputed} gateway applied`, `STATE PAYMENT APPLIED ${failed} gateway applied`]);
    expect([(await desk.payment(disputed))?.state, (await desk.payment(failed))?.state]).toEqual(['DISPUTED', 'FAILED']);
  });

  it('of another amount is only recorded, and stays open for a person', async () => {
    const module = moduleOf([bank()]);
    const reference = await given('AWAITING');
    expect(await brief(module, await bring(module, lineOf(reference, newNumber(), { vnd: 49_000 })))).toEqual([`AMOUNT PAYMENT RECORDED ${reference} open -`]);
    expect(await desk.payment(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0, personReason: 'amount' });
    expect(await heard(reference)).toMatchObject([{ source: 'statement', applied: false, reason: 'amount', vnd: 49_000 }]);
  });
});

describe('the figures of a run', () => {
  it('count our money of the day, from midnight to midnight, and their lines of paid payments', async () => {
    const module = moduleOf([bank()]);
    const [midnight, next] = [vietnamMidnight(day).toISOString(), vietnamMidnight(dayAfter(day)).toISOString()];
    const [first, late, open, over, elsewhere] = [await given('PAID', { paid_at: midnight }), await given('PAID', { paid_at: next }), await given('AWAITING'), await given('EXPIRED'), await given('PAID', { gateway: 'till' })];
    const runId = await bring(module, lineOf(first, 'F1'), lineOf(late, 'F2'), lineOf(open, 'F3', { state: 'PENDING' }), lineOf(over, 'F4', { state: 'FAILED' }), lineOf(elsewhere, 'F5', { vnd: 7_000 }),
      lineOf(first, 'F6', { kind: 'PAYOUT', vnd: 10_000 }));
    expect(await runOf(module, runId)).toMatchObject({ oursCount: 1, oursVnd: AMOUNT_VND, theirsCount: 3, theirsVnd: 107_000, matched: 4, failure: null, cause: 'STATEMENT', requestedBy: 'binh' });
    expect(await brief(module, runId)).toEqual([`MISSING_HERE PAYMENT PERSON ${elsewhere} open -`]);
  });

  it('are of all files of the day together; the run names the newest', async () => {
    const module = moduleOf([bank()]);
    const [first, second] = [await given('PAID'), await given('PAID')];
    const runId = await importFile(module, [lineOf(first, 'A1')]);
    expect(await importFile(module, [lineOf(second, 'A2')])).toBe(runId);
    await carryOut(module, runId);
    const run = await runOf(module, runId);
    expect(run).toMatchObject({ oursCount: 2, theirsCount: 2, theirsVnd: 2 * AMOUNT_VND, matched: 2 });
    expect(await desk.rows(run?.statementId ?? '', `SELECT reference FROM statement_lines WHERE statement_id = $1`)).toEqual([{ reference: second }]);
    expect(await brief(module, runId)).toEqual([]);
  });
});

describe('a run without a file', () => {
  it('keeps what the gateway answered as the statement of the day, and does what it says', async () => {
    const [known, lost, unpaid] = [await given('PAID', { gateway_transaction: 'Q1' }), await given('AWAITING'), await given('AWAITING')];
    const module = moduleOf([answering({ [known]: said('paid', { amountVnd: AMOUNT_VND, gatewayTransaction: 'Q1' }), [lost]: said('paid', { amountVnd: AMOUNT_VND }) })]);
    const runId = await start(module);
    expect(await carryOut(module, runId)).toMatchObject({ failure: null });
    const run = await runOf(module, runId);
    expect(run).toMatchObject({ cause: 'PERSON', requestedBy: 'an', oursCount: 1, oursVnd: AMOUNT_VND, theirsCount: 2, theirsVnd: 2 * AMOUNT_VND, matched: 1 });
    expect(await module.queries.statement(run?.statementId ?? '')).toMatchObject({ gateway: 'bank', day, source: 'query', importedBy: 'party/bank', lineCount: 3, totalVnd: 2 * AMOUNT_VND });
    expect(await brief(module, runId)).toEqual([`STATE PAYMENT APPLIED ${lost} gateway applied`]);
    expect(await heard(lost)).toMatchObject([{ source: 'query', state: 'PAID', code: 'statement', number: null, at: null, actor: 'party/bank' }]);
    expect([(await desk.payment(lost))?.paidAt, (await desk.payment(unpaid))?.state]).toEqual([desk.now, 'AWAITING']);
  });

  it('finds money missing that a file of the next day has, and asks for no refund; a run with a file does both', async () => {
    const [early, late] = [await given('PAID'), await given('PAID')];
    for (const reference of [early, late]) {
      await desk.database.query(`INSERT INTO refunds (request_id, payment_id, amount_vnd, reason, state, requested_by, delivery_id, settled_by, settled_at)
        SELECT 'RF' || substr(reference, 3), id, 10000, 'r', 'DONE', 'an', 1, 'party', $2 FROM payments WHERE reference = $1`, [reference, noonOf(day)]);
    }
    const module = moduleOf([answering({ [early]: said('paid', { amountVnd: AMOUNT_VND }) })]);
    await importFile(module, [lineOf(late, 'L1')], dayAfter(day));
    const asking = await start(module);
    await carryOut(module, asking);
    expect(await brief(module, asking)).toEqual([`MISSING_THERE PAYMENT PERSON ${late} open -`]);
    const filed = await bring(module, lineOf(early, 'L2'));
    expect((await brief(module, filed)).toSorted()).toEqual([early, late].map((reference) => `MISSING_THERE REFUND PERSON ${reference} open -`).toSorted());
    expect(await brief(module, asking)).toEqual([`MISSING_THERE PAYMENT PERSON ${late} gateway superseded`]);
  });

  it.each<readonly [string, string, () => readonly PaymentGateway[]]>([
    ['the gateway cannot be asked', 'no-statement', () => [bank()]],
    ['the gateway is connected no more', 'no-statement', () => [bank({ party: 'till' })]],
    ['the gateway does not answer', 'gateway-unavailable', () => [bank({ ask: () => Promise.reject(away) })]],
    ['we are at fault', 'internal', () => [bank({ ask: () => Promise.reject(new TypeError('a defect')) })]],
  ])('fails where %s, with a code that people see, and is made anew when asked for', async (_why, code, gateways) => {
    await given('PAID');
    const runId = await start(moduleOf([bank()]));
    const module = moduleOf(gateways());
    expect(await carryOut(module, runId)).toMatchObject({ run: { id: runId }, failure: code });
    expect(await runOf(module, runId)).toMatchObject({ failure: code, endedAt: expect.any(Date), statementId: null, oursCount: null, theirsCount: null, matched: null });
    expect(logged).toEqual([expect.objectContaining({ level: 40, run: runId, party: 'bank', day, code, msg: 'reconciliation did not come to its end' })]);
    expect(logged.map(({ err }) => (err as { type: string } | undefined)?.type)).toEqual([code === 'internal' ? 'TypeError' : undefined]);
    expect(await carryOut(module, runId)).toBeNull();
    expect(await start(moduleOf([bank()]))).not.toBe(runId);
  });
});

describe('a worker that ends in the middle of a run', () => {
  it('leaves it as it is while it is asked for; another takes it when the lease is over', async () => {
    const reference = await given('PAID');
    const stopping = new AbortController();
    const module = moduleOf([bank({ ask: () => {
      stopping.abort();
      return Promise.reject(away);
    } })]);
    const runId = await start(module);
    expect(await carryOut(module, runId, stopping.signal)).toBeNull();
    expect(await runOf(module, runId)).toMatchObject({ startedAt: expect.any(Date), endedAt: null, failure: null });
    const next = moduleOf([answering({ [reference]: said('paid', { amountVnd: AMOUNT_VND }) })]);
    expect([await carryOut(next, runId), asked, logged]).toEqual([null, [], []]);
    await leaseEnds(runId);
    expect(await carryOut(next, runId)).toMatchObject({ failure: null });
    expect(await runOf(next, runId)).toMatchObject({ matched: 1, endedAt: expect.any(Date) });
  });

  it('has kept the gateway\'s answers, which is not asked again', async () => {
    const [reference] = [await given('PAID'), await given('AWAITING')];
    const module = moduleOf([answering({ [reference]: said('paid', { amountVnd: AMOUNT_VND }) })]);
    const runId = await start(module);
    await carryOut(module, runId);
    expect(asked).toHaveLength(2);
    const compared = await runOf(module, runId);
    await desk.database.query('UPDATE reconciliation_runs SET ended_at = NULL, ours_count = NULL, ours_vnd = NULL, theirs_count = NULL, theirs_vnd = NULL, matched = NULL WHERE id = $1', [runId]);
    await carryOut(module, runId);
    expect(await runOf(module, runId)).toEqual({ ...compared, endedAt: expect.any(Date) });
    expect([asked.length, await brief(module, runId)]).toEqual([2, []]);
  });

  it('has kept the differences, which are applied by the next, once; a file that came meanwhile has a run of its own', async () => {
    const module = moduleOf([bank()]);
    const [reference, other] = [await given('AWAITING'), await given('AWAITING')];
    const runId = await importFile(module, [lineOf(reference, 'W1')]);
    expect(await carryOut(module, runId, AbortSignal.abort())).toBeNull();
    expect([await brief(module, runId), (await desk.payment(reference))?.state]).toEqual([[`STATE PAYMENT TO_APPLY ${reference} open -`], 'AWAITING']);
    const [difference] = await foundBy(module, runId);
    expect(await module.service.resolve(desk.call(), difference?.id ?? '')).toMatchObject({ kind: 'refused', refusal: { code: 'STATE' } });
    expect(await importFile(module, [lineOf(other, 'W2')])).toBe(runId);
    await leaseEnds(runId);
    expect(await carryOut(module, runId)).toMatchObject({ failure: null });
    expect(await brief(module, runId)).toEqual([`STATE PAYMENT APPLIED ${reference} gateway applied`]);
    expect((await heard(reference)).length).toBe(1);
    const { rows: [newer, older] } = await module.queries.runs({ gateway: 'bank', day }, { first: 10, after: null });
    expect([newer, older?.id]).toMatchObject([{ cause: 'STATEMENT', requestedBy: 'binh', startedAt: null }, runId]);
    await carryOut(module, newer?.id ?? NOBODY);
    expect(await runOf(module, newer?.id ?? NOBODY)).toMatchObject({ theirsCount: 2, matched: 1 });
    expect(await carryOut(module, NOBODY)).toBeNull();
  });
});
