import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { KeptDifference } from '../../../src/payments/reconciliation-queries.js';
import type { StatementLine } from '../../../src/payments/statement-reader-port.js';
import { AMOUNT_VND, bank } from '../../support/payment-desk.js';
import { ReconciliationDesk, asLines } from '../../support/reconciliation-desk.js';

const UNKNOWN = 'OG0000000000000';
/** The bank collects; so does the till. */
const GATEWAYS = [bank(), bank({ party: 'till' })];

let desk: ReconciliationDesk;
let serial = 0;

const newNumber = (): string => `QT${String(serial += 1)}`;
const handedOn = (reference: string, number: string, vnd = AMOUNT_VND, time = '12:00:00'): string => desk.line(reference, number, { kind: 'PAYOUT', vnd, time });
const paid = (reference: string): string => desk.line(reference, `T-${reference}`);
/** Where the money of a payment is. */
const ledger = async (reference: string): Promise<Record<string, number>> => {
  const rows = await desk.payments.rows(reference, `SELECT CASE WHEN account = 'AGENCY/' || p.account_id THEN 'AGENCY' ELSE account END AS account, sum(l.amount_vnd)::integer AS vnd
    FROM ledger l JOIN payments p ON p.id = l.payment_id WHERE p.reference = $1 GROUP BY 1 HAVING sum(l.amount_vnd) <> 0`);
  return Object.fromEntries(rows.map(({ account, vnd }) => [String(account), Number(vnd)]));
};
/** What is kept of what the gateway handed on, oldest first. */
const kept = (reference: string) => desk.payments.rows(reference,
  'SELECT o.gateway, o.gateway_transaction AS number, o.amount_vnd::integer AS vnd, posted_vnd::integer AS posted, o.at FROM payouts o JOIN payments p ON p.id = o.payment_id WHERE p.reference = $1 ORDER BY o.at, 2');
const move = (reference: string, kind: string, [from, to, vnd = AMOUNT_VND]: readonly [string, string, number?]): Promise<unknown> => desk.payments.rows(reference, `SELECT post_ledger('${kind}', '${from}', '${to}', ${String(vnd)}, id, NULL) FROM payments WHERE reference = $1`);
/** A payment of the day of which all money is owed back to the citizen. */
const owedBack = async (): Promise<string> => {
  const reference = await desk.given('REFUNDING');
  await move(reference, 'REFUND_DECIDED', ['TRANSIT/bank', 'REFUND_DUE']);
  return reference;
};
const toldOf = ({ class: found, kind, action, reference, gatewayTransaction, oursVnd, theirsVnd, oursState, theirsState, resolvedBy }: KeptDifference) =>
  ({ class: found, kind, action, reference, gatewayTransaction, oursVnd, theirsVnd, oursState, theirsState, resolvedBy });
const forPerson = { kind: 'PAYOUT', action: 'PERSON', resolvedBy: null, theirsState: 'paid' };

beforeAll(async () => { desk = await ReconciliationDesk.open(); });
afterAll(() => desk.close());
beforeEach(() => desk.nextDay());

describe('money that a gateway says it handed on', () => {
  it('moves from transit to the account of the agency, up to all that was paid', async () => {
    const module = desk.module(GATEWAYS);
    const [whole, part, number] = [await desk.given('PAID'), await desk.given('PAID'), newNumber()];
    const runId = await desk.bring(module, desk.file(paid(whole), paid(part), handedOn(whole, number), handedOn(part, number, 1)));
    expect(await desk.found(module, runId)).toEqual([]);
    expect([await ledger(whole), await ledger(part)]).toEqual([{ CITIZEN: -AMOUNT_VND, AGENCY: AMOUNT_VND }, { CITIZEN: -AMOUNT_VND, 'TRANSIT/bank': AMOUNT_VND - 1, AGENCY: 1 }]);
    expect(await kept(whole)).toEqual([{ gateway: 'bank', number, vnd: AMOUNT_VND, posted: AMOUNT_VND, at: desk.noon() }]);
    expect(await desk.payments.rows(whole, `SELECT DISTINCT kind FROM ledger WHERE payment_id = (SELECT id FROM payments WHERE reference = $1) AND kind <> 'PAID'`)).toEqual([{ kind: 'PAID_OUT' }]);
  });

  it('for a payment that we do not know, or of another gateway, is a person\'s, and moves nothing', async () => {
    const module = desk.module(GATEWAYS);
    const [number, theirs] = [newNumber(), await desk.given('PAID', { gateway: 'till' })];
    const runId = await desk.bring(module, desk.file(handedOn(UNKNOWN, number, 20_000), handedOn(theirs, number, 30_000)));
    const missing = { ...forPerson, class: 'MISSING_HERE', gatewayTransaction: number, oursVnd: null, oursState: null };
    expect((await desk.found(module, runId)).map(toldOf)).toEqual([{ ...missing, reference: UNKNOWN, theirsVnd: 20_000 }, { ...missing, reference: theirs, theirsVnd: 30_000 }]);
    expect((await desk.found(module, runId)).map(({ paymentId }) => paymentId)).toEqual([null, null]);
    expect([await kept(theirs), await ledger(theirs)]).toEqual([[], { CITIZEN: -AMOUNT_VND, 'TRANSIT/bank': AMOUNT_VND }]);
  });

  it.each<readonly [string, Partial<StatementLine>]>([['payment', { reference: null }], ['amount', { amountVnd: null }], ['number', { gatewayTransaction: null }]])('without its %s is a person\'s', async (_what, lacks) => {
    const module = desk.module(GATEWAYS, { readers: new Map([['bank', asLines]]) });
    const reference = await desk.given('PAID');
    const whole: StatementLine = { line: 1, kind: 'PAYOUT', reference, gatewayTransaction: newNumber(), amountVnd: AMOUNT_VND, state: 'paid', at: null };
    const line = { ...whole, ...lacks };
    const runId = await desk.bring(module, Buffer.from(JSON.stringify([line])));
    expect((await desk.found(module, runId)).filter(({ kind }) => kind === 'PAYOUT').map(toldOf)).toEqual(
      [{ ...forPerson, class: 'MISSING_HERE', reference: line.reference, gatewayTransaction: line.gatewayTransaction, theirsVnd: line.amountVnd, oursVnd: null, oursState: null }]);
    expect(await kept(reference)).toEqual([]);
    await desk.bring(module, Buffer.from(JSON.stringify([whole])));
    // A line without a time is of the time of the run.
    expect(await kept(reference)).toMatchObject([{ number: whole.gatewayTransaction, at: desk.payments.now }]);
  });

  it('of more than was paid is a person\'s, and moves nothing', async () => {
    const module = desk.module(GATEWAYS);
    const [reference, number] = [await desk.given('PAID'), newNumber()];
    const runId = await desk.bring(module, desk.file(paid(reference), handedOn(reference, number, AMOUNT_VND + 1)));
    const [difference] = await desk.found(module, runId);
    expect(difference === undefined ? null : toldOf(difference)).toEqual({ ...forPerson, class: 'AMOUNT', reference, gatewayTransaction: number, oursVnd: AMOUNT_VND, theirsVnd: AMOUNT_VND + 1, oursState: 'PAID' });
    expect(difference?.paymentId).toBe((await desk.payments.payment(reference))?.id);
    expect([await kept(reference), await ledger(reference)]).toEqual([[], { CITIZEN: -AMOUNT_VND, 'TRANSIT/bank': AMOUNT_VND }]);
  });

  it('under one number in two files counts once; with another amount the first holds and a person finds out', async () => {
    const module = desk.module(GATEWAYS);
    const [reference, number] = [await desk.given('PAID'), newNumber()];
    await desk.bring(module, desk.file(paid(reference), handedOn(reference, number, 30_000)));
    const runId = await desk.bring(module, desk.file(handedOn(reference, number, 31_000)));
    expect((await desk.found(module, runId)).map(toldOf)).toEqual([{ ...forPerson, class: 'DUPLICATE', reference, gatewayTransaction: number, oursVnd: 30_000, theirsVnd: 31_000, oursState: 'PAID' }]);
    expect([await kept(reference), await ledger(reference)]).toMatchObject([[{ number, vnd: 30_000, posted: 30_000 }], { 'TRANSIT/bank': 20_000, AGENCY: 30_000 }]);
  });
});

describe('money handed on that is not in transit', () => {
  it('waits, the latest first: the agency has more than came', async () => {
    const module = desk.module(GATEWAYS);
    const [reference, late, early] = [await desk.given('PAID'), newNumber(), newNumber()];
    const runId = await desk.bring(module, desk.file(paid(reference), handedOn(reference, late, 30_000, '14:00:00'), handedOn(reference, early, 30_000, '10:00:00')));
    expect(await kept(reference)).toMatchObject([{ number: early, vnd: 30_000, posted: 30_000 }, { number: late, vnd: 30_000, posted: 20_000 }]);
    expect(await ledger(reference)).toEqual({ CITIZEN: -AMOUNT_VND, AGENCY: AMOUNT_VND });
    const [difference] = await desk.found(module, runId);
    expect(difference === undefined ? null : toldOf(difference)).toEqual({
      class: 'STATE', kind: 'PAYOUT', action: 'WAITS', reference, gatewayTransaction: late, oursVnd: 20_000, theirsVnd: 30_000, oursState: 'PAID', theirsState: 'paid', resolvedBy: null,
    });
    expect(difference?.paymentId).toBe((await desk.payments.payment(reference))?.id);
  });

  it('is told once while it waits, whatever number of later days are compared', async () => {
    const module = desk.module(GATEWAYS);
    const [reference, number] = [await owedBack(), newNumber()];
    const first = await desk.bring(module, desk.file(paid(reference), handedOn(reference, number)));
    expect((await desk.found(module, first)).map(toldOf)).toMatchObject([{ action: 'WAITS', oursVnd: 0, theirsVnd: AMOUNT_VND, oursState: 'REFUNDING' }]);
    desk.nextDay();
    const second = await desk.bring(module, desk.file());
    expect([(await desk.found(module, second)).length, (await desk.found(module, first))[0]?.resolvedBy]).toEqual([0, null]);
    expect([await ledger(reference), await kept(reference)]).toMatchObject([{ CITIZEN: -AMOUNT_VND, REFUND_DUE: AMOUNT_VND }, [{ posted: 0 }]]);
  });

  it('goes to the agency with the first run after the money is the agency\'s again, and no longer waits', async () => {
    const module = desk.module(GATEWAYS);
    const [reference, number] = [await owedBack(), newNumber()];
    const first = await desk.bring(module, desk.file(paid(reference), handedOn(reference, number)));
    await move(reference, 'REFUND_REFUSED', ['REFUND_DUE', 'TRANSIT/bank']);
    desk.nextDay();
    // A run of another gateway leaves it alone.
    await desk.bring(module, desk.file(), 'till');
    expect(await kept(reference)).toMatchObject([{ posted: 0 }]);
    await desk.bring(module, desk.file());
    expect([await ledger(reference), await kept(reference)]).toMatchObject([{ CITIZEN: -AMOUNT_VND, AGENCY: AMOUNT_VND }, [{ posted: AMOUNT_VND }]]);
    expect(await desk.found(module, first)).toMatchObject([{ action: 'WAITS', resolvedBy: 'gateway', resolution: 'applied', resolvedAt: expect.any(Date) }]);
  });

  it('goes to the agency part by part, and never more of it than was handed on', async () => {
    const module = desk.module(GATEWAYS);
    const [reference, number] = [await desk.given('REFUNDING'), newNumber()];
    await move(reference, 'REFUND_DECIDED', ['TRANSIT/bank', 'REFUND_DUE', 30_000]);
    const first = await desk.bring(module, desk.file(paid(reference), handedOn(reference, number, 30_000)));
    expect(await desk.found(module, first)).toMatchObject([{ action: 'WAITS', oursVnd: 20_000, theirsVnd: 30_000 }]);
    await move(reference, 'REFUND_REFUSED', ['REFUND_DUE', 'TRANSIT/bank', 30_000]);
    desk.nextDay();
    await desk.bring(module, desk.file());
    expect([await ledger(reference), await kept(reference)]).toMatchObject([{ 'TRANSIT/bank': 20_000, AGENCY: 30_000 }, [{ vnd: 30_000, posted: 30_000 }]]);
    expect(await desk.found(module, first)).toMatchObject([{ resolvedBy: 'gateway', resolution: 'applied' }]);
  });
});
