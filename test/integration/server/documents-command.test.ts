import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { documentIdOf } from '../../../src/graphql/trusted-documents.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const DOCUMENT = 'query Who { caller { client } }';

/** Each run loads the program anew, which takes seconds where others do the same. */
const MANY_RUNS_MS = 180_000;

describe('the documents command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onestop-documents-'));
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(async () => {
    await test.drop();
    rmSync(folder, { recursive: true });
  });

  const run = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'documents', ...args], { cwd: ROOT, env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: test.url } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  };

  it('registers, lists and withdraws, with an audit row of each change', async () => {
    const file = join(folder, 'who.graphql');
    writeFileSync(file, DOCUMENT);
    const id = documentIdOf(DOCUMENT);
    expect(await run('register', file)).toEqual({ code: 0, output: `${id}  Who\n1 registered, 0 known before.\n` });
    expect(await run('withdraw', `sha256:${id}`, '--reason', 'old release')).toMatchObject({ code: 0 });
    expect((await run('list')).output).toMatch(new RegExp(`^${id}  Who  withdrawn \\d{4}-`));
    expect(await run('withdraw', id, '--reason', 'again')).toMatchObject({ code: 1, output: `No document ${id} is registered\n` });
    expect((await run('register', file)).output).toContain('1 registered');
    const { rows } = await test.database.query('SELECT action, target, reason FROM operator_actions ORDER BY id');
    expect(rows).toEqual([['register-document', 'registered from a file'], ['withdraw-document', 'old release'], ['register-document', 'registered from a file']].map(([action, reason]) => ({ action, target: `document/${id}`, reason })));
  }, MANY_RUNS_MS);

  it('withdraws nothing without a reason', async () => {
    expect(await run('withdraw', documentIdOf(DOCUMENT))).toMatchObject({ code: 1, output: expect.stringContaining('--reason') });
  });
});
