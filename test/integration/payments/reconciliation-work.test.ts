import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { vietnamDay } from '../../../src/agencies/agency.js';
import type { PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import { dayAfter, vietnamMidnight } from '../../../src/payments/reconciliation-day.js';
import { eventually } from '../../support/eventually.js';
import { AMOUNT_VND, bank, said } from '../../support/payment-desk.js';
import { ReconciliationDesk } from '../../support/reconciliation-desk.js';

const AT_MINUTES = 5 * 60;
const AT_FIVE = { settings: { atMinutes: AT_MINUTES } };

let desk: ReconciliationDesk;

/** A gateway whose answers come when the test lets them; and how many questions waited at once. */
const held = () => {
  let [now, most] = [0, 0];
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => { open = resolve; });
  const ask: PaymentGateway['ask'] = async (_order, { signal }) => {
    now += 1;
    most = Math.max(most, now);
    await Promise.race([opened, new Promise((_resolve, reject) => { signal.addEventListener('abort', () => reject(signal.reason as Error)); })]);
    now -= 1;
    return said('paid', { amountVnd: AMOUNT_VND });
  };
  return { ask, open: () => open(), most: () => most, waiting: () => now };
};
const endOf = async (runId: string) => (await desk.payments.rows(runId, `SELECT ended_at IS NOT NULL AS ended, failure FROM reconciliation_runs WHERE id = $1`))[0];
const checks = async (): Promise<Record<string, unknown>[]> => (await desk.database.query<Record<string, unknown>>(`SELECT to_char(day, 'YYYY-MM-DD') AS day, entries::integer, payments::integer, fault_count AS faults, ended_at IS NOT NULL AS ended FROM ledger_checks ORDER BY id`)).rows;

beforeAll(async () => { desk = await ReconciliationDesk.open(); });
afterAll(() => desk.close());
beforeEach(async () => {
  desk.nextDay();
  desk.logged.length = 0;
  await desk.database.query(`UPDATE reconciliation_runs SET ended_at = now(), failure = 'internal' WHERE ended_at IS NULL`);
});

describe('one look of a worker', () => {
  it('carries out what waits at any hour, and leaves the ledger to demand where there is no schedule', async () => {
    const module = desk.module([bank(), bank({ party: 'till' })]);
    const ids = [await desk.start(module), await desk.start(module, 'till')];
    desk.nextDay();
    ids.push(await desk.start(module));
    expect(await module.createWork().turn()).toBe(3);
    for (const id of ids) expect(await endOf(id)).toEqual({ ended: true, failure: 'no-statement' });
    expect([await module.createWork().turn(), await checks()]).toEqual([0, []]);
  });

  it('carries out a run of a gateway that is connected no more', async () => {
    const runId = await desk.start(desk.module([bank()]));
    expect(await desk.module([]).createWork().turn()).toBe(1);
    expect(await endOf(runId)).toEqual({ ended: true, failure: 'no-statement' });
  });

  it('is at four gateways at once: one that waits keeps no other waiting', async () => {
    const gate = held();
    const parties = ['g1', 'g2', 'g3', 'g4', 'g5', 'g6'];
    const module = desk.module(parties.map((party) => bank({ party, ask: gate.ask })));
    for (const gateway of parties) {
      await desk.given('AWAITING', { gateway });
      await desk.start(module, gateway);
    }
    const turn = module.createWork().turn();
    await eventually('four gateways to be asked', () => gate.waiting() === 4);
    gate.open();
    expect([await turn, gate.most()]).toEqual([parties.length, 4]);
  });

  it('of one gateway is at one run at a time', async () => {
    const gate = held();
    const module = desk.module([bank({ ask: gate.ask })]);
    await desk.given('AWAITING');
    await desk.start(module);
    desk.nextDay();
    await desk.given('AWAITING');
    await desk.start(module);
    const turn = module.createWork().turn();
    await eventually('the first to be asked', () => gate.waiting() === 1);
    gate.open();
    expect([await turn, gate.most()]).toEqual([2, 1]);
  });
});

describe('the look at the ledger', () => {
  const today = (): string => vietnamDay(desk.payments.now);
  const work = () => desk.module([], AT_FIVE).createWork();
  beforeEach(() => {
    desk.payments.now = new Date(vietnamMidnight(dayAfter(today())).getTime() + AT_MINUTES * 60_000);
  });

  it('is one a day, and says that all is right', async () => {
    await work().turn();
    const { rows: [count] } = await desk.database.query<{ entries: number; payments: number }>('SELECT (SELECT count(*) FROM ledger)::integer AS entries, (SELECT count(*) FROM payments)::integer AS payments');
    expect(await checks()).toEqual([{ day: today(), ...count, faults: 0, ended: true }]);
    expect(desk.logged).toEqual([expect.objectContaining({ level: 30, ...count, msg: 'the ledger is balanced' })]);
    await work().turn();
    expect([(await checks()).length, desk.logged.length]).toEqual([1, 1]);
  });

  it('says loudly what is wrong first', async () => {
    const reference = await desk.given('PAID', { paid_vnd: String(AMOUNT_VND + 1) });
    await work().turn();
    await desk.payments.rows(reference, 'UPDATE payments SET paid_vnd = amount_vnd WHERE reference = $1');
    const transaction = String((await desk.payments.rows(reference, 'SELECT max(transaction_id) AS id FROM ledger WHERE payment_id = (SELECT id FROM payments WHERE reference = $1)'))[0]?.['id']);
    // What was paid is another sum than the ledger's, and so is what is held.
    expect((await checks()).at(-1)).toMatchObject({ day: today(), faults: 2, ended: true });
    expect(desk.logged).toEqual([expect.objectContaining({ level: 50, faults: 2, fault: 'PAID_AMOUNT', reference, transaction, entries: expect.any(Number), payments: expect.any(Number), msg: 'the ledger is NOT right' })]);
    expect(await desk.module([]).queries.lastCheck()).toMatchObject({ day: today(), faultCount: 2, faultKind: 'PAID_AMOUNT', reference, transactionId: transaction, startedAt: expect.any(Date), endedAt: expect.any(Date) });
  });

  it('that could not be made is made by the next turn', async () => {
    const before = await checks();
    await desk.database.query('ALTER TABLE refunds RENAME TO refunds_away');
    await expect(work().turn()).rejects.toThrow('refunds');
    expect([await checks(), desk.logged]).toEqual([before, []]);
    await desk.database.query('ALTER TABLE refunds_away RENAME TO refunds');
    await work().turn();
    expect((await checks()).at(-1)).toMatchObject({ day: today(), faults: 0, ended: true });
  });

  it('of a worker that died is made by another an hour later, and not before', async () => {
    const { checks: store } = desk.module([]);
    const id = await store.claim(today());
    expect([await store.claim(today()), await store.last()]).toEqual([null, expect.not.objectContaining({ day: today() })]);
    const { rows: [lease] } = await desk.database.query<{ minutes: number }>('SELECT (extract(epoch FROM lease_until - started_at) / 60)::integer AS minutes FROM ledger_checks WHERE id = $1', [id]);
    expect(lease?.minutes).toBe(60);
    await desk.database.query(`UPDATE ledger_checks SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
    await work().turn();
    expect((await checks()).at(-1)).toMatchObject({ day: today(), ended: true });
    // Nor is one undone that was made.
    await store.release(id ?? '');
    expect([(await checks()).at(-1), await store.claim(today())]).toMatchObject([{ day: today(), ended: true }, null]);
  });
});

describe('a worker', () => {
  it('looks again and again', async () => {
    const module = desk.module([bank()]);
    const work = module.createWork();
    work.start();
    const ids = [await desk.start(module)];
    await eventually('a look', async () => (await endOf(ids[0] ?? ''))?.['ended']);
    desk.nextDay();
    ids.push(await desk.start(module));
    await eventually('the next', async () => (await endOf(ids[1] ?? ''))?.['ended']);
    await work.stop();
  });

  it('that stops waits for what is under way, leaves it to another, and begins nothing more', async () => {
    const gate = held();
    const module = desk.module([bank({ ask: gate.ask })], AT_FIVE);
    desk.payments.now = new Date(vietnamMidnight(dayAfter(vietnamDay(desk.payments.now))).getTime() + AT_MINUTES * 60_000);
    await desk.given('AWAITING');
    const [runId, before] = [await desk.start(module), await checks()];
    const work = module.createWork();
    work.start();
    await eventually('the question', () => gate.waiting() > 0);
    await work.stop();
    expect(await endOf(runId)).toEqual({ ended: false, failure: null });
    expect(await checks()).toEqual(before);
  });

  it('that cannot look says so in the log, and tries again', async () => {
    let isBroken = true;
    const module = desk.module([], { now: () => {
      if (isBroken) throw new RangeError('a broken clock');
      return desk.payments.now;
    } });
    const runId = await desk.start(desk.module([bank()]));
    const work = module.createWork();
    work.start();
    await eventually('the log', () => desk.logged.length > 0);
    expect(desk.logged[0]).toMatchObject({ level: 40, err: { message: 'a broken clock' }, msg: 'reconciliation could not be looked at; tried again' });
    isBroken = false;
    await eventually('the next look', async () => (await endOf(runId))?.['ended']);
    await work.stop();
  });
});
