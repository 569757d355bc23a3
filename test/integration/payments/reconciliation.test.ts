import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { vietnamDay } from '../../../src/agencies/agency.js';
import { checkLedgerArchive, LedgerArchiveWriter } from '../../../src/payments/ledger-check-archive.js';
import { readLedger } from '../../../src/payments/ledger-read-store.js';
import { checkLedgerNow } from '../../../src/payments/reconciliation-work.js';
import { dayAfter, vietnamMidnight } from '../../../src/payments/reconciliation-day.js';
import { readTable } from '../../../src/tables/read-table.js';
import { eventually } from '../../support/eventually.js';
import { insertAccount, startPaymentStage } from '../../support/payment-gateway.js';
import type { Found, PaymentStage } from '../../support/payment-gateway.js';

const RUN = 'run { id state cause oursCount oursVnd theirsCount theirsVnd matched differenceCount openCount failure { code } statement { source lineCount totalVnd } }';
const ANSWER = `__typename ... on ReconciliationStarted { ${RUN} } ... on PaymentActionRefused { code problems { field code } }`;
const START = `mutation ($key: IdempotencyKey!, $gateway: String!, $day: LocalDate!) { startReconciliation(idempotencyKey: $key, gateway: $gateway, day: $day, reason: "kiểm thử") { ${ANSWER} } }`;
const IMPORT = `mutation ($key: IdempotencyKey!, $gateway: String!, $day: LocalDate!, $file: String!, $replace: Boolean!) {
  importStatement(idempotencyKey: $key, gateway: $gateway, day: $day, contentBase64: $file, replacesEarlier: $replace, reason: "kiểm thử") { ${ANSWER} } }`;
const ONE_RUN = `query ($id: ID!) { reconciliationRun(id: $id) { ${RUN.slice('run { '.length)} }`;
const DIFFERENCES = 'query ($run: ID!) { reconciliationDifferences(filter: { runId: $run }, first: 100) { nodes { id class kind action reference oursVnd theirsVnd oursState theirsState resolvedBy resolution } } }';
const RESOLVE = 'mutation ($key: IdempotencyKey!, $id: ID!) { resolveDifference(idempotencyKey: $key, id: $id, reason: "đã hỏi cổng") { __typename ... on DifferenceResolved { difference { resolvedBy resolution } } ... on PaymentActionRefused { code } } }';

/** Each test has a day of its own, so that what one leaves is no difference of another. */
let nextDay = dayAfter(vietnamDay(new Date()), -40);
let stage: PaymentStage;

beforeAll(async () => {
  stage = await startPaymentStage({ RECONCILE_AT: 'off', REFUND_FOUR_EYES_ABOVE_VND: '1000000', VNPAY_ASK_AFTER_MS: '3600000', VNPAY_ASK_EVERY_MS: '3600000' }, { worker: true });
  await insertAccount(stage.database, '000.12.34.H42');
});
afterAll(() => stage.gateway.close());

const freshDay = (): string => (nextDay = dayAfter(nextDay, 3));
const noon = (day: string): Date => new Date(vietnamMidnight(day).getTime() + 12 * 3_600_000);

/** A payment of that day; paid there and, but for a lost notice, here. */
const paidOn = async (day: string, number: number, { isLost = false } = {}): Promise<string> => {
  const { reference, payUrl } = await stage.opened(number);
  if (isLost) await stage.control('misbehave-notices', { kind: 'lost' });
  await stage.press(reference, payUrl);
  if (!isLost) await stage.until(reference, 'PAID');
  await stage.database.query(`UPDATE payments SET paid_at = CASE WHEN paid_at IS NULL THEN NULL ELSE $2::timestamptz END, sent_at = $2 WHERE reference = $1`, [reference, noon(day)]);
  return reference;
};
const transactionOf = async (reference: string): Promise<string> => String((await stage.read(reference))['gatewayTransaction']);
const lineOf = (day: string, [kind, reference, transaction, amountVnd, state]: readonly [string, string, string, number, string]): string => [kind, reference, transaction, String(amountVnd), state, `${day} 12:00:00`].join(',');
const fileOf = (...lines: readonly string[]): string => Buffer.from(['kind,reference,transaction,amount_vnd,state,time', ...lines].join('\n')).toString('base64');
const importFile = (day: string, file: string, replace = false): Promise<Found> => stage.as('operator', IMPORT, { key: randomUUID(), gateway: 'vnpay', day, file, replace });
const start = (day: string, gateway = 'vnpay'): Promise<Found> => stage.as('operator', START, { key: randomUUID(), gateway, day });
/** What is answered for the day that is not over; at midnight it is asked for the next. */
const startToday = async (): Promise<Found> => {
  const today = vietnamDay(new Date());
  const answer = await start(today);
  return vietnamDay(new Date()) === today ? answer : startToday();
};

const ended = async (answer: Found): Promise<Found> => {
  const { id } = answer['run'] as { id: string };
  let run: Found = {};
  await eventually(`run ${id} to end`, async () => {
    run = await stage.as('auditor', ONE_RUN, { id });
    return run['state'] === 'DONE' || run['state'] === 'FAILED';
  }, { timeoutMs: 20_000 });
  return run;
};
const differencesOf = async (run: Found): Promise<readonly Found[]> => (await stage.as('operator', DIFFERENCES, { run: run['id'] }))['nodes'] as Found[];
const brief = (differences: readonly Found[]): readonly string[] => differences.map((each) => `${String(each['class'])} ${String(each['kind'])} ${String(each['action'])}`).sort();

describe('a run with a statement', () => {
  it('finds both sides alike, and nothing to do', async () => {
    const day = freshDay();
    const reference = await paidOn(day, 300);
    const run = await ended(await importFile(day, fileOf(lineOf(day, ['PAYMENT', reference, await transactionOf(reference), 50_000, 'PAID']))));
    expect(run).toMatchObject({ state: 'DONE', cause: 'STATEMENT', oursCount: 1, oursVnd: 50_000, theirsCount: 1, theirsVnd: 50_000, matched: 1, differenceCount: 0, openCount: 0, statement: { source: 'FILE', lineCount: 1, totalVnd: 50_000 } });
  });

  it('books money of which no notice came, and leaves the rest to a person', async () => {
    const day = freshDay();
    const lost = await paidOn(day, 301, { isLost: true });
    const unsaid = await paidOn(day, 302);
    const other = await paidOn(day, 303);
    const run = await ended(await importFile(day, fileOf(
      lineOf(day, ['PAYMENT', lost, '900001', 50_000, 'PAID']), lineOf(day, ['PAYMENT', other, await transactionOf(other), 49_000, 'PAID']), lineOf(day, ['PAYMENT', 'OG0000000000000', '900002', 7_000, 'PAID']))));
    expect(brief(await differencesOf(run))).toEqual(['AMOUNT PAYMENT RECORDED', 'MISSING_HERE PAYMENT PERSON', 'MISSING_THERE PAYMENT PERSON', 'STATE PAYMENT APPLIED']);
    expect(run).toMatchObject({ differenceCount: 4, openCount: 3 });
    expect(await stage.read(lost)).toMatchObject({ state: 'PAID', gatewayTransaction: '900001' });
    expect(await stage.ledger(lost)).toEqual({ CITIZEN: -50_000, 'TRANSIT/vnpay': 50_000 });
    expect(await stage.read(other)).toMatchObject({ state: 'PAID', paidVnd: 50_000, person: { code: 'amount' } });
    expect((await differencesOf(run)).find(({ reference }) => reference === unsaid)).toMatchObject({ oursVnd: 50_000, theirsVnd: null });
  });

  it('is made anew each time: what is settled is gone, and what a person found out stays said', async () => {
    const day = freshDay();
    const lost = await paidOn(day, 304, { isLost: true });
    const first = await ended(await importFile(day, fileOf(lineOf(day, ['PAYMENT', lost, '900003', 50_000, 'PAID']), lineOf(day, ['PAYMENT', '', '900004', 7_000, 'PAID']))));
    const open = (await differencesOf(first)).find(({ class: found }) => found === 'MISSING_HERE');
    expect(await stage.as('operator', RESOLVE, { key: randomUUID(), id: open?.['id'] })).toMatchObject({ difference: { resolution: 'đã hỏi cổng' } });
    expect(await stage.as('operator', RESOLVE, { key: randomUUID(), id: open?.['id'] })).toMatchObject({ code: 'ALREADY_DECIDED' });
    const second = await ended(await start(day));
    expect(second['id']).not.toBe(first['id']);
    expect(second).toMatchObject({ cause: 'PERSON', matched: 1, differenceCount: 1, openCount: 0 });
    expect(await differencesOf(second)).toMatchObject([{ class: 'MISSING_HERE', resolution: 'đã hỏi cổng' }]);
    const { rows } = await stage.database.query<{ action: string }>(`SELECT action FROM operator_actions WHERE target = $1 ORDER BY id`, [`reconciliation/vnpay/${day}`]);
    expect(rows.map(({ action }) => action)).toEqual(['import-statement', 'resolve-difference', 'start-reconciliation']);
  });

  it('takes a better file instead of the first', async () => {
    const day = freshDay();
    const reference = await paidOn(day, 305);
    await ended(await importFile(day, fileOf(lineOf(day, ['PAYMENT', reference, await transactionOf(reference), 1, 'PAID']))));
    const better = await ended(await importFile(day, fileOf(lineOf(day, ['PAYMENT', reference, await transactionOf(reference), 50_000, 'PAID'])), true));
    expect(better).toMatchObject({ differenceCount: 0, matched: 1 });
    const { rows } = await stage.database.query<{ open: string }>(`SELECT count(*) AS open FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id WHERE r.day = $1 AND d.resolved_at IS NULL`, [day]);
    expect(rows).toEqual([{ open: '0' }]);
  });

  it('moves what was handed on to the agency, once, whatever number of files say so', async () => {
    const day = freshDay();
    const reference = await paidOn(day, 306);
    const paid = lineOf(day, ['PAYMENT', reference, await transactionOf(reference), 50_000, 'PAID']);
    const first = await ended(await importFile(day, fileOf(paid, lineOf(day, ['PAYOUT', reference, 'QT1', 30_000, 'PAID']))));
    expect(first).toMatchObject({ differenceCount: 0 });
    const { rows: [account] } = await stage.database.query<{ id: string }>('SELECT account_id AS id FROM payments WHERE reference = $1', [reference]);
    const agency = `AGENCY/${account?.id ?? ''}`;
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, 'TRANSIT/vnpay': 20_000, [agency]: 30_000 });
    await ended(await importFile(day, fileOf(lineOf(day, ['PAYOUT', reference, 'QT1', 30_000, 'PAID']), lineOf(day, ['PAYOUT', reference, 'QT2', 20_000, 'PAID']))));
    await ended(await start(day));
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, [agency]: 50_000 });
    const more = await ended(await importFile(day, fileOf(lineOf(day, ['PAYOUT', reference, 'QT3', 1_000, 'PAID']), lineOf(day, ['PAYOUT', reference, 'QT4', 60_000, 'PAID']), lineOf(day, ['PAYOUT', reference, 'QT1', 31_000, 'PAID']))));
    expect(brief(await differencesOf(more))).toEqual(['AMOUNT PAYOUT PERSON', 'DUPLICATE PAYOUT PERSON', 'STATE PAYOUT WAITS']);
    expect(await stage.ledger(reference)).toEqual({ CITIZEN: -50_000, [agency]: 50_000 });
    const totals = await stage.as('leader', `query ($day: LocalDate!) { paymentTotals(from: $day, to: $day) { nodes { day gateway agencyCode payments paidVnd settledVnd inTransitVnd } pageInfo { hasNextPage } } }`, { day });
    expect(totals).toMatchObject({ nodes: [{ day, gateway: 'vnpay', agencyCode: '000.12.34.H42', payments: 1, paidVnd: 50_000, settledVnd: 50_000, inTransitVnd: 0 }] });
  });

  it('closes what waited by itself, when the money that the agency has is found in the books on another day', async () => {
    const day = freshDay();
    const lost = await paidOn(day, 307, { isLost: true });
    const early = await ended(await importFile(day, fileOf(lineOf(day, ['PAYOUT', lost, 'QT9', 50_000, 'PAID']))));
    expect(await differencesOf(early)).toMatchObject([{ class: 'STATE', kind: 'PAYOUT', action: 'WAITS', oursVnd: 0, theirsVnd: 50_000, resolvedBy: null }]);
    expect(await stage.ledger(lost)).toEqual({});
    const late = await ended(await importFile(dayAfter(day), fileOf(lineOf(day, ['PAYMENT', lost, '900011', 50_000, 'PAID']))));
    expect(brief(await differencesOf(late))).toEqual(['STATE PAYMENT APPLIED']);
    expect(await differencesOf(early)).toMatchObject([{ action: 'WAITS', resolvedBy: 'gateway', resolution: 'applied' }]);
    expect(Object.values(await stage.ledger(lost))).toEqual(expect.arrayContaining([-50_000, 50_000]));
    expect(await stage.ledger(lost)).not.toHaveProperty('TRANSIT/vnpay');
  });

  it('is not begun by a file that is wrong, was here before, or is about a day that is not over', async () => {
    const day = freshDay();
    const file = fileOf(lineOf(day, ['PAYMENT', 'OG0000000000000', '900009', 7_000, 'PAID']));
    await ended(await importFile(day, file));
    expect(await importFile(day, file)).toMatchObject({ code: 'INPUT', problems: [{ field: 'contentBase64', code: 'SAME_FILE' }] });
    expect(await importFile(day, fileOf(lineOf(day, ['PAYMENT', 'x', 'y', 0, 'PAID'])))).toMatchObject({ problems: [{ field: 'line 2: amount_vnd', code: 'AMOUNT' }] });
    expect(await startToday()).toMatchObject({ problems: [{ field: 'day', code: 'DAY' }] });
    expect(await start(day, 'nobody')).toMatchObject({ problems: [{ field: 'gateway', code: 'GATEWAY' }] });
    expect(await stage.as('portal', START, { key: randomUUID(), gateway: 'vnpay', day })).toMatchObject({ codes: ['FORBIDDEN'] });
  });

  it('finds all our money of a day of which the gateway\'s file has no line, on one day and on the next', async () => {
    const day = freshDay();
    const next = freshDay();
    const reference = await paidOn(day, 308);
    const run = await ended(await importFile(day, fileOf()));
    expect(run).toMatchObject({ theirsCount: 0, matched: 0 });
    expect(await differencesOf(run)).toMatchObject([{ class: 'MISSING_THERE', action: 'PERSON', reference, oursVnd: 50_000, theirsVnd: null }]);
    expect(await ended(await importFile(next, fileOf()))).toMatchObject({ differenceCount: 0 });
    expect(await importFile(day, fileOf())).toMatchObject({ code: 'INPUT', problems: [{ field: 'contentBase64', code: 'SAME_FILE' }] });
  });

  it('can be taken away as a file', async () => {
    const day = freshDay();
    const run = await ended(await importFile(day, fileOf(lineOf(day, ['PAYMENT', 'OG0000000000000', '900010', 7_000, 'PAID']))));
    for (const format of ['CSV', 'XLSX']) {
      const file = await stage.as('auditor', `query ($id: ID!) { reconciliationFile(runId: $id, format: ${format}) { name contentBase64 } }`, { id: run['id'] });
      expect(file['name']).toBe(`doi-soat-vnpay-${day}.${format.toLowerCase()}`);
      expect(readTable(Buffer.from(String(file['contentBase64']), 'base64')).rows).toMatchObject([{ cells: expect.arrayContaining(['Cổng thanh toán có, hệ thống không có', '7000', 'OG0000000000000']) }]);
    }
  });
});

describe('a run without a statement', () => {
  it('asks the gateway for each payment of the day, and books what was paid', async () => {
    const day = freshDay();
    const lost = await paidOn(day, 310, { isLost: true });
    const known = await paidOn(day, 311);
    const unpaid = (await stage.opened(312)).reference;
    await stage.database.query(`UPDATE payments SET sent_at = $2 WHERE reference = $1`, [unpaid, noon(day)]);
    // Payments of other tests that stay open are asked for as well.
    const run = await ended(await start(day));
    expect(run).toMatchObject({ state: 'DONE', statement: { source: 'QUERY' }, oursCount: 1 });
    expect(await differencesOf(run)).toMatchObject([{ class: 'STATE', action: 'APPLIED', reference: lost }]);
    expect(await stage.read(lost)).toMatchObject({ state: 'PAID' });
    expect(await stage.read(known)).toMatchObject({ state: 'PAID', person: null });
    expect(await stage.read(unpaid)).toMatchObject({ state: 'AWAITING' });
  });

  it('fails where the gateway does not answer, is no answer to the next, and succeeds then', async () => {
    const day = freshDay();
    await paidOn(day, 313);
    await stage.control('misbehave', { kind: 'reset', operation: 'querydr', times: 50 });
    const failed = await ended(await start(day));
    expect(failed).toMatchObject({ state: 'FAILED', failure: { code: 'gateway-unavailable' }, oursCount: null });
    await stage.control('behave', {});
    await stage.database.query('DELETE FROM circuits').catch(() => undefined);
    let again: Found = {};
    await eventually('a run to succeed', async () => {
      again = await ended(await start(day));
      return again['state'] === 'DONE';
    }, { timeoutMs: 45_000 });
    expect(again).toMatchObject({ matched: 1, differenceCount: 0 });
    expect(again['id']).not.toBe(failed['id']);
  }, 60_000);
});

describe('the ledger of the database', () => {
  it('is balanced after all this, and so is its archive without a database', async () => {
    const online = await checkLedgerNow(stage.database);
    expect(online).toMatchObject({ faultCount: 0, faults: [] });
    expect(online.entries).toBeGreaterThan(5);
    const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    try {
      const lines: string[] = [];
      const writer = new LedgerArchiveWriter((line) => void lines.push(line));
      await writer.begin(new Date());
      await readLedger(stage.database, (record) => writer.add(record));
      await writer.end();
      writeFileSync(join(folder, 'ledger.jsonl'), lines.join('\n'));
      expect(await checkLedgerArchive(readFileSync(join(folder, 'ledger.jsonl'), 'utf8').split('\n'))).toMatchObject(online);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names the first wrong transaction that somebody with the keys of the database planted', async () => {
    const { rows: [victim] } = await stage.database.query<{ id: string; transaction: string }>('SELECT id, transaction_id AS transaction FROM ledger ORDER BY id OFFSET 5 LIMIT 1');
    await stage.database.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query('UPDATE ledger SET amount_vnd = amount_vnd + 1 WHERE id = $1', [victim?.id]);
    });
    expect((await checkLedgerNow(stage.database)).faults[0]).toMatchObject({ kind: 'TRANSACTION', transactionId: victim?.transaction });
    await stage.database.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query('UPDATE ledger SET amount_vnd = amount_vnd - 1 WHERE id = $1', [victim?.id]);
    });
    expect(await checkLedgerNow(stage.database)).toMatchObject({ faultCount: 0 });
    const { rows: [payment] } = await stage.database.query<{ id: string; reference: string }>(`SELECT id, reference FROM payments WHERE state = 'PAID' ORDER BY id LIMIT 1`);
    await stage.database.query('UPDATE payments SET paid_vnd = paid_vnd + 1 WHERE id = $1', [payment?.id]);
    expect((await checkLedgerNow(stage.database)).faults).toContainEqual(expect.objectContaining({ kind: 'PAID_AMOUNT', reference: payment?.reference }));
    await stage.database.query('UPDATE payments SET paid_vnd = paid_vnd - 1 WHERE id = $1', [payment?.id]);
  });
});
