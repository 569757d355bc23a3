import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportEvidence } from '../../../src/commands/export-evidence.js';
import { verifyEvidence } from '../../../src/commands/verify-evidence.js';
import { EvidenceLog } from '../../../src/evidence/evidence-log.js';
import type { EvidenceBundle } from '../../../src/evidence/evidence-bundle.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const CODE = 'H42-1';
const DATABASE = { bundle: null, chain: null, publicKeys: [] };
const env = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'evidence-'));
const file = join(folder, 'bundle.json');
const lines: string[] = [];

let test: TestDatabase;
let publicKey: string;

beforeAll(async () => {
  test = await createTestDatabase();
  const log = new EvidenceLog();
  for (const message of ['một', 'hai', 'ba']) await test.database.transaction((client) => log.append(client, [{ chain: `lane/${CODE}`, kind: 'exchange', actor: 'party/x', subject: 's', message }]));
  process.env.DATABASE_URL = test.url;
  process.env.EVIDENCE_SIGNING_KEYS = `k1:${Buffer.alloc(32, 4).toString('base64')}`;
  jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  await exportEvidence(CODE, file);
  publicKey = lines.find((line) => line.includes('Public key'))?.split(': ').at(-1) ?? '';
  delete process.env.DATABASE_URL;
});
afterAll(async () => {
  process.env = env;
  rmSync(folder, { recursive: true });
  await test.drop();
});

describe('verify-evidence', () => {
  it('finds an exported file sound without any configuration', async () => {
    expect(await verifyEvidence({ ...DATABASE, bundle: file, publicKeys: [publicKey] })).toBe(true);
    expect(lines).toContain(`Dossier ${CODE}: 3 records, 3 under a signed head, 0 without a body.`);
  });

  it('names the record of a file that was changed, in both languages', async () => {
    const bundle = JSON.parse(readFileSync(file, 'utf8')) as EvidenceBundle;
    const changed = join(folder, 'changed.json');
    writeFileSync(changed, JSON.stringify({ ...bundle, records: bundle.records.map((record) => (record.sequence === 2 ? { ...record, actor: 'party/y' } : record)) }));
    expect(await verifyEvidence({ ...DATABASE, bundle: changed, publicKeys: [publicKey] })).toBe(false);
    expect(lines).toContain(`lane/${CODE} #2: the record was changed / bản ghi đã bị sửa`);
  });

  it('refuses a file under another key, and a file that is no bundle', async () => {
    expect(await verifyEvidence({ ...DATABASE, bundle: file, publicKeys: ['k1:' + Buffer.alloc(32).toString('base64')] })).toBe(false);
    const other = join(folder, 'other.json');
    writeFileSync(other, '{"format":"else"}');
    await expect(verifyEvidence({ ...DATABASE, bundle: other })).rejects.toThrow('is no evidence bundle');
  });

  it('checks the database, and names what was deleted there', async () => {
    process.env.DATABASE_URL = test.url;
    expect(await verifyEvidence(DATABASE)).toBe(true);
    await test.database.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query(`DELETE FROM evidence WHERE sequence = 1`);
    });
    expect(await verifyEvidence({ ...DATABASE, chain: `lane/${CODE}` })).toBe(false);
    expect(lines).toContain(`lane/${CODE} #1: the record was deleted / bản ghi đã bị xoá`);
  });

  it('does not overwrite a file and knows no dossier without evidence', async () => {
    await expect(exportEvidence(CODE, file)).rejects.toThrow('EEXIST');
    await expect(exportEvidence('unknown', join(folder, 'none.json'))).rejects.toThrow('no evidence');
  });
});
