import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { Database } from '../../src/store/database.js';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.js';
import { migrate } from '../../src/store/migrate.js';
import { eventually } from './eventually.js';

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  drop(): Promise<void>;
}

const TEMPLATE = 'gateway_template';
/** Many calls at once wait for a connection longer on a machine that is held up than a gateway would let them. */
const CONNECT_TIMEOUT_MS = 30_000;

const withDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;

const run = async (url: string, ...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
};

const startShared = async (folder: string): Promise<string> => {
  // Not durable: nothing in a test needs to survive a power cut, and commits are what tests wait for.
  const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), durable: false, maxConnections: 400 });
  server.leaveRunning();
  await run(server.url, `CREATE DATABASE ${TEMPLATE}`);
  await migrate(withDatabase(server.url, TEMPLATE));
  return server.url;
};

/** Address of the server that all test files of this run share; the first to ask starts it, the global teardown stops it. */
const sharedServerUrl = async (): Promise<string> => {
  const folder = process.env.ONESTOP_TEST_RUN;
  if (folder === undefined) throw new Error('Run tests through jest.config.js: its globalSetup names the folder of this run');
  const ready = join(folder, 'server.json');
  try {
    mkdirSync(join(folder, 'starting'));
  } catch {
    await eventually('the shared test server', () => existsSync(ready), { timeoutMs: 60_000 });
    return (JSON.parse(readFileSync(ready, 'utf8')) as { url: string }).url;
  }
  const url = await startShared(folder);
  writeFileSync(`${ready}.new`, JSON.stringify({ url }));
  renameSync(`${ready}.new`, ready);
  return url;
};

/** A database of its own, with the gateway's schema, for one test file or test. */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const server = await sharedServerUrl();
  const name = `test_${randomBytes(8).toString('hex')}`;
  // PostgreSQL refuses to copy a template that another copy holds too long, so copies take turns.
  await run(server, 'SELECT pg_advisory_lock(1)', `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  const url = withDatabase(server, name);
  const database = new Database({ url, poolSize: 10, applicationName: 'test' });
  database.pool.options.connectionTimeoutMillis = CONNECT_TIMEOUT_MS;
  return {
    url,
    database,
    drop: async () => {
      await database.close();
      await run(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
};

/**
 * How many connections to the database wait for a lock. Over a connection of its own: in a transaction, such as the one that holds the lock,
 * pg_stat_activity goes on telling what it told first, and a connection made since is not there.
 */
export const lockWaiters = async (database: Database): Promise<number> =>
  (await database.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).rowCount ?? 0;
