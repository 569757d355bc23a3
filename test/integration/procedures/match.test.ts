import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '../../../src/access/caller.js';
import { readTable } from '../../../src/tables/read-table.js';
import { DossierGateway } from '../../support/dossier-gateway.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

const PORTAL: Caller = { client: 'portal', role: 'portal', agencyScope: null };
const OPERATOR: Caller = { client: 'op-1', role: 'operator', agencyScope: null };
const SCOPED: Caller = { client: 'op-2', role: 'operator', agencyScope: 'H42.13' };
const AUDITOR: Caller = { client: 'audit', role: 'auditor', agencyScope: null };

type Shape = Readonly<Record<string, unknown>>;
let test: TestDatabase;
let gateway: DossierGateway;

beforeAll(async () => {
  test = await createTestDatabase();
  const { database } = test;
  gateway = new DossierGateway(database);
  await database.query(`INSERT INTO agencies (code, parent_code, name_vi, kind, level) VALUES ('H42', NULL, 'Tỉnh', 'PROVINCE', 'PROVINCE'), ('H42.12', 'H42', 'Sở Y tế', 'DEPARTMENT', 'PROVINCE'), ('H42.13', 'H42', 'Sở Tư pháp', 'DEPARTMENT', 'PROVINCE')`);
  await database.query(`INSERT INTO agency_codes (agency_code, code, confidence) VALUES ('H42', 'H42', 'HIGH'), ('H42.12', 'H42.12', 'HIGH'), ('H42.12', '000.00.12.H42', 'HIGH'), ('H42.13', 'H42.13', 'HIGH')`);
});
afterAll(() => test.drop());
afterEach(() => test.database.query('TRUNCATE national_procedures, procedure_syncs, local_procedures, match_runs, match_results, match_requests, match_corrections, events, operator_actions, idempotency_keys, access_attempts CASCADE'));

const call = async (caller: Caller, source: string, variables: Record<string, unknown> = {}): Promise<{ data: Shape; errors: readonly string[] }> => {
  const { data, errors } = await gateway.call(caller, source, variables);
  return { data: JSON.parse(JSON.stringify(data ?? null)) as Shape, errors: errors.map(({ message }) => message) };
};

const IMPORT = `mutation ($key: IdempotencyKey!, $rows: [LocalProcedureInput!], $file: String, $dryRun: Boolean! = false, $complete: Boolean! = false) {
  importLocalProcedures(idempotencyKey: $key, procedures: $rows, contentBase64: $file, dryRun: $dryRun, complete: $complete, reason: "nhập") { __typename
    ... on LocalProceduresImported { dryRun created changed unchanged refused retired matchRequestId rows { line code agencyCode outcome problems { field code } } }
    ... on ProcedureChangeRefused { problems { field code } } ... on IdempotencyConflict { key } } }`;
const ENTRIES = `query ($filter: ProcedureMatchFilter, $first: Int! = 50, $after: String) { procedureMatch(filter: $filter, first: $first, after: $after) {
  nodes { id agencyCode class localCode nationalCode suggestedCode score differences { aspect local national } action { vi en } acceptedAt } pageInfo { endCursor hasNextPage } } }`;

interface National { readonly code: string; readonly name: string; readonly isPublic?: boolean; readonly withdrawn?: boolean }
const addNational = (procedures: readonly National[]) => test.database.query(
  `INSERT INTO national_procedures (code, reference, name, listed_name, folded_name, is_public, version, content, original, field_codes, agency_codes, levels, search, withdrawn_at)
   SELECT code, code, name, name, lower(name), coalesce("isPublic", true), 1, jsonb_build_object('code', code, 'name', name, 'methods', '[]'::jsonb, 'executingAgencies', '[{"code":"H42.12","name":"Sở Y tế"}]'::jsonb),
     '{}', '{G18-YT01}', '{H42.12}', '{PROVINCE}', ''::tsvector, CASE WHEN withdrawn THEN now() END
   FROM jsonb_to_recordset($1) AS r (code text, name text, "isPublic" boolean, withdrawn boolean)`, [JSON.stringify(procedures)]);
const completeSync = async (): Promise<void> => {
  const { rows } = await test.database.query<{ id: string }>(`INSERT INTO procedure_syncs (kind, state, requested_by) VALUES ('full', 'running', 'test') RETURNING id`);
  await test.database.query(`UPDATE procedure_syncs SET state = 'complete', ended_at = now() WHERE id = $1`, [rows[0]?.id]);
};
const CATALOGUE: readonly National[] = [
  { code: '1.000001', name: 'Cấp giấy phép hoạt động khám bệnh, chữa bệnh' }, { code: '1.000002', name: 'Cấp chứng chỉ hành nghề dược' },
  { code: '1.000003', name: 'Đăng ký kết hôn có yếu tố nước ngoài', withdrawn: true }, { code: '1.000004', name: 'Công bố cơ sở đủ điều kiện tiêm chủng' },
];
const row = (code: string, name: string, extra: object = {}) => ({ code, agencyCode: 'H42.12', name, ...extra });
const LOCAL = [
  row('1.000001.000.00.00.H42', 'Cấp giấy phép hoạt động khám bệnh, chữa bệnh'), row('1.999999', 'cấp CHỨNG CHỈ hành nghề  dược'.normalize('NFD')), row('1.000003', 'Đăng ký kết hôn có yếu tố nước ngoài'), row('9.999999', 'Không có thật'),
];
const importRows = (key: string, rows: readonly object[], { caller = PORTAL, ...more }: { caller?: Caller; dryRun?: boolean; complete?: boolean } = {}) => call(caller, IMPORT, { key, rows, ...more });
const runAll = async (): Promise<void> => {
  while ((await gateway.match.runner.runNext()) !== null);
};

describe('an import of local procedures', () => {
  it('reports each row, owes a match, and leaves an audit row', async () => {
    const { data, errors } = await importRows('k1', [...LOCAL, row('1.000001.000.00.00.H42', 'x'), row('', 'x'), { ...row('1.5', 'x'), agencyCode: 'H42.99' }, row('1.6', 'x', { feeVnd: -1 })]);
    expect(errors).toEqual([]);
    expect(data['importLocalProcedures']).toMatchObject({ created: 4, refused: 4, retired: 0 });
    expect((data['importLocalProcedures'] as { rows: object[] }).rows.slice(4)).toMatchObject([
      { line: 5, problems: [{ field: 'procedures[4].code', code: 'DUPLICATE_IN_CALL' }] }, { code: null, problems: [{ code: 'PROCEDURE_CODE_TEXT' }] },
      { agencyCode: null, problems: [{ code: 'AGENCY_UNKNOWN' }] }, { problems: [{ field: 'procedures[7].feeVnd', code: 'RANGE' }] },
    ]);
    expect((await test.database.query('SELECT actor, action, target FROM operator_actions')).rows).toEqual([{ actor: 'portal', action: 'import-procedures', target: 'local-procedures' }]);
    expect((await test.database.query('SELECT cause FROM match_requests')).rows).toEqual([{ cause: 'import' }]);
  });

  it('answers the same key as before, and keeps what is not said', async () => {
    await importRows('k1', [row('1.1', 'A', { feeVnd: 5, level: 'PROVINCE' })]);
    const again = await importRows('k1', [row('1.1', 'A', { feeVnd: 5, level: 'PROVINCE' })]);
    expect(again.data['importLocalProcedures']).toMatchObject({ created: 1 });
    expect((await importRows('k1', [row('1.1', 'B')])).data['importLocalProcedures']).toEqual({ __typename: 'IdempotencyConflict', key: 'k1' });
    expect((await importRows('k2', [row('1.1', 'B')])).data['importLocalProcedures']).toMatchObject({ changed: 1 });
    expect((await importRows('k3', [row('1.1', 'B')])).data['importLocalProcedures']).toMatchObject({ unchanged: 1, matchRequestId: null });
    expect((await test.database.query('SELECT name, fee_vnd::integer AS fee, level FROM local_procedures')).rows).toEqual([{ name: 'B', fee: 5, level: 'PROVINCE' }]);
  });

  it('stores nothing of a trial, and retires what a complete list lacks unless a row is refused', async () => {
    await importRows('k1', [row('1.1', 'A'), row('1.2', 'B')]);
    expect((await importRows('k2', [row('1.3', 'C')], { dryRun: true })).data['importLocalProcedures']).toMatchObject({ dryRun: true, created: 1 });
    expect((await importRows('k3', [row('1.1', 'A'), row('', 'x')], { complete: true })).data['importLocalProcedures']).toMatchObject({ retired: 0 });
    expect((await importRows('k4', [row('1.1', 'A')], { complete: true })).data['importLocalProcedures']).toMatchObject({ unchanged: 1, retired: 1 });
    expect((await test.database.query('SELECT code, active FROM local_procedures ORDER BY code')).rows).toEqual([{ code: '1.1', active: true }, { code: '1.2', active: false }]);
  });

  it('reads a sheet with Vietnamese headings and words', async () => {
    const sheet = 'Mã thủ tục;Mã cơ quan;Tên thủ tục;Cấp;Phí, lệ phí;Thời hạn;Mức độ;Ghi chú\n1.000001;000.00.12.H42;Cấp phép;cấp tỉnh;200.000 đồng;15 ngày làm việc;Toàn trình;x\n1.000002;H42.12;Khác;tỉnh;Không;;một phần;\n1.000003;H42.12;Hỏng;tỉnh;nhiều;;;';
    const { data, errors } = await call(PORTAL, IMPORT, { key: 'k1', file: Buffer.from(sheet).toString('base64') });
    expect(errors).toEqual([]);
    expect(data['importLocalProcedures']).toMatchObject({ created: 2, refused: 1, rows: [{ line: 2 }, { line: 3 }, { line: 4, problems: [{ field: 'fee_vnd', code: 'CELL' }] }] });
    expect((await test.database.query('SELECT agency_code, level, fee_vnd::integer AS fee, time_amount AS time, time_unit AS unit, service_level AS service FROM local_procedures ORDER BY code')).rows).toEqual([
      { agency_code: 'H42.12', level: 'PROVINCE', fee: 200_000, time: 15, unit: 'WORKING_DAY', service: 'FULL' }, { agency_code: 'H42.12', level: 'PROVINCE', fee: 0, time: null, unit: null, service: 'PARTIAL' },
    ]);
  });

  it('lets nobody write into an agency outside the scope, and keeps the attempt', async () => {
    const { data } = await importRows('k1', [row('1.1', 'A')], { caller: SCOPED });
    expect(data['importLocalProcedures']).toMatchObject({ created: 0, refused: 1 });
    expect((await test.database.query('SELECT client, operation, target FROM access_attempts')).rows).toEqual([{ client: 'op-2', operation: 'importLocalProcedures', target: 'H42.12' }]);
    expect((await importRows('k2', LOCAL, { caller: AUDITOR })).errors).not.toEqual([]);
  });
});

describe('a run', () => {
  it('waits for a complete catalogue, and then follows the sync by itself', async () => {
    await addNational(CATALOGUE);
    await importRows('k1', LOCAL);
    expect(await gateway.match.runner.runNext()).toBeNull();
    expect((await test.database.query('SELECT count(*)::integer AS open FROM match_requests WHERE done_at IS NULL')).rows).toEqual([{ open: 0 }]);
    await completeSync();
    expect(await gateway.match.runner.runNext()).toMatchObject({ total: 4, matched: 1, counts: { MATCHED: 1, CODE_WRONG: 1, WITHDRAWN: 1, UNKNOWN: 1, MISSING_LOCALLY: 1 }, lost: 0 });
    expect(await gateway.match.runner.runNext()).toBeNull();
    const { data, errors } = await call(AUDITOR, ENTRIES, { filter: { agencyCode: '000.00.12.H42' } });
    expect(errors).toEqual([]);
    expect((data['procedureMatch'] as { nodes: object[] }).nodes).toMatchObject([
      { class: 'MATCHED', localCode: '1.000001.000.00.00.H42', differences: [] }, { class: 'WITHDRAWN', nationalCode: '1.000003' },
      { class: 'CODE_WRONG', localCode: '1.999999', suggestedCode: '1.000002', score: 1, acceptedAt: null }, { class: 'UNKNOWN', suggestedCode: null }, { class: 'MISSING_LOCALLY', localCode: null, nationalCode: '1.000004' },
    ]);
  });

  it('is owed once a night, and again when somebody asks', async () => {
    await addNational(CATALOGUE);
    await completeSync();
    await runAll();
    const asked = await call(OPERATOR, 'mutation { runProcedureMatch(idempotencyKey: "r1", reason: "kiểm tra") { __typename ... on ProcedureMatchRequested { requestId } } }');
    const { requestId } = asked.data['runProcedureMatch'] as { requestId: string };
    const ask = () => call(OPERATOR, 'query ($id: ID!) { requestedMatchRun(requestId: $id) { id cause percent } }', { id: requestId });
    expect((await ask()).data).toEqual({ requestedMatchRun: null });
    await runAll();
    expect((await ask()).data['requestedMatchRun']).toMatchObject({ cause: 'REQUEST', percent: null });
    expect((await test.database.query(`SELECT count(*)::integer AS nights FROM match_requests WHERE cause = 'nightly'`)).rows).toEqual([{ nights: 1 }]);
  });

  it('tells the portal of an agency whose figure fell, and a caller of limited scope nothing of others', async () => {
    await addNational(CATALOGUE);
    await completeSync();
    await importRows('k1', [row('1.000001', 'Cấp giấy phép hoạt động khám bệnh, chữa bệnh'), row('1.000002', 'Cấp chứng chỉ hành nghề dược')]);
    await runAll();
    await test.database.query(`UPDATE national_procedures SET withdrawn_at = now() WHERE code = '1.000002'`);
    await completeSync();
    expect(await gateway.match.runner.runNext()).toMatchObject({ lost: 1, agenciesFallen: 1, matched: 1 });
    const feed = '{ events { nodes { type dossierCode agencyCode reason reasonText message { vi } } } }';
    expect((await call(PORTAL, feed)).data['events']).toMatchObject({ nodes: [{ type: 'PROCEDURES_DRIFT', dossierCode: null, agencyCode: 'H42.12', reason: 'FIGURE_FELL', reasonText: 'lost 1; 100.0 % -> 50.0 %' }] });
    expect((await call({ client: 'a', role: 'agency', agencyScope: 'H42.13' }, feed)).data['events']).toEqual({ nodes: [] });
    const runs = await call(SCOPED, '{ matchRuns { nodes { total percent agencies { agencyCode } lost } } procedureMatch { nodes { id } } }');
    expect(runs.data['matchRuns']).toMatchObject({ nodes: [{ total: 0, percent: null, agencies: [], lost: 0 }, { total: 0 }] });
    expect(runs.data['procedureMatch']).toEqual({ nodes: [] });
  });

  it('is kept, so that the figure of a month can be shown', async () => {
    await addNational(CATALOGUE);
    await completeSync();
    await importRows('k1', LOCAL);
    await runAll();
    await test.database.query(`UPDATE match_runs SET at = '2026-09-30T17:30:00Z'`);
    const figure = async (month: string) => (await call(AUDITOR, 'query ($month: String!) { matchFigure(month: $month) { total matched percent counts { class count } agencies { agencyCode percent } } }', { month })).data;
    expect((await figure('2026-10'))['matchFigure']).toMatchObject({ total: 4, matched: 1, percent: 25, agencies: [{ agencyCode: 'H42.12', percent: 25 }] });
    expect((await figure('2026-09'))['matchFigure']).toBeNull();
    expect((await call(AUDITOR, '{ matchFigure(month: "2026-13") { id } }')).errors).not.toEqual([]);
  });

  it('loses its results after two months, unless it is the last of its month', async () => {
    await addNational(CATALOGUE);
    await completeSync();
    for (const day of ['2020-01-10', '2020-01-20']) {
      await importRows(day, [row(`1.00000${day.charAt(8)}`, day)]);
      await gateway.match.runner.runNext();
      await test.database.query(`UPDATE match_runs SET at = $1 WHERE id = (SELECT max(id) FROM match_runs)`, [`${day}T05:00:00Z`]);
    }
    await importRows('k3', [row('1.000004', 'x')]);
    await runAll();
    expect((await test.database.query(`SELECT to_char(m.at, 'YYYY-MM-DD') AS day, EXISTS (SELECT 1 FROM match_results WHERE run_id = m.id) AS kept FROM match_runs m WHERE m.at < '2021-01-01' ORDER BY m.id`)).rows)
      .toEqual([{ day: '2020-01-10', kept: false }, { day: '2020-01-20', kept: true }]);
  });

  it('is read page by page', async () => {
    await addNational(CATALOGUE);
    await completeSync();
    await importRows('k1', LOCAL);
    await runAll();
    const codes: (string | null)[] = [];
    for (let after: string | null = null; ;) {
      const { data } = await call(AUDITOR, ENTRIES, { first: 2, after });
      const page = data['procedureMatch'] as { nodes: { localCode: string | null }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
      codes.push(...page.nodes.map(({ localCode }) => localCode));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(codes).toEqual(['1.000001.000.00.00.H42', '1.000003', '1.999999', '9.999999', null]);
  });
});

describe('suggestions', () => {
  const ACCEPT = `mutation ($key: IdempotencyKey!, $ids: [ID!], $score: Float) { acceptProcedureSuggestions(idempotencyKey: $key, entryIds: $ids, minimumScore: $score, reason: "đúng") { __typename ... on ProcedureSuggestionsAccepted { accepted skipped } } }`;
  const wrongEntry = async (): Promise<string> => {
    const { data } = await call(OPERATOR, ENTRIES, { filter: { classes: ['CODE_WRONG'] } });
    return (data['procedureMatch'] as { nodes: { id: string }[] }).nodes[0]?.id ?? '';
  };

  it('are accepted one by one with an audit row, and come in the correction file until the list shows them', async () => {
    await addNational(CATALOGUE);
    await completeSync();
    await importRows('k1', LOCAL);
    await runAll();
    const id = await wrongEntry();
    const unknown = id.replace(/-\d+$/, '-99');
    expect((await call(OPERATOR, ACCEPT, { key: 'a1', ids: [id, unknown] })).data['acceptProcedureSuggestions']).toEqual({ __typename: 'ProcedureSuggestionsAccepted', accepted: 1, skipped: 1 });
    expect((await call(OPERATOR, ACCEPT, { key: 'a2', ids: [id] })).data['acceptProcedureSuggestions']).toMatchObject({ accepted: 0, skipped: 1 });
    expect((await test.database.query(`SELECT actor, reason, detail FROM operator_actions WHERE action = 'accept-procedure-suggestions'`)).rows)
      .toEqual([{ actor: 'op-1', reason: 'đúng', detail: { corrections: [{ fromCode: '1.999999', toCode: '1.000002', agencyCode: 'H42.12' }] } }]);
    for (const format of ['CSV', 'XLSX']) {
      const { data } = await call(PORTAL, 'query ($format: ProcedureFileFormat!) { procedureCorrectionFile(format: $format) { name contentBase64 } }', { format });
      const table = readTable(Buffer.from((data['procedureCorrectionFile'] as { contentBase64: string }).contentBase64, 'base64'));
      expect(table.rows.map(({ cells }) => cells.slice(0, 3))).toEqual([['H42.12', '1.999999', '1.000002']]);
    }
    await importRows('k2', [row('1.999999', 'cũ', { active: false }), row('1.000002', 'Cấp chứng chỉ hành nghề dược')]);
    const { data } = await call(PORTAL, '{ procedureCorrectionFile(format: CSV) { contentBase64 } }');
    expect(Buffer.from((data['procedureCorrectionFile'] as { contentBase64: string }).contentBase64, 'base64').toString('utf8').trim().split('\r\n')).toHaveLength(1);
  });

  it('are accepted in bulk from a score on, by who may, within the scope', async () => {
    await addNational(CATALOGUE);
    await completeSync();
    await importRows('k1', LOCAL);
    await runAll();
    expect((await call(PORTAL, ACCEPT, { key: 'a0', score: 0.9 })).errors).not.toEqual([]);
    expect((await call(SCOPED, ACCEPT, { key: 'a1', score: 0.9 })).data['acceptProcedureSuggestions']).toMatchObject({ accepted: 0 });
    expect((await call(OPERATOR, ACCEPT, { key: 'a2', score: 0.9 })).data['acceptProcedureSuggestions']).toMatchObject({ accepted: 1 });
    expect((await call(OPERATOR, ACCEPT, { key: 'a3' })).errors).not.toEqual([]);
  });

  it('replace no withdrawn procedure in bulk by one that is only similar', async () => {
    await addNational([...CATALOGUE, { code: '1.000005', name: 'Đăng ký kết hôn có yếu tố nước ngoài ở khu vực biên giới' }, { code: '1.000006', name: 'Thu hồi thẻ hướng dẫn viên', withdrawn: true }, { code: '1.000007', name: 'Thu hồi thẻ hướng dẫn viên' }]);
    await completeSync();
    await importRows('k1', [...LOCAL, row('1.000006', 'Thu hồi thẻ hướng dẫn viên')]);
    await runAll();
    const { data } = await call(OPERATOR, ENTRIES, { filter: { classes: ['WITHDRAWN'] } });
    const withdrawn = (data['procedureMatch'] as { nodes: { id: string; suggestedCode: string }[] }).nodes;
    expect(withdrawn.map(({ suggestedCode }) => suggestedCode)).toEqual(['1.000005', '1.000007']);
    // The wrong code and the namesake, not the guess; a person may still take that.
    expect((await call(OPERATOR, ACCEPT, { key: 'a1', score: 0.72 })).data['acceptProcedureSuggestions']).toMatchObject({ accepted: 2 });
    expect((await test.database.query('SELECT to_code FROM match_corrections ORDER BY to_code')).rows).toEqual([{ to_code: '1.000002' }, { to_code: '1.000007' }]);
    expect((await call(OPERATOR, ACCEPT, { key: 'a2', ids: [withdrawn[0]?.id] })).data['acceptProcedureSuggestions']).toMatchObject({ accepted: 1 });
  });
});
