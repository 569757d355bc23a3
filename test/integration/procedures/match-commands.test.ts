import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createMatchModule } from '../../../src/procedures/match-module.js';
import { createAgencyModule } from '../../../src/agencies/agency-module.js';
import { importProcedures, writeReport } from '../../../src/commands/match-procedures.js';
import { createLogger } from '../../../src/observability/logger.js';
import { readTable } from '../../../src/tables/read-table.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';

let test: TestDatabase;
let folder: string;
const given = process.env.DATABASE_URL;
const lines: string[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'match-'));
  process.env.DATABASE_URL = test.url;
  jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  await test.database.query(`INSERT INTO national_procedures (code, reference, name, listed_name, folded_name, is_public, version, content, original, field_codes, agency_codes, levels, search)
    VALUES ('1.000001', '1', 'Cấp phép A', 'Cấp phép A', 'cap phep a', true, 1, '{}', '{}', '{}', '{}', '{PROVINCE}', ''::tsvector), ('1.000002', '2', 'Gia hạn B', 'Gia hạn B', 'gia han b', true, 1, '{}', '{}', '{}', '{}', '{PROVINCE}', ''::tsvector)`);
  await test.database.query(`INSERT INTO procedure_syncs (kind, state, requested_by) VALUES ('full', 'complete', 'test')`);
});
afterAll(async () => {
  jest.restoreAllMocks();
  if (given === undefined) delete process.env.DATABASE_URL;
  else process.env.DATABASE_URL = given;
  rmSync(folder, { recursive: true });
  await test.drop();
});

describe('the command line', () => {
  it('imports a sheet, a worker matches it, and the report says in Vietnamese what to do', async () => {
    const sheet = join(folder, 'list.csv');
    writeFileSync(sheet, 'Mã thủ tục,Mã cơ quan,Tên thủ tục\n1.000001,000.00.12.H42,Cấp phép A\n1.777777,000.00.12.H42,Gia hạn B\n1.3,H99.1,x\n');
    expect(await importProcedures(sheet, { dryRun: false, complete: false })).toBe(false);
    expect(lines.join('\n')).toContain('2 created, 0 changed, 0 unchanged, 1 refused');
    const settings = { tenantAgencyCodes: ['H42'], fingerprintKey: Buffer.alloc(32), keepHours: 1, policy: 'off' as const };
    const stop = createMatchModule({ database: test.database, agencies: createAgencyModule({ database: test.database, settings }), settings }).start(createLogger('silent'));
    await eventually('the run', async () => (await test.database.query('SELECT 1 FROM match_runs')).rows.length > 0, { timeoutMs: 15_000 });
    await stop();
    for (const name of ['report.csv', 'report.xlsx']) {
      await writeReport(join(folder, name), { month: null, agencyCode: null });
      const { header, rows } = readTable(readFileSync(join(folder, name)));
      expect(header.slice(0, 3)).toEqual(['Mã cơ quan', 'Kết quả', 'Mã của tỉnh']);
      expect(rows.map(({ cells }) => [cells[1], cells[2], cells[6]])).toEqual([['Khớp', '1.000001', ''], ['Sai mã, tìm thấy theo tên', '1.777777', '1.000002']]);
      expect(rows[1]?.cells.at(-1)).toMatch(/^Kiểm tra mã gợi ý/);
    }
    expect(lines.at(-1)).toContain('1 of 2 procedures match (50 %)');
  });

  it('writes no file of another kind, and none of a month without a run', async () => {
    await expect(writeReport(join(folder, 'report.pdf'), { month: null, agencyCode: null })).rejects.toThrow('.csv or .xlsx');
    await expect(writeReport(join(folder, 'old.csv'), { month: '2020-01', agencyCode: null })).rejects.toThrow('no such run');
  });
});
