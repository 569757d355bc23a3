import { existsSync, rmSync } from 'node:fs';
import { dataDirOf, hasDatabaseUrl, processEnv, serversOf, type Config } from '../config.js';
import { withGeneratedSecrets } from '../config/demo-secrets.js';
import { createLogger } from '../observability/logger.js';
import { startEmbeddedPostgres } from '../store/embedded-postgres.js';
import { grantGatewayRole } from '../store/gateway-role.js';
import { lockFolder } from '../store/folder-lock.js';
import { join } from 'node:path';
import { readCheckedConfig } from './checked-config.js';
import type { Composition } from './composition.js';
import { withLifecycle, type Lifecycle } from './lifecycle.js';
import { readRunning } from './running-file.js';

/** The configured database, or the embedded one: that of a running gateway, or started for the length of this command. */
export const databaseFor = async (lifecycle: Lifecycle): Promise<string> => {
  const env = processEnv();
  const { databaseUrl } = serversOf(env);
  if (hasDatabaseUrl(env)) {
    if (databaseUrl === null) throw new Error('DATABASE_URL is not a readable postgres:// address');
    return databaseUrl;
  }
  const running = readRunning(dataDirOf(env));
  if (running !== null) return running.databaseUrl;
  const server = await startEmbeddedPostgres({ folder: dataDirOf(env) });
  lifecycle.onStop('PostgreSQL', () => server.stop());
  return server.url;
};

/** `migrate`: brings the database to this program's schema, and gives a role the rights under which the gateway should run. */
export const migrateDatabase = (composition: Composition, role: string | null): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const databaseUrl = await databaseFor(lifecycle);
    const applied = await composition.migrate(databaseUrl);
    if (role !== null) await grantGatewayRole(databaseUrl, role);
    console.log(applied.length === 0 ? 'The database was up to date.' : `Applied: ${applied.join(', ')}`);
  });

/** Configuration for a command beside the gateway: secrets of the data folder, and sandboxes where wanted, stand in for what an embedded set-up leaves out. */
export const completeConfig = async (lifecycle: Lifecycle, composition: Composition, { databaseUrl, withSandboxes }: { readonly databaseUrl: string; readonly withSandboxes: boolean }): Promise<Config> => {
  const given = processEnv();
  const base = hasDatabaseUrl(given) ? given : withGeneratedSecrets(given, dataDirOf(given)).env;
  const models = await Promise.all((withSandboxes ? composition.sections : []).map(({ party }) => composition.startSandbox(party, { host: '127.0.0.1', port: 0 })));
  for (const model of models) lifecycle.onStop('sandbox', () => model.close());
  const settings = Object.assign({}, ...models.map(({ environment }) => environment)) as Record<string, string>;
  return readCheckedConfig({ ...settings, ...base, DATABASE_URL: databaseUrl }, composition);
};

/** `rotate-keys`: after a new first key in FIELD_KEYS, brings every personal field under it, so that the old one can go. */
export const rotateKeys = (composition: Composition): Promise<void> =>
  withLifecycle(async (lifecycle) => {
    const config = await completeConfig(lifecycle, composition, { databaseUrl: await databaseFor(lifecycle), withSandboxes: true });
    const rows = await composition.reseal(config, createLogger('warn'), (done) => process.stdout.write(`\r${done} rows`));
    console.log(`\n${rows} rows are under the current key; older keys may be removed from FIELD_KEYS.`);
  });

/** `reset`: removes the data folder of the embedded database with everything in it. */
export const reset = (isConfirmed: boolean): void => {
  const dataDir = dataDirOf(processEnv());
  if (!existsSync(dataDir)) {
    console.log(`There is nothing at ${dataDir}.`);
    return;
  }
  if (!isConfirmed) {
    console.error(`This removes ${dataDir} with all dossiers in it. Say so: npm run onestop -- reset --yes`);
    process.exitCode = 1;
    return;
  }
  lockFolder(join(dataDir, 'gateway.lock'), `The data folder ${dataDir}`)();
  rmSync(dataDir, { recursive: true, force: true });
  console.log(`Removed ${dataDir}.`);
};
