import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import { PACKAGE_ROOT } from '../../../src/package-root.js';
import { DossierGateway } from '../../support/dossier-gateway.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createTestDatabase } from '../../support/postgres.js';

const OPERATOR: Caller = { client: 'op-1', role: 'operator', agencyScope: null };
const PORTAL: Caller = { client: 'portal', role: 'portal', agencyScope: null };
const HEADER = 'code,other_codes,name_vi,kind,level,parent_code,active_from,active_until,merged_into';
const PROVINCE = '000.00.00.H42,H42?,Tỉnh Ninh Bình,PROVINCE,PROVINCE,,,,';
const WARD = '000.12.34.H42,H42.12.34,Phường Hoa Lư,WARD,COMMUNE,H42,2025-07-01,,';
const OLD = 'H42.90,,Huyện Hoa Lư cũ,DISTRICT,DISTRICT,H42,,2025-06-30,000.12.34.H42';

interface Answer {
  readonly data: Readonly<Record<string, Readonly<Record<string, unknown>> | null | undefined>>;
  readonly errors: readonly string[];
}

let test: TestDatabase;
let call: (caller: Caller, source: string, variables?: Record<string, unknown>) => Promise<Answer>;

beforeAll(async () => {
  test = await createTestDatabase();
  const gateway = new DossierGateway(test.database);
  call = async (caller, source, variables = {}) => {
    const { data, errors } = await gateway.call(caller, source, variables);
    return { data, errors: errors.map(({ message }) => message) };
  };
});
afterAll(() => test.drop());
afterEach(() => test.database.query('TRUNCATE agencies, agency_codes, agency_successions, operator_actions, idempotency_keys, access_attempts'));

const IMPORT = `mutation ($key: IdempotencyKey!, $file: String!, $dryRun: Boolean!) { importAgencies(idempotencyKey: $key, contentBase64: $file, dryRun: $dryRun, reason: "nhập") {
  __typename ... on AgenciesImported { dryRun created changed unchanged refused rows { line code outcome problems { field code message { vi en } allowed } } }
  ... on AgencyChangeRefused { problems { field code allowed } } ... on IdempotencyConflict { key } } }`;

const importRows = (key: string, rows: readonly string[], { dryRun = false, caller = OPERATOR } = {}) =>
  call(caller, IMPORT, { key, dryRun, file: Buffer.from([HEADER, ...rows].join('\n')).toString('base64') });
const save = (key: string, agency: Record<string, unknown>, caller = OPERATOR) =>
  call(caller, `mutation ($key: IdempotencyKey!, $agency: AgencyInput!) { saveAgency(idempotencyKey: $key, agency: $agency, reason: "sửa") {
    __typename ... on AgencySaved { outcome agency { code nameVi parent { code } codes { code epoch validFrom confidence } } } ... on AgencyChangeRefused { problems { field code } } ... on IdempotencyConflict { key } } }`, { key, agency });
const count = async (sql: string): Promise<number> => Number((await test.database.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`)).rows[0]?.n);

describe('an import', () => {
  it('reports each row, stores what is good, and finds an agency by any of its codes', async () => {
    const { data, errors } = await importRows('k1', [WARD, PROVINCE, OLD, 'H99.1,,Lạ,WARD,COMMUNE,H42,,,', 'H42.55,,,WARD,COMMUNE,H42.77,,,']);
    expect(errors).toEqual([]);
    expect(data['importAgencies']).toMatchObject({ __typename: 'AgenciesImported', created: 3, changed: 0, unchanged: 0, refused: 2 });
    expect(data['importAgencies']?.['rows']).toMatchObject([
      { line: 2, code: '000.12.34.H42', outcome: 'CREATED' }, { line: 3, outcome: 'CREATED' }, { line: 4, outcome: 'CREATED' },
      { line: 5, code: null, outcome: 'REFUSED', problems: [{ field: 'code', code: 'AGENCY_CODE_SHAPE' }] },
      { line: 6, code: 'H42.55', outcome: 'REFUSED', problems: [{ field: 'name_vi', code: 'NEW_AGENCY_NEEDS' }] },
    ]);
    const found = await call(PORTAL, '{ agency(code: "H42.12.34") { code nameVi parent { code } } old: agency(code: "H42.90") { successors { code since } activeUntil } }');
    expect(found.data).toEqual({
      agency: { code: '000.12.34.H42', nameVi: 'Phường Hoa Lư', parent: { code: '000.00.00.H42' } },
      old: { successors: [{ code: '000.12.34.H42', since: '2025-07-01' }], activeUntil: '2025-06-30' },
    });
    expect((await test.database.query('SELECT actor, role, action, target, reason FROM operator_actions')).rows)
      .toEqual([{ actor: 'op-1', role: 'operator', action: 'import-agencies', target: 'agencies', reason: 'nhập' }]);
  });

  it('says unchanged the second time, and changed for what is new', async () => {
    await importRows('k1', [PROVINCE, WARD]);
    const again = await importRows('k2', [PROVINCE, WARD.replace('Phường Hoa Lư', 'Phường Hoa Lư mới')]);
    expect(again.data['importAgencies']).toMatchObject({ created: 0, changed: 1, unchanged: 1, refused: 0 });
  });

  it('on trial stores nothing, not even its key', async () => {
    expect((await importRows('k1', [PROVINCE], { dryRun: true })).data['importAgencies']).toMatchObject({ dryRun: true, created: 1 });
    expect([await count('agencies'), await count('idempotency_keys'), await count('operator_actions')]).toEqual([0, 0, 0]);
  });

  it('ten at once under one key have one effect and one answer', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => importRows('same', [PROVINCE, WARD])));
    for (const { data } of answers) expect(data['importAgencies']).toMatchObject({ created: 2, refused: 0 });
    expect([await count('agencies'), await count('operator_actions')]).toEqual([2, 1]);
    expect((await importRows('same', [PROVINCE])).data['importAgencies']).toEqual({ __typename: 'IdempotencyConflict', key: 'same' });
  });

  it('of a file that is no table is refused as a whole', async () => {
    const answer = await call(OPERATOR, IMPORT, { key: 'k', dryRun: false, file: Buffer.from('x,y\n1,2\n').toString('base64') });
    expect(answer.data['importAgencies']).toMatchObject({ __typename: 'AgencyChangeRefused', problems: [{ code: 'COLUMN' }, { code: 'COLUMN' }, { field: 'code', code: 'COLUMN_MISSING' }] });
    expect(await count('idempotency_keys')).toBe(0);
  });

  it.each(['portal', 'agency', 'leader', 'auditor'] as const)('is refused to the role %s', async (role) => {
    expect((await importRows('k', [PROVINCE], { caller: { client: 'x', role, agencyScope: null } })).errors).toHaveLength(1);
    expect(await count('agencies')).toBe(0);
  });

  it('is refused to an operator of one agency', async () => {
    expect((await importRows('k', [PROVINCE], { caller: { ...OPERATOR, agencyScope: '000.12.34.H42' } })).errors).toHaveLength(1);
  });
});

describe('the seed of the demo province', () => {
  it('is taken whole: 129 communes and wards, and the codes that the demo uses', async () => {
    const gateway = new DossierGateway(test.database);
    const file = readFileSync(join(PACKAGE_ROOT, 'schemas', 'seeds', 'agencies-demo.csv'));
    const answer = await gateway.agencies.service.importFile({ caller: OPERATOR, idempotencyKey: 'seed', reason: 'seed' }, file, { dryRun: false });
    expect(answer).toMatchObject({ kind: 'done', result: { refused: 0 } });
    const tree = await gateway.agencies.directory.current();
    expect(tree.agencies.filter(({ kind }) => kind === 'COMMUNE' || kind === 'WARD')).toHaveLength(129);
    expect([tree.find('000.00.12.H42')?.kind, tree.findAt('000.12.34.H42', '2026-03-15')?.kind]).toEqual(['SERVICE_CENTRE', 'WARD']);
    expect([tree.visibleCodes('H42').has('000.00.41.H25'), tree.findAt('000.00.41.H25', '2025-07-01')]).toEqual([true, null]);
  });
});

describe('a change of one agency', () => {
  it('moves a subtree with one audit row, and never under itself', async () => {
    await importRows('k1', [PROVINCE, WARD, 'H42.20,,Sở A,DEPARTMENT,PROVINCE,H42,,,', 'H42.20.01,,Chi cục B,OTHER,PROVINCE,H42.20,,,']);
    expect((await save('k2', { code: 'H42.12.34', parentCode: 'H42.20' })).data['saveAgency']).toMatchObject({ outcome: 'CHANGED', agency: { parent: { code: 'H42.20' } } });
    expect((await save('k3', { code: 'H42.20', parentCode: 'H42.20.01' })).data['saveAgency']).toEqual({ __typename: 'AgencyChangeRefused', problems: [{ field: 'agency.parentCode', code: 'CYCLE' }] });
    const { rows } = await test.database.query<{ target: string; detail: unknown }>(`SELECT target, detail FROM operator_actions WHERE action = 'save-agency'`);
    expect(rows).toEqual([{ target: 'agency/000.12.34.H42', detail: { changed: ['parentCode'], moved: { from: '000.00.00.H42', to: 'H42.20' } } }]);
  });

  it('gives a code to a second agency only when the first no longer has it', async () => {
    await importRows('k1', [PROVINCE, WARD]);
    const other = { code: 'H42.77', nameVi: 'Xã khác', kind: 'COMMUNE', level: 'COMMUNE', parentCode: 'H42' };
    const taken = (from: string) => ({ ...other, activeFrom: from, codes: [{ code: 'H42.12.34', validFrom: from }] });
    expect((await save('k2', taken('2026-01-01'))).data['saveAgency']).toMatchObject({ problems: [{ field: 'agency.otherCodes', code: 'AGENCY_CODE_TAKEN' }] });
    await save('k3', { code: '000.12.34.H42', codes: [{ code: 'H42.12.34', validUntil: '2025-12-31' }] });
    expect((await save('k2', taken('2026-01-01'))).data['saveAgency']).toMatchObject({ outcome: 'CREATED' });
  });

  it('is held by the database too: no ring, no code of two at one time', async () => {
    await importRows('k1', [PROVINCE, WARD]);
    await expect(test.database.query(`UPDATE agencies SET parent_code = '000.12.34.H42' WHERE code = '000.00.00.H42'`)).rejects.toMatchObject({ code: 'OG010' });
    await expect(test.database.query(`INSERT INTO agency_codes VALUES ('000.00.00.H42', 'H42.12.34', NULL, NULL, 'LOW')`)).rejects.toMatchObject({ code: 'OG011' });
  });
});

describe('a merger', () => {
  const merge = (key: string, variables: Record<string, unknown>) => call(OPERATOR, `mutation ($key: IdempotencyKey!, $from: [ID!]!, $into: ID!, $move: Boolean!) {
    mergeAgencies(idempotencyKey: $key, fromCodes: $from, intoCode: $into, since: "2026-01-01", moveChildren: $move, reason: "sáp nhập") {
      __typename ... on AgencySaved { agency { code } } ... on AgencyChangeRefused { problems { field code allowed } } } }`, { key, move: false, ...variables });

  it('ends the agency the day before, keeps its codes, and moves what is below only when told', async () => {
    await importRows('k1', [PROVINCE, WARD, 'H42.20,,Sở A,DEPARTMENT,PROVINCE,H42,,,', 'H42.21,,Sở B,DEPARTMENT,PROVINCE,H42,,,', 'H42.21.01,,Chi cục,OTHER,PROVINCE,H42.21,,,']);
    expect((await merge('k2', { from: ['H42.21'], into: 'H42.20' })).data['mergeAgencies']).toMatchObject({ problems: [{ code: 'ACTIVE_CHILDREN', allowed: ['H42.21.01'] }] });
    expect((await merge('k2', { from: ['H42.21'], into: 'H42.20', move: true })).data['mergeAgencies']).toMatchObject({ __typename: 'AgencySaved', agency: { code: 'H42.20' } });
    expect((await call(PORTAL, '{ agency(code: "H42.21") { activeUntil successors { code since } } child: agency(code: "H42.21.01") { parent { code } } }')).data)
      .toEqual({ agency: { activeUntil: '2025-12-31', successors: [{ code: 'H42.20', since: '2026-01-01' }] }, child: { parent: { code: 'H42.20' } } });
    expect((await merge('k3', { from: ['H42'], into: 'H42.20' })).data['mergeAgencies']).toMatchObject({ problems: [{ code: 'MERGED_INTO_ITSELF' }] });
  });
});

describe('reading', () => {
  const list = async (caller: Caller, filter: string) => {
    const { data, errors } = await call(caller, `{ agencies(filter: ${filter}) { nodes { code } pageInfo { hasNextPage } } }`);
    expect(errors).toEqual([]);
    return (data['agencies']?.['nodes'] as { code: string }[]).map(({ code }) => code);
  };

  it('finds names with and without marks, in any Unicode form, and pages in code order', async () => {
    await importRows('k1', [PROVINCE, WARD, 'H42.30,,Đồng Hướng,COMMUNE,COMMUNE,H42,,,']);
    for (const search of ['hoa lu', 'Hoa Lư', 'HOA LƯ'.normalize('NFD'), 'h42.12']) expect(await list(PORTAL, `{ search: ${JSON.stringify(search)} }`)).toEqual(['000.12.34.H42']);
    expect(await list(PORTAL, '{ search: "dong" }')).toEqual(['H42.30']);
    const codes: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { data }: Answer = await call(PORTAL, `query ($after: String) { agencies(first: 1, after: $after) { nodes { code } pageInfo { endCursor hasNextPage } } }`, { after });
      const page = data['agencies'] as { nodes: { code: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
      codes.push(...page.nodes.map(({ code }) => code));
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
    }
    expect(codes).toEqual(['000.00.00.H42', '000.12.34.H42', 'H42.30']);
  });

  it('outside one\'s scope is as if there were nothing, and is kept', async () => {
    await importRows('k1', [PROVINCE, WARD, OLD, 'H42.30,,Đồng Hướng,COMMUNE,COMMUNE,H42,,,']);
    const ward: Caller = { client: 'ward', role: 'agency', agencyScope: 'H42.12.34' };
    expect(await list(ward, '{}')).toEqual(['000.12.34.H42', 'H42.90']);
    expect(await list(ward, '{ parentCode: "H42.30" }')).toEqual([]);
    expect(await list({ ...ward, agencyScope: null }, '{}')).toEqual([]);
    const other = await call(ward, '{ a: agency(code: "H42.30") { code } b: agency(code: "H42.31") { code } mine: agency(code: "H42.12.34") { parent { code } } }');
    expect(other).toEqual({ data: { a: null, b: null, mine: { parent: null } }, errors: [] });
    const { rows } = await test.database.query('SELECT client, operation, target, existed FROM access_attempts ORDER BY operation, target');
    expect(rows).toEqual([
      { client: 'ward', operation: 'agencies', target: 'H42.30', existed: true },
      { client: 'ward', operation: 'agency', target: 'H42.30', existed: true }, { client: 'ward', operation: 'agency', target: 'H42.31', existed: false },
    ]);
  });
});
