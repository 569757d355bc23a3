import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PaymentGateway } from '../../../src/payments/payment-gateway-port.js';
import { dayAfter, vietnamMidnight } from '../../../src/payments/reconciliation-day.js';
import type { ReconciliationModule } from '../../../src/payments/reconciliation-module.js';
import { ReconciliationStore } from '../../../src/payments/reconciliation-store.js';
import { eventually } from '../../support/eventually.js';
import { AMOUNT_VND, bank, said } from '../../support/payment-desk.js';
import { lockWaiters } from '../../support/postgres.js';
import { ReconciliationDesk } from '../../support/reconciliation-desk.js';

const LEASE_SECONDS = 180;
const GATEWAYS = [bank(), bank({ party: 'till' })];
const PAID = said('paid', { amountVnd: AMOUNT_VND });

let desk: ReconciliationDesk;

const carryOut = (module: ReconciliationModule, runId: string | null) => module.runner.runNext(new AbortController().signal, runId);
const asking = (ask: PaymentGateway['ask']): readonly PaymentGateway[] => [bank({ ask })];
const leaseEnds = (runId: string, after = '-1 second'): Promise<unknown> => desk.database.query('UPDATE reconciliation_runs SET lease_until = now() + $2::interval WHERE id = $1', [runId, after]);
const leaseOf = async (runId: string): Promise<number> => Number((await desk.payments.rows(runId, 'SELECT extract(epoch FROM lease_until - now())::integer AS seconds FROM reconciliation_runs WHERE id = $1'))[0]?.['seconds']);
const isWaiting = async (workers: number): Promise<boolean> => await lockWaiters(desk.database) === workers;
const brief = async (module: ReconciliationModule, runId: string): Promise<string[]> => (await desk.found(module, runId)).map((each) => [each.class, each.kind, each.action, each.reference].join(' '));
const refunded = (reference: string): Promise<unknown> => desk.payments.rows(reference, `INSERT INTO refunds (request_id, payment_id, amount_vnd, reason, state, requested_by, delivery_id, settled_by, settled_at)
  SELECT 'RF' || substr(reference, 3), id, 10000, 'r', 'DONE', 'an', 1, 'party', paid_at FROM payments WHERE reference = $1`);
/** Brings a file whose run nobody carries out yet. */
const bringOnly = async (module: ReconciliationModule, content: Buffer): Promise<string> => {
  const answer = await module.service.importStatement(desk.payments.call(), { gateway: 'bank', day: desk.day, content, replacesEarlier: false });
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.result.runId;
};

beforeAll(async () => { desk = await ReconciliationDesk.open(); });
afterAll(() => desk.close());
beforeEach(() => desk.nextDay());

describe('a worker at a run', () => {
  it('holds it for three minutes, and says before each handful of questions that it lives', async () => {
    const left: number[] = [];
    const references = [await desk.given('PAID'), await desk.given('PAID')];
    const module = desk.module(asking(async () => {
      left.push(await leaseOf(runId));
      await leaseEnds(runId, '10 seconds');
      return PAID;
    }), { settings: { askConcurrency: 1 } });
    const runId = await desk.start(module);
    expect(await carryOut(module, runId)).toMatchObject({ failure: null });
    expect(left).toHaveLength(references.length);
    for (const seconds of left) expect(Math.abs(seconds - LEASE_SECONDS)).toBeLessThan(30);
  });

  it('takes the oldest that waits, of a gateway that no other asks', async () => {
    const [runs, module] = [new ReconciliationStore(), desk.module(GATEWAYS)];
    const first = await desk.start(module);
    desk.nextDay();
    const [second, till] = [await desk.start(module), await desk.start(module, 'till')];
    expect(await runs.claim(desk.database)).toMatchObject({ id: first, gateway: 'bank', startedAt: expect.any(Date) });
    expect(Math.abs(await leaseOf(first) - LEASE_SECONDS)).toBeLessThan(30);
    expect(await runs.claim(desk.database)).toMatchObject({ id: till });
    expect(await runs.claim(desk.database)).toBeNull();
    // One that is asked for by its number waits for no other.
    expect(await runs.claim(desk.database, second)).toMatchObject({ id: second });
    expect(await runs.claim(desk.database, second)).toBeNull();
    await desk.database.query(`UPDATE reconciliation_runs SET ended_at = now(), failure = 'internal' WHERE ended_at IS NULL`);
    expect(await carryOut(module, null)).toBeNull();
  });
});

describe('two workers that look at one moment', () => {
  it('open what the schedule owes once, also where one carries it out before the other has looked', async () => {
    const runs = new ReconciliationStore();
    await desk.given('PAID', { gateway: 'late' });
    const morning = new Date(vietnamMidnight(dayAfter(desk.day)).getTime() + 3_600_000);
    const module = desk.module([bank({ party: 'late' })], { now: () => morning, settings: { atMinutes: 0 } });
    const looks = await desk.database.transaction(async (client) => {
      await runs.openDue(client, ['late'], desk.day);
      const looking = module.createWork().turn();
      await eventually('the second to wait for the first', () => isWaiting(1));
      await client.query(`UPDATE reconciliation_runs SET started_at = now(), ended_at = now() WHERE gateway = 'late'`);
      return [looking];
    });
    expect(await Promise.all(looks)).toEqual([0]);
    expect((await module.queries.runs({ gateway: 'late', day: null }, { first: 10, after: null })).rows).toMatchObject([{ day: desk.day, cause: 'SCHEDULE' }]);
  });
});

describe('of workers that look for a run at once', () => {
  it('one asks the gateway', async () => {
    const [runs, module] = [new ReconciliationStore(), desk.module([bank()])];
    for (let round = 0; round < 10; round += 1) {
      for (let each = 0; each < 2; each += 1) {
        await desk.start(module);
        desk.nextDay();
      }
      const claimed = await Promise.all(Array.from({ length: 6 }, () => runs.claim(desk.database)));
      expect(claimed.filter((run) => run !== null)).toHaveLength(1);
      await desk.database.query(`UPDATE reconciliation_runs SET ended_at = now(), failure = 'internal' WHERE ended_at IS NULL`);
    }
  });
});

describe('a worker that was taken for dead', () => {
  it('applies the gateway\'s word no second time', async () => {
    const module = desk.module(GATEWAYS);
    const reference = await desk.given('AWAITING');
    const runId = await bringOnly(module, desk.file(desk.line(reference, `A-${reference}`)));
    const both = await desk.database.transaction(async (client) => {
      // Differences may be written meanwhile, but the payment not be moved.
      await client.query('SELECT FROM payments WHERE reference = $1 FOR NO KEY UPDATE', [reference]);
      const slow = carryOut(module, runId);
      await eventually('the first to wait for the payment', () => isWaiting(1));
      await leaseEnds(runId);
      const quick = carryOut(module, runId);
      await eventually('the second to wait for the first', () => isWaiting(2));
      return [slow, quick];
    });
    expect(await Promise.all(both)).toMatchObject([{ failure: null }, { failure: null }]);
    expect([await brief(module, runId), await desk.payments.history(reference)]).toEqual([[`STATE PAYMENT APPLIED ${reference}`], ['AWAITING PAID statement party/bank']]);
    expect(await module.queries.run(runId)).toMatchObject({ failure: null, endedAt: expect.any(Date) });
  });

  it('adds nothing to what the next one found, names no other statement, and does not end it anew', async () => {
    const reference = await desk.given('PAID');
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => { answer = resolve; });
    const asked: string[] = [];
    const slow = desk.module(asking(async () => {
      asked.push('slow');
      await answered;
      throw new TypeError('a defect');
    }));
    const late = desk.module(asking(async () => {
      asked.push('late');
      await answered;
      return said('not-found');
    }));
    const next = desk.module(asking(() => Promise.resolve(said('failed'))));
    const runId = await desk.start(next);
    const broken = carryOut(slow, runId);
    // A worker prolongs its lease before it asks: a lease that is ended earlier may live again.
    await eventually('the first to ask', () => asked.includes('slow'));
    await leaseEnds(runId);
    const behind = carryOut(late, runId);
    await eventually('the second to ask', () => asked.includes('late'));
    await leaseEnds(runId);
    expect(await carryOut(next, runId)).toMatchObject({ failure: null });
    const ended = await next.queries.run(runId);
    await desk.bring(next, desk.file());
    answer();
    await Promise.all([broken, behind]);
    expect(await next.queries.run(runId)).toEqual(ended);
    // Nor does it have the file compared again that came after.
    expect((await next.queries.runs({ gateway: 'bank', day: desk.day }, { first: 10, after: null })).rows).toHaveLength(2);
    expect(await brief(next, runId)).toEqual([`STATE PAYMENT RECORDED ${reference}`]);
  });
});

describe('a run that is taken up again', () => {
  it('is compared with all files of the day, the refunds of the day with them', async () => {
    const module = desk.module(GATEWAYS);
    const [first, second] = [await desk.given('PAID'), await desk.given('PAID')];
    await refunded(first);
    await bringOnly(module, desk.file(desk.line(first, `B-${first}`)));
    const runId = await bringOnly(module, desk.file(desk.line(second, `B-${second}`)));
    await desk.database.query('UPDATE reconciliation_runs SET statement_id = (SELECT max(id) FROM statements) WHERE id = $1', [runId]);
    await carryOut(module, runId);
    expect(await module.queries.run(runId)).toMatchObject({ oursCount: 2, theirsCount: 2, matched: 2 });
    expect(await brief(module, runId)).toEqual([`MISSING_THERE REFUND PERSON ${first}`]);
  });

  it('with the answers that are kept looks for no refund among them', async () => {
    const reference = await desk.given('PAID');
    await refunded(reference);
    const module = desk.module(asking(() => Promise.resolve(PAID)));
    const runId = await desk.start(module);
    await carryOut(module, runId);
    await desk.database.query('UPDATE reconciliation_runs SET ended_at = NULL, ours_count = NULL WHERE id = $1', [runId]);
    await carryOut(module, runId);
    expect([await brief(module, runId), await module.queries.run(runId)]).toMatchObject([[], { matched: 1, failure: null }]);
  });
});

describe('a further run of the day', () => {
  it('takes over what a person found out, and has what else the earlier one left open', async () => {
    const module = desk.module(GATEWAYS);
    const unknown = (number: string): string => desk.line('OG0000000000000', `${number}-${desk.day}`);
    const first = await desk.bring(module, desk.file(unknown('E1'), unknown('E2')));
    const [known] = await desk.found(module, first);
    await module.service.resolve(desk.payments.call(), known?.id ?? '');
    const resolved = await module.queries.difference(known?.id ?? '');
    const second = await desk.start(module);
    await carryOut(module, second);
    const words = { resolvedBy: 'an', resolvedAt: resolved?.resolvedAt, resolution: 'vì sao' };
    expect(await desk.found(module, second)).toMatchObject([{ gatewayTransaction: `E1-${desk.day}`, ...words }, { gatewayTransaction: `E2-${desk.day}`, resolvedBy: null }]);
    expect(await desk.found(module, first)).toMatchObject([words, { resolvedBy: 'gateway', resolution: 'superseded' }]);
  });
});

describe('what a run compares with', () => {
  it.each([-1, 1])('are the files of the days around it too (%d)', async (days) => {
    const module = desk.module(GATEWAYS);
    const [told, silent] = [await desk.given('PAID'), await desk.given('PAID')];
    const day = desk.day;
    desk.day = dayAfter(day, days);
    await desk.bring(module, desk.file(desk.line(told, `C-${told}`)));
    desk.day = day;
    expect(await brief(module, await desk.bring(module, desk.file()))).toEqual([`MISSING_THERE PAYMENT PERSON ${silent}`]);
  });

  it('is our money by its number too, where a line names no payment', async () => {
    const module = desk.module(GATEWAYS);
    const earlier = new Date(vietnamMidnight(desk.day).getTime() - 86_400_000).toISOString();
    const [known, number] = [await desk.given('PAID', { paid_at: earlier, gateway_transaction: `D-${desk.day}` }), `D-${desk.day}`];
    const runId = await desk.bring(module, desk.file(desk.line('', number), desk.line('', `${number}-x`)));
    expect(await module.queries.run(runId)).toMatchObject({ oursCount: 0, theirsCount: 2, matched: 1 });
    expect((await desk.found(module, runId)).map((each) => [each.class, each.gatewayTransaction])).toEqual([['MISSING_HERE', `${number}-x`]]);
    expect((await desk.payments.payment(known))?.personReason).toBeNull();
  });

  it('is a word without an amount, too: it is recorded as it was said, and books nothing', async () => {
    const reference = await desk.given('AWAITING');
    const module = desk.module(asking(() => Promise.resolve(said('paid'))));
    const runId = await desk.start(module);
    await carryOut(module, runId);
    expect(await brief(module, runId)).toEqual([`STATE PAYMENT RECORDED ${reference}`]);
    expect(await desk.payments.rows(reference, 'SELECT applied, amount_vnd AS vnd FROM payment_events WHERE payment_id = (SELECT id FROM payments WHERE reference = $1)')).toEqual([{ applied: false, vnd: null }]);
    expect(await desk.payments.payment(reference)).toMatchObject({ state: 'AWAITING', paidVnd: 0 });
  });
});
