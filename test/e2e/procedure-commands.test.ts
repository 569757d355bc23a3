import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { strFromU8, unzipSync } from 'fflate';
import { startNationalPortalSandbox } from '../../adapters/national-portal/sandbox.js';
import { startProcedureDatabaseSandbox } from '../../adapters/procedure-database/sandbox.js';
import { readTable } from '../../src/tables/read-table.js';
import { writeXlsx } from '../../src/tables/write-xlsx.js';
import { eventually } from '../support/eventually.js';
import { runGateway } from '../support/gateway-process.js';
import type { GatewayProcess } from '../support/gateway-process.js';
import { createTestDatabase } from '../support/postgres.js';
import type { TestDatabase } from '../support/postgres.js';

const WARD = '000.12.34.H42';
const PROCEDURES = 150;
const key32 = (): string => randomBytes(32).toString('base64');

interface NationalRecord { readonly code: string; readonly name: string }
interface Stopped { close(): Promise<void> }

let test: TestDatabase;
let folder: string;
let env: Record<string, string>;
let catalogueUrl: string;
const sandboxes: Stopped[] = [];
const started: GatewayProcess[] = [];

const start = (args: readonly string[]): GatewayProcess => {
  const gateway = runGateway(args, env);
  started.push(gateway);
  return gateway;
};
/** Runs a command to its end. */
const command = async (...args: readonly string[]): Promise<{ readonly exit: number | null; readonly output: string }> => {
  const gateway = start(args);
  return { exit: await gateway.exit(), output: gateway.output() };
};
const order = async (what: string, body: object): Promise<void> => {
  const reply = await fetch(`${catalogueUrl}/control/${what}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  expect([what, reply.status]).toEqual([what, 200]);
};
const file = (name: string): string => join(folder, name);
const rowsOf = (name: string): readonly (readonly string[])[] => readTable(readFileSync(file(name))).rows.map(({ cells }) => cells);
const records = async (): Promise<readonly [NationalRecord, NationalRecord, NationalRecord]> => {
  const { rows } = await test.database.query<NationalRecord>('SELECT code, min(name) AS name FROM (SELECT code, name, count(*) OVER (PARTITION BY name) FROM national_procedures WHERE is_public) p WHERE count = 1 GROUP BY code ORDER BY code LIMIT 3');
  const [first, second, third] = rows;
  if (first === undefined || second === undefined || third === undefined) throw new Error('the catalogue is not there');
  return [first, second, third];
};

beforeAll(async () => {
  test = await createTestDatabase();
  const [portal, catalogue] = await Promise.all([startNationalPortalSandbox(), startProcedureDatabaseSandbox({ procedures: PROCEDURES })]);
  sandboxes.push(portal, catalogue);
  catalogueUrl = catalogue.url;
  folder = mkdtempSync(join(tmpdir(), 'onestop-commands-'));
  env = {
    ...portal.environment, ...catalogue.environment, DATABASE_URL: test.url, TENANT_AGENCY_CODES: 'H42', FILE_STORE_DIR: folder, DATA_DIR: file('data'), HTTP_PORT: '0', WORKER_PORT: '0', PROCEDURE_SYNC_AT: 'off',
    API_KEYS: `portal:portal:${createHash('sha256').update('k').digest('hex')}`, FIELD_KEYS: `k1:${key32()}`, FILE_LINK_KEYS: `k1:${key32()}`, FINGERPRINT_KEY: key32(),
  };
  expect((await command('migrate')).exit).toBe(0);
}, 60_000);
afterAll(async () => {
  for (const gateway of started) {
    gateway.kill('SIGTERM');
    await gateway.exit();
  }
  for (const sandbox of sandboxes) await sandbox.close();
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the month of a province on the command line', () => {
  it('sync-procedures reads the whole catalogue, then what changed, and says when the list could not be read', async () => {
    const state = (await (await fetch(`${catalogueUrl}/control/state`)).json()) as { totals: Readonly<Record<string, number>> };
    const full = await command('sync-procedures', '--full');
    const [, listed = '', read = ''] = /Sync 1 complete: (\d+) listed, (\d+) read, 0 unchanged/.exec(full.output) ?? [];
    expect([full.exit, listed]).toEqual([0, read]);
    const { rows: [held] } = await test.database.query<{ public: number }>('SELECT (count(*) FILTER (WHERE is_public))::integer AS public FROM national_procedures');
    expect([Number(listed), held?.public]).toEqual([state.totals['public'], state.totals['public']]);

    const [{ code }] = await records();
    await order('change', { code, name: 'Thủ tục được đổi tên' });
    const incremental = await command('sync-procedures');
    expect([incremental.exit, /Sync 2 complete: .* 1 changed, 0 failed, 0 withdrawn/.test(incremental.output)]).toEqual([0, true]);
    expect((await test.database.query('SELECT name, version FROM national_procedures WHERE code = $1', [code])).rows).toEqual([{ name: 'Thủ tục được đổi tên', version: 2 }]);

    await order('misbehave', { kind: '403', operation: 'list-procedures', times: 100 });
    const refused = await command('sync-procedures');
    expect([refused.exit, /Sync 3 failed: 0 listed/.test(refused.output)]).toEqual([1, true]);
    await order('behave', {});
  }, 120_000);

  it('import-procedures reports each row, and match-report says in Vietnamese what to do', async () => {
    const [first, second] = await records();
    writeFileSync(file('agencies.csv'), `code,name_vi,kind,level,parent_code\n000.00.00.H42,Tỉnh Ninh Bình,PROVINCE,PROVINCE,\n${WARD},Phường Hoa Lư,WARD,COMMUNE,000.00.00.H42\n`);
    expect((await command('import-agencies', file('agencies.csv'))).exit).toBe(0);
    writeFileSync(file('local.csv'), ['Mã thủ tục;Mã cơ quan;Tên thủ tục', `${first.code};${WARD};${first.name.normalize('NFD')}`, `1.999999;${WARD};${second.name.toUpperCase()}`, `1.888888;${WARD};Không ai biết tên này`, '1.000001;H99.1;Tỉnh khác'].join('\n'));
    const trial = await command('import-procedures', file('local.csv'), '--dry-run');
    expect([trial.exit, trial.output.includes('3 created, 0 changed, 0 unchanged, 1 refused, 0 retired (trial: nothing was stored)')]).toEqual([1, true]);
    expect((await test.database.query('SELECT 1 FROM local_procedures')).rowCount).toBe(0);
    const imported = await command('import-procedures', file('local.csv'));
    expect([imported.exit, imported.output]).toEqual([1, expect.stringMatching(/line 2 .*CREATED[^]*line 5 .*REFUSED {2}agency_code: [^]*3 created/)]);

    const worker = start(['worker']);
    const run = await eventually('the match', async () => (await test.database.query<{ id: string }>('SELECT id FROM match_runs ORDER BY id DESC LIMIT 1')).rows[0], { timeoutMs: 60_000 });
    worker.kill('SIGTERM');
    await worker.exit();
    for (const name of ['match.csv', 'match.xlsx']) {
      const report = await command('match-report', file(name));
      expect([report.exit, report.output]).toEqual([0, expect.stringContaining(`Run ${run.id} of `)]);
      expect(report.output).toContain('1 of 3 procedures match (33.3 %)');
      const local = rowsOf(name).filter(([, , code]) => code !== '').map(([agency, result, code, , national, , suggested]) => [agency, result, code, national, suggested]);
      expect(new Set(local)).toEqual(new Set([
        [WARD, 'Khớp', first.code, first.code, ''], [WARD, 'Sai mã, tìm thấy theo tên', '1.999999', '', second.code], [WARD, 'Không có trong Cơ sở dữ liệu quốc gia', '1.888888', '', ''],
      ]));
    }
    const sheets = unzipSync(readFileSync(file('match.xlsx')));
    expect(strFromU8(sheets['xl/worksheets/sheet2.xml'] ?? new Uint8Array())).toMatch(new RegExp(`Tỷ lệ \\(%\\).*${WARD.replaceAll('.', '\\.')}.*<v>3</v>.*<v>1</v>.*<v>33\\.3</v>`));
    expect((await command('match-report', file('match.pdf'))).exit).toBe(1);
  }, 120_000);

  it('import-services takes a workbook with a report of each row, and readiness-report names what is missing', async () => {
    const [first, , third] = await records();
    const heading = ['Mã thủ tục', 'Mã cơ quan', 'Mức độ', 'Biểu mẫu điện tử', 'Trả kết quả điện tử', 'Số cán bộ', 'Tên thủ tục'];
    writeFileSync(file('services.xlsx'), writeXlsx([{ name: 'Dịch vụ', rows: [heading, [first.code, WARD, 'Toàn trình', 'Có', 'Có', 2, ''], [third.code, WARD, 'Mức độ 3', 'Không', 'Có', '', ''], [third.code, 'H99.1', 'lạ', '', '', '', '']] }]));
    const trial = await command('import-services', file('services.xlsx'), '--dry-run');
    expect([trial.exit, trial.output.includes('2 created, 0 changed, 0 unchanged, 1 refused (trial: nothing was stored).')]).toEqual([1, true]);
    const absent = await command('import-services', file('absent.xlsx'));
    expect([absent.exit, absent.output.trim()]).toEqual([1, `The file ${file('absent.xlsx')} cannot be read (ENOENT)`]);
    const imported = await command('import-services', file('services.xlsx'));
    expect([imported.exit, imported.output]).toEqual([1, expect.stringMatching(new RegExp(`line 2 {2}${first.code} {2}${WARD.replaceAll('.', '\\.')} {2}CREATED[^]*line 4 .*REFUSED.*service_level: .*agency_code: [^]*2 created, 0 changed, 0 unchanged, 1 refused\\.`))]);
    expect((await command('import-services', file('services.xlsx'))).output).toContain('0 created, 0 changed, 2 unchanged, 1 refused.');
    expect((await test.database.query(`SELECT actor, action FROM operator_actions WHERE action = 'import-public-services' ORDER BY id LIMIT 1`)).rows).toEqual([{ actor: 'command-line', action: 'import-public-services' }]);
    writeFileSync(file('other.csv'), 'Tên,Số\nx,1\n');
    const unknown = await command('import-services', file('other.csv'));
    expect([unknown.exit, unknown.output]).toEqual([1, expect.stringContaining('procedure_code: This column is missing / Thiếu cột này')]);

    for (const name of ['readiness.csv', 'readiness.xlsx']) {
      const report = await command('readiness-report', file(name));
      expect([report.exit, report.output]).toEqual([0, expect.stringContaining('2 services, 0 ready')]);
      const { header } = readTable(readFileSync(file(name)));
      const cells = rowsOf(name).map((row) => new Map(header.map((title, index) => [title, row[index]])));
      expect(cells.map((row) => ['Mã thủ tục', 'Tên cơ quan', 'Mức độ', 'Mức độ (trước 2022)', 'Đủ điều kiện', 'Có biểu mẫu điện tử', 'Đã phân công cán bộ xử lý'].map((title) => row.get(title)))).toEqual([
        [first.code, 'Phường Hoa Lư', 'Toàn trình', '4', 'Chưa', 'Đạt', 'Đạt'], [third.code, 'Phường Hoa Lư', 'Một phần', '3', 'Chưa', 'Chưa đạt', 'Chưa đạt'],
      ]);
      expect(cells[1]?.get('Còn thiếu')).toMatch(/Xây dựng biểu mẫu điện tử.*Phân công cán bộ.*SERVICE_PORTAL_ORIGINS/);
      expect(cells[1]?.get('Đơn vị xử lý')).toContain('Công nghệ thông tin');
    }
    const elsewhere = await command('readiness-report', file('none.csv'), '--agency', '000.12.35.H42');
    expect([elsewhere.exit, elsewhere.output]).toEqual([0, expect.stringContaining('0 services, 0 ready')]);
  }, 120_000);
});
