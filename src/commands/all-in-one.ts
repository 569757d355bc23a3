import { join } from 'node:path';
import { readConfig, serversOf, type Config, type Env } from '../config.js';
import { withGeneratedSecrets, type DemoKeys, type DemoPasswords } from '../config/demo-secrets.js';
import { startEmbeddedPostgres } from '../store/embedded-postgres.js';
import { SchemaError } from '../store/migrate.js';
import { readCheckedConfig } from './checked-config.js';
import type { Composition, Sandbox } from './composition.js';
import { seedAccount } from './demo-account.js';
import { seedOffice } from './demo-office.js';
import { createDemoUsers, demoUsersOf } from './demo-users.js';
import { seedAgencies } from './import-agencies.js';
import type { Lifecycle } from './lifecycle.js';
import { seedPlaces } from './places.js';
import { openHttp, startBehind } from './run-process.js';
import { removeRunning, writeRunning, type RunningInfo } from './running-file.js';

export interface AllInOneOptions {
  readonly env: Env;
  readonly dataDir: string;
  /** True: PostgreSQL of our own in the data folder. */
  readonly embedded: boolean;
  readonly composition: Composition;
  readonly lifecycle: Lifecycle;
}

const ROLES = { api: true, worker: true } as const;
/** Only its form matters: it stands in until the embedded server's address is known. */
const PENDING_DATABASE = 'postgres://pending@127.0.0.1/pending';
/** Sandboxes are easier to remember beside the API's port; where this one is taken, any other will do. */
const SANDBOX_PORT_OFFSET = 10;
/** Nobody waits a day, or a minute, for a demonstration. */
const DEMO_ENVIRONMENT: Env = { BANK_ACCOUNT_COOLING_HOURS: '0', POSTAL_POLL_SECONDS: '2' };

/** A party whose address the operator gave is left alone: the real one, or a sandbox of his own. */
const wantsSandbox = (env: Env, section: Composition['sections'][number]): boolean => !section.settings.keys.some(({ key }) => key.endsWith('_URL') && Boolean(env[key]));

interface Addresses {
  readonly apiPort: number;
  /** Where parties call us, up to and including `/callbacks`. */
  readonly callbacks: string;
}

/** A listener of its own for callbacks is at the port that was configured, and known before it listens. */
const addressesOf = (apiUrl: string, { core: { http: { callbacks: { listener }, tls } } }: Config): Addresses => {
  const own = listener === null ? apiUrl : `${tls === null ? 'http' : 'https'}://${listener.host}:${String(listener.port)}`;
  return { apiPort: Number(new URL(apiUrl).port), callbacks: `${own}/callbacks` };
};

const startOne = async (options: AllInOneOptions, { party, port, callbacks }: { readonly party: string; readonly port: number; readonly callbacks: string }): Promise<Sandbox> => {
  const settings = { host: '127.0.0.1', ledgerFile: join(options.dataDir, `sandbox-${party}.jsonl`), callbackAddress: `${callbacks}/${party}` };
  return options.composition.startSandbox(party, { ...settings, port }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return options.composition.startSandbox(party, { ...settings, port: 0 });
  });
};

const startSandboxes = async (options: AllInOneOptions, { apiPort, callbacks }: Addresses): Promise<readonly Sandbox[]> => {
  const sandboxes: Sandbox[] = [];
  for (const section of options.composition.sections) {
    if (!wantsSandbox(options.env, section)) continue;
    const sandbox = await startOne(options, { party: section.party, port: apiPort + SANDBOX_PORT_OFFSET + sandboxes.length, callbacks });
    options.lifecycle.onStop(`sandbox ${section.party}`, () => sandbox.close());
    sandboxes.push(sandbox);
  }
  return sandboxes;
};

const startDatabase = async (options: AllInOneOptions): Promise<string | null> => {
  if (!options.embedded) return null;
  const server = await startEmbeddedPostgres({ folder: options.dataDir });
  options.lifecycle.onStop('PostgreSQL', () => server.stop());
  return server.url;
};

const secretsOf = (options: AllInOneOptions): { readonly env: Env; readonly demoKeys: DemoKeys | null; readonly demoPasswords: DemoPasswords | null } =>
  options.embedded ? withGeneratedSecrets(options.env, options.dataDir) : { env: options.env, demoKeys: null, demoPasswords: null };

/** A database that cannot be brought up to date is reported by the checks that follow, together with all else. */
const migrateQuietly = async (composition: Composition, databaseUrl: string): Promise<void> => {
  try {
    await composition.migrate(databaseUrl);
  } catch (error) {
    if (error instanceof SchemaError) throw error;
  }
};

/** Database, API, worker and sandboxes in this process; returns where they are. */
export const startAllInOne = async (options: AllInOneOptions): Promise<RunningInfo & { readonly config: Config; readonly hasNewUsers: boolean }> => {
  const { composition, lifecycle, dataDir } = options;
  const { env, demoKeys, demoPasswords } = secretsOf(options);
  // The port is taken first: nothing else is started, or created, when it is not free.
  const early = readConfig({ ...env, DATABASE_URL: env['DATABASE_URL'] ?? PENDING_DATABASE }, []);
  const http = await openHttp({ config: early, lifecycle, roles: ROLES });
  const databaseUrl = await startDatabase(options);
  const sandboxes = await startSandboxes(options, addressesOf(http.url, early));
  const complete: Env = { ...Object.assign({}, ...sandboxes.map(({ environment }) => environment)) as Env, ...(demoKeys === null ? {} : DEMO_ENVIRONMENT), ...env, ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }) };
  const toMigrate = databaseUrl ?? serversOf(env).databaseUrl;
  if (toMigrate !== null) await migrateQuietly(composition, toMigrate);
  const config = await readCheckedConfig(complete, composition);
  if (options.embedded) {
    await seedAgencies(lifecycle, config);
    await seedPlaces(composition, config);
  }
  const demoUsers = demoPasswords === null ? null : demoUsersOf(demoPasswords);
  const hasNewUsers = demoUsers !== null && (await createDemoUsers(lifecycle, config, demoUsers));
  if (demoUsers !== null) {
    await seedAccount({ config, composition, sandboxes });
    await seedOffice(composition, config);
  }
  await startBehind(http, { config, composition, roles: ROLES, lifecycle });
  const running: RunningInfo = {
    pid: process.pid, url: http.url, databaseUrl: config.core.databaseUrl, demoKeys, demoUsers, sandboxes: sandboxes.map(({ party, url }) => ({ party, url })),
  };
  if (options.embedded) {
    writeRunning(dataDir, running);
    lifecycle.onStop('running file', () => Promise.resolve(removeRunning(dataDir)));
  }
  return { ...running, config, hasNewUsers };
};
