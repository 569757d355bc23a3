import { Queue, Worker, assertSchemaCompatibility, createPostgresBackend, runMigrations, type PostgresConnectionOptions } from 'bullmq';
import pg from 'pg';
import { survivePartedClients } from '../../src/store/database.js';
import { KEY_PREFIX, type Carrier } from './carrier.js';

/** BullMQ's own default; a pool that is handed to it cannot carry another. */
const SCHEMA = 'bullmq';
/** A caller of the API waits for a ring at most this long. */
const CONNECT_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 15_000;
const SPARE_CONNECTIONS = 4;

/** Brings BullMQ's tables to its version; safe to run at once in several processes. */
export const migratePostgresCarrier = async (databaseUrl: string): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, application_name: 'onestop-migrate' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await runMigrations(client);
  } finally {
    await client.end();
  }
};

/** @param workers how many workers may run here: each holds a connection of the pool for as long as it listens */
export const createPostgresCarrier = (databaseUrl: string, workers: number): Carrier => {
  const pool = new pg.Pool({
    connectionString: databaseUrl, application_name: 'onestop-queue', max: workers + SPARE_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS, statement_timeout: STATEMENT_TIMEOUT_MS, keepAlive: true,
    options: `-c search_path=${SCHEMA},public`,
  });
  // BullMQ's type of a pool asks for an index signature that pg's class has not.
  const connection = pool as unknown as PostgresConnectionOptions;
  const listeners: ((error: Error) => void)[] = [];
  survivePartedClients(pool, (error) => {
    for (const listener of listeners) listener(error);
  });
  return {
    kind: 'postgres',
    createQueue: (name, options) => new Queue(name, { ...options, connection, prefix: KEY_PREFIX }, createPostgresBackend) as unknown as Queue,
    createWorker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection, prefix: KEY_PREFIX }, createPostgresBackend) as unknown as Worker,
    isReady: () => true,
    ping: async () => {
      await pool.query('SELECT 1');
    },
    onError: (listener) => {
      listeners.push(listener);
    },
    close: () => pool.end(),
  };
};

/** What is wrong with the carrier's tables; empty when they will do. */
export const findPostgresCarrierProblems = async (databaseUrl: string): Promise<readonly string[]> => {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, application_name: 'onestop-checks' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await assertSchemaCompatibility(client);
    return [];
  } catch (error) {
    const { name } = error as Error;
    // That the database does not answer is reported by its own check.
    return name.startsWith('Schema') ? ['The queue tables are missing or of another version; run: npm run onestop -- migrate'] : [];
  } finally {
    await client.end().catch(() => undefined);
  }
};
