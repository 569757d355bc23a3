import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UserInputError } from '../../../src/errors/gateway-error.js';
import type { DifferenceFilter } from '../../../src/payments/reconciliation-queries.js';
import type { ReconciliationModule } from '../../../src/payments/reconciliation-module.js';
import { readHeadedTable } from '../../../src/tables/read-table.js';
import { AUDITOR, DossierGateway } from '../../support/dossier-gateway.js';
import { bank } from '../../support/payment-desk.js';
import { ReconciliationDesk, asLines } from '../../support/reconciliation-desk.js';

const GATEWAYS = [bank(), bank({ party: 'till' })];
const ALL = { first: 200, after: null };
const NONE = { rows: [], hasNextPage: false, endCursor: null };

let desk: ReconciliationDesk;
let module: ReconciliationModule;
let schema: DossierGateway;
/** Three runs, newest first: of the bank two days, of the till the first. */
let runs: { readonly id: string; readonly gateway: string; readonly day: string }[];

/** What a test of lists needs of a run: its differences, the first so many of them settled. */
const withDifferences = (runId: string | undefined, count: number, { found = 'STATE', settled = 0 } = {}): Promise<unknown> => desk.database.query(
  `INSERT INTO reconciliation_differences (run_id, class, kind, action, reference, resolved_by, resolved_at)
     SELECT $1, $2, 'PAYMENT', 'PERSON', 'OG' || n, CASE WHEN n <= $4 THEN 'an' END, CASE WHEN n <= $4 THEN now() END FROM generate_series(1, $3::integer) n ORDER BY n`, [runId, found, count, settled]);
const problemOf = (read: Promise<unknown>): Promise<unknown> => read.then(() => 'nothing', (error: unknown) => (error instanceof UserInputError ? error.problems : error));
const idsOf = ({ rows }: { readonly rows: readonly { readonly id: string }[] }): string[] => rows.map(({ id }) => id);
const listed = async (of: { gateway?: string; day?: string } = {}): Promise<string[]> => idsOf(await module.queries.runs({ gateway: null, day: null, ...of }, ALL));
const ask = async (source: string, variables: object = {}): Promise<unknown> => {
  const { data, errors } = await schema.call(AUDITOR, source, variables);
  return errors.length > 0 ? errors.map(({ message }) => message) : Object.values(data)[0];
};

beforeAll(async () => {
  desk = await ReconciliationDesk.open();
  module = desk.module(GATEWAYS);
  schema = new DossierGateway(desk.database, { also: { sdl: ['payment.graphql', 'reconciliation.graphql'], resolvers: () => [...desk.payments.module(GATEWAYS).resolvers, module.resolvers] } });
  runs = [];
  for (const [gateway, isNext] of [['bank', false], ['till', false], ['bank', true]] as const) {
    if (isNext) desk.nextDay();
    runs.unshift({ id: await desk.start(module, gateway), gateway, day: desk.day });
  }
  await withDifferences(runs[2]?.id, 3, { settled: 1 });
  await withDifferences(runs[1]?.id, 2, { found: 'AMOUNT' });
});
afterAll(() => desk.close());

describe('runs', () => {
  it('are listed with the newest first, as asked for', async () => {
    const [bankAgain, till, first] = runs;
    expect(await listed()).toEqual(runs.map(({ id }) => id));
    expect(await listed({ gateway: 'bank' })).toEqual([bankAgain?.id, first?.id]);
    expect(await listed({ day: first?.day ?? '' })).toEqual([till?.id, first?.id]);
    expect([await listed({ gateway: 'till', day: bankAgain?.day ?? '' }), await listed({ gateway: 'nobody' })]).toEqual([[], []]);
    expect(await ask('query ($day: LocalDate!) { reconciliationRuns(gateway: "till", day: $day) { nodes { id gateway day } pageInfo { hasNextPage } } }', { day: till?.day })).toEqual({ nodes: [till], pageInfo: { hasNextPage: false } });
  });

  it('are listed page by page', async () => {
    const page = 'query ($after: String) { reconciliationRuns(first: 2, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }';
    const first = await ask(page) as { nodes: unknown; pageInfo: { endCursor: string; hasNextPage: boolean } };
    expect([first.nodes, first.pageInfo.hasNextPage]).toEqual([runs.slice(0, 2).map(({ id }) => ({ id })), true]);
    const second = await ask(page, { after: first.pageInfo.endCursor }) as typeof first;
    expect([second.nodes, second.pageInfo.hasNextPage]).toEqual([[{ id: runs[2]?.id }], false]);
    expect(await ask(page, { after: second.pageInfo.endCursor })).toEqual({ nodes: [], pageInfo: { endCursor: null, hasNextPage: false } });
    expect((await module.queries.runs({ gateway: null, day: null }, { first: 3, after: null })).hasNextPage).toBe(false);
  });

  it('of what is no day are refused, and one of what is no number is none', async () => {
    expect(await problemOf(module.queries.runs({ gateway: null, day: '2026-02-30' }, ALL))).toEqual([{ field: 'day', code: 'DAY', message: { vi: 'Không phải là một ngày', en: 'This is no day' } }]);
    expect(await Promise.all(['0', '01', '-1', 'x1', '1x', '1'.repeat(19)].map((id) => module.queries.run(id)))).toEqual(Array.from({ length: 6 }, () => null));
    expect(await module.queries.run('1'.repeat(18))).toBeNull();
  });

  it('say each how many differences they have, and how many of them are open', async () => {
    expect(await ask('{ reconciliationRuns { nodes { id differenceCount openCount } } }')).toEqual({ nodes: [[0, 0], [2, 2], [3, 2]].map(([differenceCount, openCount], index) => ({ id: runs[index]?.id, differenceCount, openCount })) });
    expect(await module.queries.openCount()).toBe(4);
  });
});

describe('differences', () => {
  it('are listed with the newest first, as asked for', async () => {
    const all = (await module.queries.differences({}, ALL)).rows;
    expect(all.map(({ runId, reference }) => [runId, reference])).toEqual([[runs[1]?.id, 'OG2'], [runs[1]?.id, 'OG1'], [runs[2]?.id, 'OG3'], [runs[2]?.id, 'OG2'], [runs[2]?.id, 'OG1']]);
    const ids = all.map(({ id }) => id);
    const cases: readonly (readonly [DifferenceFilter, readonly string[]])[] = [
      [{ runId: runs[2]?.id ?? '' }, ids.slice(2)], [{ gateway: 'till' }, ids.slice(0, 2)], [{ class: 'STATE' }, ids.slice(2)], [{ class: 'DUPLICATE' }, []], [{ resolved: true }, ids.slice(4)], [{ resolved: false }, ids.slice(0, 4)],
      [{ runId: runs[1]?.id ?? '', gateway: 'bank' }, []], [{ runId: null, gateway: null, class: null, resolved: null }, ids], [{ runId: '1'.repeat(18) }, []],
    ];
    for (const [filter, found] of cases) expect([filter, idsOf(await module.queries.differences(filter, ALL))]).toEqual([filter, found]);
    expect(await ask('{ reconciliationDifferences(filter: { gateway: "bank", class: STATE, resolved: true }) { nodes { id reference } pageInfo { hasNextPage } } }')).toEqual({ nodes: [{ id: ids[4], reference: 'OG1' }], pageInfo: { hasNextPage: false } });
    expect(await ask('{ reconciliationDifferences { nodes { id } } }')).toEqual({ nodes: ids.map((id) => ({ id })) });
  });

  it.each(['0', '-1', 'x1', '1x', '1'.repeat(19)])('of the run %s, which is no number, are none', async (runId) => {
    expect(await module.queries.differences({ runId }, ALL)).toEqual(NONE);
  });

  it('say where both sides stand in words of the API', async () => {
    const { rows: [one] } = await module.queries.differences({}, { first: 1, after: null });
    const theirs = (): Promise<unknown> => ask('query ($run: ID!) { reconciliationDifferences(filter: { runId: $run }, first: 1) { nodes { theirsState oursVnd theirsVnd } } }', { run: one?.runId });
    expect(await theirs()).toEqual({ nodes: [{ theirsState: null, oursVnd: null, theirsVnd: null }] });
    await desk.database.query(`UPDATE reconciliation_differences SET theirs_state = 'not-found', ours_vnd = 1, theirs_vnd = 2 WHERE id = $1`, [one?.id]);
    expect(await theirs()).toEqual({ nodes: [{ theirsState: 'NOT_FOUND', oursVnd: 1, theirsVnd: 2 }] });
  });
});

describe('a page', () => {
  const readers = (page: { first: number; after: string | null }): readonly Promise<unknown>[] => [module.queries.runs({ gateway: null, day: null }, page), module.queries.differences({}, page)];

  it.each([0, 201, -1])('of %d is refused', async (first) => {
    for (const read of readers({ first, after: null })) expect(await problemOf(read)).toEqual([{ field: 'first', code: 'PAGE_SIZE', message: { en: 'Between 1 and 200', vi: 'Từ 1 đến 200' } }]);
  });

  it.each([1, 200])('of %d is given', async (first) => {
    for (const read of readers({ first, after: null })) expect(await read).toMatchObject({ hasNextPage: first === 1 });
  });

  it.each(['reconciliation:', 'xreconciliation:1', 'reconciliation:1x', `reconciliation:${'1'.repeat(19)}`])('behind %s is refused', async (text) => {
    for (const read of readers({ first: 1, after: Buffer.from(text).toString('base64url') })) {
      expect(await problemOf(read)).toEqual([{ field: 'after', code: 'CURSOR', message: { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this list' } }]);
    }
  });
});

describe('a statement', () => {
  const statementOf = async (runId: string) => module.queries.statement((await module.queries.run(runId))?.statementId ?? '');

  it('adds up the payments that were paid, and nothing else', async () => {
    desk.nextDay();
    const lines = [desk.line('OG1', 'A1', { vnd: 7_000 }), desk.line('OG2', 'A2', { vnd: 300, state: 'PENDING' }), desk.line('OG1', 'A3', { kind: 'PAYOUT', vnd: 20 }), desk.line('OG1', 'A4', { kind: 'REFUND', vnd: 1 })];
    expect(await statementOf(await desk.bring(module, desk.file(...lines)))).toMatchObject({ lineCount: 4, totalVnd: 7_000, day: desk.day, importedAt: expect.any(Date) });
    expect(await module.queries.statement('999999999')).toBeNull();
  });

  it('may have a line without an amount: it adds nothing, and is told without one', async () => {
    desk.nextDay();
    const own = desk.module(GATEWAYS, { readers: new Map([['bank', asLines]]) });
    const runId = await desk.bring(own, Buffer.from(JSON.stringify([{ line: 1, kind: 'PAYMENT', reference: 'OG3', gatewayTransaction: 'A5', amountVnd: null, state: 'paid', at: null }])));
    expect(await statementOf(runId)).toMatchObject({ lineCount: 1, totalVnd: 0 });
    expect(await module.queries.run(runId)).toMatchObject({ theirsCount: 1, theirsVnd: 0 });
    expect(await desk.found(module, runId)).toMatchObject([{ class: 'MISSING_HERE', reference: 'OG3', theirsVnd: null }]);
  });
});

describe('a run as a file', () => {
  const FILE = 'query ($id: ID!) { reconciliationFile(runId: $id, format: CSV) { name mediaType contentBase64 } }';
  const referencesOf = async (runId: string): Promise<string[]> => {
    const { contentBase64 } = await ask(FILE, { id: runId }) as { contentBase64: string };
    return readHeadedTable(Buffer.from(contentBase64, 'base64')).rows.map(({ cells }) => cells[2] ?? '');
  };
  const numbered = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => `OG${String(from + index)}`);

  it('has all its differences in the order in which they were found, and no others', async () => {
    desk.nextDay();
    const runId = await desk.start(module, 'till');
    expect(await ask(FILE, { id: runId })).toMatchObject({ name: `doi-soat-till-${desk.day}.csv`, mediaType: 'text/csv; charset=utf-8' });
    expect(await referencesOf(runId)).toEqual([]);
    await withDifferences(runId, 401);
    expect(await referencesOf(runId)).toEqual(numbered(1, 401));
  });

  it('holds ten thousand at most: the last that were found', async () => {
    desk.nextDay();
    const runId = await desk.start(module);
    await withDifferences(runId, 10_001);
    expect(await referencesOf(runId)).toEqual(numbered(2, 10_001));
  });
});
