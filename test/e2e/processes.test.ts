import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startNationalPortalSandbox } from '../../adapters/national-portal/sandbox.js';
import type { RunningSandbox } from '../../adapters/support/sandbox-server.js';
import { newDossierCode, receivedDossier, UPSERT } from '../../src/commands/demo-documents.js';
import { eventually } from '../support/eventually.js';
import { runGateway, untilHealthy, type GatewayProcess } from '../support/gateway-process.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { hasRedis, startTestRedis, type TestRedis } from '../support/redis.js';

const KEY = 'e2e-portal-key';
const key32 = (): string => randomBytes(32).toString('base64');

describe('API and worker as separate processes', () => {
  let test: TestDatabase;
  let sandbox: RunningSandbox;
  let files: string;
  let env: Record<string, string>;
  const processes: GatewayProcess[] = [];
  const run = (args: readonly string[], extra: Record<string, string> = {}): GatewayProcess => {
    const gateway = runGateway(args, { ...env, ...extra });
    processes.push(gateway);
    return gateway;
  };
  const urlOf = async (gateway: GatewayProcess): Promise<string> =>
    eventually('the gateway', () => /"url":"([^"]+)","roles"/.exec(gateway.output())?.[1], { timeoutMs: 60_000 });

  beforeAll(async () => {
    test = await createTestDatabase();
    sandbox = await startNationalPortalSandbox();
    files = mkdtempSync(join(tmpdir(), 'onestop-files-'));
    env = {
      ...sandbox.environment, DATABASE_URL: test.url, HTTP_PORT: '0', WORKER_PORT: '0', FILE_STORE_DIR: files, DATA_DIR: join(files, 'data'),
      API_KEYS: `portal:portal:${createHash('sha256').update(KEY).digest('hex')}`, FIELD_KEYS: `k1:${key32()}`, FILE_LINK_KEYS: `k1:${key32()}`, FINGERPRINT_KEY: key32(),
    };
  }, 60_000);
  afterEach(async () => {
    for (const gateway of processes.splice(0)) {
      gateway.kill('SIGTERM');
      await gateway.exit();
    }
  });
  afterAll(async () => {
    await sandbox.close();
    await test.drop();
    rmSync(files, { recursive: true, force: true });
  });

  const deliverOne = async (extra: Record<string, string>): Promise<void> => {
    const migration = run(['migrate'], extra);
    expect(await migration.exit()).toBe(0);
    const api = run(['serve'], extra);
    const workers = [run(['worker'], extra), run(['worker'], extra)];
    const url = await urlOf(api);
    for (const worker of workers) expect(await untilHealthy(await urlOf(worker))).toMatchObject({ ready: true, checks: { deliveries: true } });
    const code = newDossierCode('H42', new Date());
    const response = await fetch(`${url}/graphql`, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ query: UPSERT, variables: receivedDossier(code, 'H42', new Date()).variables }),
    });
    expect(JSON.stringify(await response.json())).toContain('DossierAccepted');
    const held = await eventually('the dossier with its step', async () => {
      const reply = await fetch(`${sandbox.url}/control/dossiers/${encodeURIComponent(code)}`);
      const body = (await reply.json()) as { inserts?: number; steps?: number };
      return body.steps === 1 ? body : null;
    });
    expect(held.inserts).toBe(1);
  };

  it('brings a dossier to the sandbox with PostgreSQL as carrier', () => deliverOne({}), 120_000);

  (hasRedis() ? it : it.skip)('brings a dossier to the sandbox with Redis as carrier', async () => {
    const redis: TestRedis = await startTestRedis();
    try {
      await deliverOne({ REDIS_URL: redis.url });
      for (const gateway of processes.splice(0)) {
        gateway.kill('SIGTERM');
        await gateway.exit();
      }
    } finally {
      await redis.stop();
    }
  }, 120_000);

  it('lists everything that is wrong in one message and starts nothing', async () => {
    const gateway = run(['serve'], { API_KEYS: 'portal:portal:in-plain', HTTP_PORT: 'many', NATIONAL_PORTAL_AGENCY_CODE: '', REDIS_URL: 'redis://127.0.0.1:1', DATABASE_URL: 'postgres://x:secret@127.0.0.1:1/x' });
    expect(await gateway.exit()).toBe(1);
    const text = gateway.output();
    for (const problem of ['API_KEYS is invalid', 'HTTP_PORT is invalid', 'NATIONAL_PORTAL_AGENCY_CODE is not set', 'Redis does not answer', 'PostgreSQL does not answer (ECONNREFUSED)']) expect(text).toContain(problem);
    expect(text).not.toContain('secret');
    expect(text).not.toContain('in-plain');
  }, 60_000);

  it('refuses a database of a newer release', async () => {
    await test.database.query(`INSERT INTO schema_migrations (name, checksum) VALUES ('9999-future.sql', 'x')`);
    const gateway = run(['worker']);
    expect(await gateway.exit()).toBe(1);
    expect(gateway.output()).toContain('The database is newer than this program (it has 9999-future.sql)');
    await test.database.query(`DELETE FROM schema_migrations WHERE name = '9999-future.sql'`);
  }, 60_000);
});
