import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { GatewayWord, PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import { eventually } from '../../support/eventually.js';
import { AMOUNT_VND, PaymentDesk, WINDOWS, bank, refundPort, said } from '../../support/payment-desk.js';

const [SECOND, HOUR] = [1_000, 3_600_000];
const DUE = `ask_at = now() - interval '1 second'`;
const QUICK = { watchEveryMs: 20 };

let desk: PaymentDesk;
let asked: string[];

const asking = (answer: (reference: string) => GatewayWord | Promise<GatewayWord>, over: Partial<PaymentGateway> = {}): PaymentGateway => bank({
  ask: async ({ reference }, { journal }) => {
    asked.push(reference);
    journal({ operation: 'ask', startedAt: desk.now, durationMs: 1, httpStatus: 200, request: {}, reply: {} });
    return answer(reference);
  }, ...over,
});
/** No answer before the worker ends. */
const untilStopped = (signal: AbortSignal): Promise<never> => new Promise((_resolve, reject) => { signal.addEventListener('abort', () => reject(signal.reason as Error)); });
const evidence = (reference: string) => desk.rows(`payment/${reference}`, `SELECT e.actor, b.body::json ->> 'source' AS source FROM evidence e JOIN evidence_bodies b ON b.evidence_id = e.id WHERE e.subject = $1 AND e.kind = 'payment-exchange'`);
/** The database refuses to write down what happens to this payment. */
const refusing = async (reference: string, during: () => Promise<unknown>): Promise<void> => {
  await desk.database.query(`CREATE FUNCTION refuse_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.payment_id = (SELECT id FROM payments WHERE reference = '${reference}') THEN RAISE 'not written'; END IF; RETURN NEW; END $$`);
  await desk.database.query('CREATE TRIGGER refuse_event BEFORE INSERT ON payment_events FOR EACH ROW EXECUTE FUNCTION refuse_event()');
  try {
    await during();
  } finally {
    await desk.database.query('DROP FUNCTION refuse_event CASCADE');
  }
};

beforeAll(async () => { desk = await PaymentDesk.open(); });
afterAll(() => desk.close());
beforeEach(async () => {
  asked = [];
  await desk.begin();
});

describe('a watcher at work', () => {
  it('looks again and again, at each gateway by itself and at what is no gateway\'s', async () => {
    const watcher = desk.module([asking(() => said('paid', { amountVnd: AMOUNT_VND })), bank({ party: 'hanging', ask: (_order, { signal }) => untilStopped(signal) })], QUICK).createWatcher();
    const stuck = await desk.given('UNKNOWN', `${DUE}, gateway = 'hanging'`);
    watcher.start();
    await eventually('the question that hangs', async () => (await desk.payment(stuck))?.asks === 1);
    for (const over of ['', `, gateway = 'gone', give_up_at = '${desk.iso(0)}'`, '']) {
      const reference = await desk.given('UNKNOWN', `${DUE}${over}`);
      await eventually('the look', async () => (await desk.payment(reference))?.[over === '' ? 'paidAt' : 'personReason'] !== null);
    }
    await watcher.stop();
    expect((await desk.payment(stuck))?.asks).toBe(1);
  });

  it('that stops breaks off its question, waits for it, and looks no more', async () => {
    const watcher = desk.module([bank({ ask: ({ reference }, { signal }) => {
      asked.push(reference);
      return untilStopped(signal);
    } })], QUICK).createWatcher();
    const reference = await desk.given('UNKNOWN', DUE);
    watcher.start();
    await eventually('the question', () => asked.length > 0);
    await watcher.stop();
    expect([asked, (await desk.payment(reference))?.state]).toEqual([[reference], 'UNKNOWN']);
    expect(desk.logged).toMatchObject([{ level: 50, reference, msg: 'a payment could not be looked at' }]);
  });

  it('that stops breaks off its question about a refund, too', async () => {
    const reference = await desk.given('REFUNDING');
    await desk.rows(reference, `SELECT post_ledger('REFUND_DECIDED', 'TRANSIT/bank', 'REFUND_DUE', amount_vnd, id, NULL) FROM payments WHERE reference = $1`);
    await desk.rows(reference, `INSERT INTO refunds (request_id, payment_id, amount_vnd, reason, state, requested_by, approved_by, approved_at, ask_at) SELECT 'R' || reference, id, amount_vnd, 'why', 'PROCESSING', 'an', 'binh', now(), now() - interval '1 second' FROM payments WHERE reference = $1`);
    const watcher = desk.module([bank({ refunds: refundPort({ askRefund: ({ requestId }, { signal }) => {
      asked.push(requestId);
      return untilStopped(signal);
    } }) })], QUICK).createWatcher();
    watcher.start();
    await eventually('the question', () => asked.length > 0);
    await watcher.stop();
    expect([asked, (await desk.payment(reference))?.state]).toEqual([[`R${reference}`], 'REFUNDING']);
    expect(desk.logged).toMatchObject([{ level: 40, refund: `R${reference}`, msg: 'a refund could not be asked for' }]);
  });

  it('that cannot look says so in the log, and looks again', async () => {
    const watcher = desk.module([asking(() => said('paid', { amountVnd: AMOUNT_VND }))], QUICK).createWatcher();
    const reference = await desk.given('UNKNOWN', DUE);
    await desk.database.query('ALTER TABLE payments RENAME TO payments_away');
    watcher.start();
    await eventually('the log', () => new Set(desk.logged.map(({ party }) => party)).size === 2);
    await desk.database.query('ALTER TABLE payments_away RENAME TO payments');
    await eventually('the look', async () => (await desk.payment(reference))?.state === 'PAID');
    await watcher.stop();
    expect(new Set(desk.logged.map(({ party }) => party))).toEqual(new Set(['bank', '']));
    for (const line of desk.logged) expect(line).toMatchObject({ level: 50, err: { message: expect.stringContaining('payments') }, msg: 'open payments could not be looked at' });
  });

  it('looks at no more payments of a gateway at once than it may ask for', async () => {
    for (let n = 0; n < 3; n += 1) await desk.given('UNKNOWN', DUE);
    const { createWatcher } = desk.module([asking(() => said('pending'))], { askConcurrency: 2 });
    expect([await createWatcher().turn(), await createWatcher().turn(), await createWatcher().turn()]).toEqual([2, 1, 0]);
  });
});

describe('what was asked', () => {
  it('is evidence the first time, also where no answer came, and not each time after', async () => {
    const [answered, failed] = [await desk.given('UNKNOWN', DUE), await desk.given('UNKNOWN', DUE)];
    const gateway = asking((reference) => {
      if (reference === failed) throw new TypeError('a defect');
      return said('pending');
    });
    await desk.turn(gateway);
    for (const reference of [answered, failed]) expect(await evidence(reference)).toEqual([{ actor: 'party/bank', source: 'query' }]);
    await desk.database.query(`UPDATE payments SET ${DUE} WHERE reference = ANY ($1)`, [[answered, failed]]);
    await desk.turn(gateway);
    expect([asked.length, (await evidence(answered)).length, (await evidence(failed)).length]).toEqual([4, 1, 1]);
  });
});

describe('a payment that moved while its gateway was asked', () => {
  const paidMeanwhile = (reference: string) => desk.database.query(`UPDATE payments SET state = 'PAID', paid_vnd = amount_vnd WHERE reference = $1`, [reference]);

  it('is neither ended by the clock nor given up', async () => {
    const [late, over] = [await desk.given('UNKNOWN', `${DUE}, give_up_at = '${desk.iso(0)}'`), await desk.given('AWAITING', `${DUE}, expires_at = '${desk.iso(-2 * HOUR)}', give_up_at = '${desk.iso(0)}'`)];
    await desk.turn(asking(async (reference) => {
      await paidMeanwhile(reference);
      return said('pending');
    }));
    for (const reference of [late, over]) {
      expect(await desk.payment(reference)).toMatchObject({ state: 'PAID', personReason: null });
      expect((await desk.history(reference)).join()).not.toMatch(/time-over|given-up/);
    }
    expect(desk.logged).toEqual([]);
  });
});

describe('a payment without an end of its time', () => {
  it('is asked for as ever, and is never a person\'s by the clock', async () => {
    const [open, over] = [await desk.given('UNKNOWN', `${DUE}, give_up_at = NULL, sent_at = now()`), await desk.given('UNKNOWN', `${DUE}, give_up_at = NULL, gateway = 'gone'`)];
    await desk.turn(asking(() => said('not-found')));
    for (const reference of [open, over]) expect(await desk.payment(reference)).toMatchObject({ state: 'UNKNOWN', personReason: null, askAt: expect.any(Date) });
    expect(asked).toEqual([open]);
  });
});

describe('a payment that is contested', () => {
  it.each([['until its time is over', () => `'${desk.iso(1)}'`], ['for ever, where it has no end', () => 'NULL']])('is asked for %s', async (_what, end) => {
    const reference = await desk.given('DISPUTED', `${DUE}, give_up_at = ${end()}, person_reason = 'disputed'`);
    await desk.turn(asking(() => said('pending')));
    expect(await desk.payment(reference)).toMatchObject({ state: 'DISPUTED', personReason: 'disputed', askAt: expect.any(Date) });
    expect((await desk.history(reference)).join()).not.toMatch(/given-up/);
  });
});

describe('a payment whose time is over', () => {
  it('is asked for as seldom as its gateway wants, where that is seldom', async () => {
    const reference = await desk.given('AWAITING', `${DUE}, expires_at = '${desk.iso(-2 * HOUR)}'`);
    await desk.turn(asking(() => said('pending'), { windows: { ...WINDOWS, askEveryMs: 3 * HOUR } }));
    expect([(await desk.payment(reference))?.state, ((await desk.payment(reference))?.askAt?.getTime() ?? 0) - desk.now.getTime()]).toEqual(['EXPIRED', 3 * HOUR]);
  });

  it('and that nobody may write down keeps no other waiting', async () => {
    const late = `give_up_at = '${desk.iso(0)}'`;
    const [broken, fine] = [await desk.given('UNKNOWN', `gateway = 'gone', ask_at = now() - interval '2 seconds', ${late}`), await desk.given('UNKNOWN', `gateway = 'gone', ${DUE}, ${late}`)];
    await refusing(broken, async () => expect(await desk.turn(bank())).toBe(2));
    expect([(await desk.payment(broken))?.personReason, (await desk.payment(fine))?.personReason]).toEqual([null, 'unknown']);
    expect(desk.logged).toEqual([expect.objectContaining({ level: 50, reference: broken, err: expect.objectContaining({ message: 'not written' }), msg: 'a payment of no gateway could not be looked at' })]);
  });

  it('and that could be neither asked for nor handed to a person is in the log twice', async () => {
    const reference = await desk.given('UNKNOWN', `${DUE}, give_up_at = '${desk.iso(0)}'`);
    await refusing(reference, () => desk.turn(asking(() => { throw new TypeError('a defect'); })));
    expect(desk.logged).toMatchObject([
      { level: 50, reference, party: 'bank', err: { message: 'a defect' }, msg: 'a payment could not be looked at' }, { level: 50, reference, err: { message: 'not written' }, msg: 'a payment could not be handed to a person' },
    ]);
    expect((await desk.payment(reference))?.askAt?.getTime()).toBeGreaterThan(desk.now.getTime() + 10 * SECOND);
  });
});

describe('what is open', () => {
  it('is counted by gateway and state, with what waits for a person, and since when', async () => {
    const since = (gateway: string, seconds: number): string => `gateway = '${gateway}', state_at = now() - interval '${String(seconds)} seconds'`;
    for (const [state, over] of [['UNKNOWN', since('w1', 100)], ['UNKNOWN', since('w1', 10)], ['PAID', `${since('w1', 1_000)}, person_reason = 'paid-twice'`], ['PAID', since('w1', 5_000)], ['AWAITING', since('w2', 20)]] as const) await desk.given(state, over);
    const counts = (await desk.module([]).watch.counts()).filter(({ gateway }) => gateway.startsWith('w')).sort((one, other) => other.oldestSeconds - one.oldestSeconds);
    expect(counts.map(({ gateway, state, count }) => [gateway, state, count])).toEqual([['w1', 'PAID', 1], ['w1', 'UNKNOWN', 2], ['w2', 'AWAITING', 1]]);
    for (const [index, seconds] of [1_000, 100, 20].entries()) expect(Math.abs((counts[index]?.oldestSeconds ?? 0) - seconds)).toBeLessThan(15);
  });
});
