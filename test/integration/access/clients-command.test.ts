import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ApiClientStore } from '../../../src/access/api-client-store.js';
import { keyDigest } from '../../../src/access/bearer-keys.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Each run loads the program anew, which takes seconds where others do the same. */
const MANY_RUNS_MS = 180_000;

describe('the clients command', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase();
  });
  afterAll(() => test.drop());

  const run = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'clients', ...args], { cwd: ROOT, env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: test.url } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  };

  it('creates, lists, rotates and revokes, and leaves an audit row of each change', async () => {
    const created = await run('create', 'portal-x', '--role', 'portal', '--reason', 'first');
    const secret = /^osg_\S+$/m.exec(created.output)?.[0] ?? '';
    const live = await new ApiClientStore(test.database).liveKeys();
    expect(live.map(({ digest, caller }) => [digest.equals(keyDigest(secret)), caller])).toEqual([[true, { client: 'portal-x', role: 'portal', agencyScope: null }]]);

    expect((await run('rotate', 'portal-x', '--overlap-hours', '1', '--reason', 'due')).output).toMatch(/^osg_/m);
    const listed = await run('list');
    expect(listed.output).toContain('portal-x  portal  whole province  active');
    expect(listed.output.match(/last used never/g)).toHaveLength(2);
    expect(listed.output).not.toContain('osg_');

    expect((await run('documents', 'portal-x', 'registered', '--reason', 'release')).output).toBe('portal-x may send registered documents only.\n');
    expect((await new ApiClientStore(test.database).liveKeys()).map(({ caller }) => caller.registeredDocumentsOnly)).toEqual([true, true]);
    expect((await run('list')).output).toContain('portal-x  portal  whole province  active  registered documents only');

    expect((await run('revoke', 'portal-x', '--key', live[0]?.prefix ?? '', '--reason', 'leaked')).code).toBe(0);
    expect(await new ApiClientStore(test.database).liveKeys()).toHaveLength(1);
    expect((await run('revoke', 'portal-x', '--reason', 'closed')).code).toBe(0);
    expect(await new ApiClientStore(test.database).liveKeys()).toEqual([]);

    const { rows } = await test.database.query<{ action: string; role: string }>('SELECT action, role FROM operator_actions ORDER BY id');
    expect(rows).toEqual(['create-api-client', 'rotate-api-key', 'set-api-client-documents', 'revoke-api-key', 'revoke-api-client'].map((action) => ({ action, role: 'server' })));
  }, MANY_RUNS_MS);

  it('fails with a sentence when it is refused', async () => {
    expect(await run('rotate', 'nobody', '--reason', 'r')).toMatchObject({ code: 1, output: expect.stringMatching(/^Refused: UNKNOWN_CLIENT\n$/) });
    expect(await run('create', 'x', '--role', 'king', '--reason', 'r')).toMatchObject({ code: 1, output: expect.stringContaining('The role is one of') });
  });
});
