import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CatalogueQueries } from '../../../src/procedures/catalogue-queries.js';
import type { Detail } from '../../../src/procedures/catalogue-queries.js';
import { CatalogueStore } from '../../../src/procedures/catalogue-store.js';
import { parseCatalogueFilter } from '../../../src/procedures/catalogue-input.js';
import type { Queryable } from '../../../src/store/database.js';
import { CatalogueSyncs } from '../../support/catalogue-syncs.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';
import { ScriptedCatalogue, sampleProcedure } from '../../support/scripted-catalogue.js';

let gateway: ComposedGateway;
let syncs: CatalogueSyncs;
const party = new ScriptedCatalogue(60);
const codes = (answer: { readonly data: unknown }): string[] => (answer.data as { procedures: { nodes: { code: string }[] } }).procedures.nodes.map(({ code }) => code);
const search = async (filter: object): Promise<string[]> =>
  codes(await gateway.query(bearer(gateway.keys.leader), 'query ($filter: NationalProcedureFilter) { procedures(filter: $filter, first: 200) { nodes { code } } }', { filter }));
const operator = (document: string, variables: object = {}) => gateway.query(bearer(gateway.keys.operator), document, variables);

/** Counts statements that go to the pool. */
const counting = (database: Queryable): { readonly database: Queryable; readonly statements: () => number } => {
  let statements = 0;
  return {
    database: { query: (config, values) => { statements += 1; return database.query(config as string, values); } },
    statements: () => statements,
  };
};

beforeAll(async () => {
  gateway = await startComposedGateway();
  syncs = new CatalogueSyncs(gateway.test.database);
  party.put(sampleProcedure(100, { name: 'Đăng ký khai sinh có yếu tố nước ngoài', keywords: ['trẻ em'], fields: [{ code: 'HT', name: 'Hộ tịch' }], levels: ['COMMUNE'], isPublic: false }));
  await syncs.sync('full', party);
});
afterAll(() => gateway.close());

describe('the catalogue', () => {
  it('is found by code, by words with and without marks, and by filters together', async () => {
    for (const text of ['1.000100', '1.0001', '000100', 'khai sinh', 'dang ky khai', 'ĐĂNG KÝ', 'tre em', 'hộ tịch', 'đăng ký'.normalize('NFD')]) expect([text, await search({ text })]).toEqual([text, ['1.000100']]);
    expect(await search({ text: 'giấy phép' })).toHaveLength(60);
    expect(await search({ text: 'xay dung', fieldCode: 'LV3', level: 'COMMUNE' })).toEqual(['1.000003', '1.000017', '1.000031', '1.000045', '1.000059']);
    expect(await search({ isPublic: false })).toEqual(['1.000100']);
    expect(await search({ text: 'khai tử' })).toEqual([]);
    expect(await search({ withdrawn: true })).toEqual([]);
    expect(await search({ agencyCode: '000.00.12.H42' })).toHaveLength(61);
  });

  it('is read page by page, each procedure once', async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const answer = await operator('query ($after: String) { procedures(first: 25, after: $after) { nodes { code } pageInfo { endCursor hasNextPage } } }', { after });
      seen.push(...codes(answer));
      const { endCursor, hasNextPage } = (answer.data as unknown as { procedures: { pageInfo: { endCursor: string; hasNextPage: boolean } } }).procedures.pageInfo;
      after = endCursor;
      if (!hasNextPage) break;
    }
    expect(seen).toEqual([...seen].sort());
    expect(new Set(seen).size).toBe(61);
    expect((await operator('{ procedures(after: "zzz") { nodes { code } } }')).codes).toEqual(['BAD_USER_INPUT']);
    expect((await operator('{ procedures(first: 201) { nodes { code } } }')).codes).toEqual(['BAD_USER_INPUT']);
  });

  it('gives one procedure by its code with the province\'s suffix, its texts clean', async () => {
    const answer = await gateway.query(bearer(gateway.keys.portal), '{ procedure(code: "1.000100.000.00.00.H42") { name version steps { steps } methods { times { amount unit } } latestChanges { kind procedure { code } } } none: procedure(code: "9.999999") { code } }');
    expect(answer.data).toMatchObject({ procedure: { version: 1, steps: [{ steps: ['<p>Nộp hồ sơ</p>'] }], methods: [{ times: [{ amount: 10, unit: 'WORKING_DAY' }] }], latestChanges: [{ kind: 'ADDED', procedure: { code: '1.000100' } }] }, none: null });
  });

  it('is closed to who has no key', async () => {
    expect((await gateway.query({}, '{ procedures { nodes { code } } }')).status).toBe(401);
    expect((await gateway.query(bearer(gateway.keys.agency), 'mutation { syncProcedures(idempotencyKey: "a", kind: FULL) { __typename } }')).codes).toEqual(['FORBIDDEN']);
  });

  it('costs as many statements for a long list as for a short one, and one that tells whether it has changed after that', async () => {
    const { database, statements } = counting(gateway.test.database);
    const queries = new CatalogueQueries(new CatalogueStore(database), 100);
    const read = (first: number, detail: Detail = 'record') => queries.list(parseCatalogueFilter({ text: 'giấy phép' }), { first, after: null, detail });
    const page = await read(50);
    expect(statements()).toBe(3);
    expect(await read(50)).toBe(page);
    expect(statements()).toBe(4);
    await read(5, 'mark');
    expect(statements()).toBe(6);
    await queries.latestChanges(page.nodes.map(({ code }) => code));
    expect(statements()).toBe(7);
  });

  it('reads no content where only marks are asked for, and shows the same', async () => {
    const short = await operator('{ procedures(first: 2) { nodes { code name version isPublic changedAt } } }');
    const long = await operator('{ procedures(first: 2) { nodes { ...all } } } fragment all on NationalProcedure { code name version isPublic changedAt kind steps { steps } }');
    expect(long.data).toMatchObject(short.data ?? {});
    expect(long.data).toMatchObject({ procedures: { nodes: [{ kind: 'TTHC', steps: [{ steps: ['<p>Nộp hồ sơ</p>'] }] }, {}] } });
  });

  it('never answers from memory what has changed since, in whichever process it changed', async () => {
    const queries = new CatalogueQueries(new CatalogueStore(gateway.test.database), 100);
    const nameOf = async (): Promise<string | undefined> => (await queries.find(['1.000009']))[0]?.name;
    expect(await nameOf()).toContain('số 9');
    party.put(sampleProcedure(9, { name: '<b>Tên khác</b>' }));
    await syncs.sync('full', party);
    expect(await nameOf()).toBe('Tên khác');
    const answer = await operator('{ procedureChanges(code: "1.000009") { nodes { version kind fields { path from to } procedure { name } } } }');
    expect(answer.data).toMatchObject({ procedureChanges: { nodes: [{ version: 2, kind: 'CHANGED', fields: [{ path: 'name', from: 'Cấp giấy phép xây dựng số 9', to: 'Tên khác' }], procedure: { name: 'Tên khác' } }, { version: 1, kind: 'ADDED' }] } });
  });
});

describe('an operator', () => {
  const START = 'mutation ($key: IdempotencyKey!, $kind: ProcedureSyncKind! = FULL) { syncProcedures(idempotencyKey: $key, kind: $kind) { __typename ... on ProcedureSyncChanged { sync { id state } } ... on ProcedureSyncRefused { sync { id } } } }';
  const CANCEL = 'mutation ($key: IdempotencyKey!, $id: ID!) { cancelProcedureSync(idempotencyKey: $key, id: $id, reason: "nhầm") { __typename } }';
  type Started = { syncProcedures: { __typename: string; sync: { id: string } } };

  it('starts one sync at a time, once under a key, sees its progress and ends it; all of it is recorded', async () => {
    const first = (await operator(START, { key: 'sync-1' })).data as unknown as Started;
    expect(first.syncProcedures.__typename).toBe('ProcedureSyncChanged');
    const { id } = first.syncProcedures.sync;
    expect((await operator(START, { key: 'sync-1' })).data).toEqual(first);
    expect((await operator(START, { key: 'sync-1', kind: 'INCREMENTAL' })).data).toEqual({ syncProcedures: { __typename: 'IdempotencyConflict' } });
    expect((await operator(START, { key: 'sync-2' })).data).toEqual({ syncProcedures: { __typename: 'ProcedureSyncRefused', sync: { id } } });
    party.beforeRead = () => { throw new Error('defect'); };
    await syncs.runner(party, { batchSize: 2, concurrency: 1 }).run(AbortSignal.abort());
    expect((await operator('{ procedureSyncs(first: 1) { nodes { id kind state listed failures { code } } } }')).data).toMatchObject({ procedureSyncs: { nodes: [{ id, kind: 'FULL', state: 'RUNNING', failures: [] }] } });
    expect((await operator(CANCEL, { key: 'cancel-1', id })).data).toEqual({ cancelProcedureSync: { __typename: 'ProcedureSyncChanged' } });
    expect((await operator(CANCEL, { key: 'cancel-2', id })).data).toEqual({ cancelProcedureSync: { __typename: 'ProcedureSyncRefused' } });
    expect((await operator(CANCEL, { key: 'cancel-3', id: '99999' })).codes).toEqual(['NOT_FOUND']);
    const { rows } = await gateway.test.database.query(`SELECT action, actor, reason FROM operator_actions WHERE target = $1 ORDER BY id`, [`procedure-sync/${id}`]);
    expect(rows).toEqual([{ action: 'start-procedure-sync', actor: 'test-operator', reason: null }, { action: 'cancel-procedure-sync', actor: 'test-operator', reason: 'nhầm' }]);
  });

  it('sees which records failed', async () => {
    party.beforeRead = (reference) => { if (reference === 'r-1.000020') throw new Error('defect'); };
    const { id } = await syncs.sync('full', party);
    expect((await operator('{ procedureSyncs { nodes { id failed failures { code reason } } } }')).data).toMatchObject({ procedureSyncs: { nodes: expect.arrayContaining([{ id, failed: 1, failures: [{ code: '1.000020', reason: 'internal-error' }] }]) as never } });
  });
});
