import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNationalPortalSandbox } from '../../adapters/national-portal/sandbox.js';
import { eventually } from './eventually.js';
import { runGateway, type GatewayProcess } from './gateway-process.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';

export interface ServeHost {
  readonly test: TestDatabase;
  /** For files of the test; removed at the end. */
  readonly folder: string;
  readonly keys: Readonly<Record<'portal' | 'operator', string>>;
  /** Keys of further clients with the role of a portal. */
  readonly portals: readonly string[];
  /** A process of its own that serves the API, with what is set beside the usual. */
  serve(extra?: Readonly<Record<string, string>>): Promise<{ readonly gateway: GatewayProcess; readonly url: string }>;
  /** Ends every process, and waits for them. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

const key32 = (): string => randomBytes(32).toString('base64');

/** The value of a field in a line of the log, once it is there. */
export const logged = (gateway: GatewayProcess, pattern: RegExp): Promise<string> =>
  eventually(`${String(pattern)} in the log`, () => {
    if (gateway.child.exitCode !== null) throw new Error(`The gateway ended: ${gateway.output()}`);
    return pattern.exec(gateway.output())?.[1];
  }, { timeoutMs: 60_000 });

/** What processes of `serve` need: a migrated database, a party, keys. */
export const createServeHost = async (): Promise<ServeHost> => {
  const [test, sandbox] = await Promise.all([createTestDatabase(), startNationalPortalSandbox()]);
  const folder = mkdtempSync(join(tmpdir(), 'onestop-serve-'));
  const keys = { portal: randomBytes(24).toString('hex'), operator: randomBytes(24).toString('hex') };
  const portals = Array.from({ length: 6 }, () => randomBytes(24).toString('hex'));
  const callers = [['portal', 'portal', keys.portal], ['operator', 'operator', keys.operator], ...portals.map((key, index) => [`portal${String(index + 2)}`, 'portal', key])];
  const env = {
    ...sandbox.environment as Record<string, string>, DATABASE_URL: test.url, HTTP_PORT: '0', FILE_STORE_DIR: folder, DATA_DIR: join(folder, 'data'),
    API_KEYS: callers.map(([name = '', role = '', key = '']) => `${name}:${role}:${createHash('sha256').update(key).digest('hex')}`).join(','),
    FIELD_KEYS: `k1:${key32()}`, FILE_LINK_KEYS: `k1:${key32()}`, FINGERPRINT_KEY: key32(),
  };
  const processes: GatewayProcess[] = [];
  const migration = runGateway(['migrate'], env);
  if ((await migration.exit()) !== 0) throw new Error(migration.output());
  const stop = async (): Promise<void> => {
    for (const gateway of processes.splice(0)) {
      gateway.kill('SIGTERM');
      await gateway.exit();
    }
  };
  return {
    test, folder, keys, portals, stop,
    serve: async (extra = {}) => {
      const gateway = runGateway(['serve'], { ...env, ...extra });
      processes.push(gateway);
      return { gateway, url: await logged(gateway, /"url":"([^"]+)","roles"/) };
    },
    close: async () => {
      await stop();
      await sandbox.close();
      await test.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
