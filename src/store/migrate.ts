import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { PACKAGE_ROOT } from '../package-root.js';

export interface Migration {
  /** File name such as `0001-deliveries.sql`; the order of names is the order of application. */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

export interface SchemaState {
  readonly pending: readonly string[];
  /** Applied in the database and unknown to this program: the database is newer. */
  readonly unknown: readonly string[];
  /** Applied with another content than the file has now. */
  readonly changed: readonly string[];
}

export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** Arbitrary, but the same in every process: two that migrate at once take turns. */
const MIGRATION_LOCK = 7_340_021;
const MIGRATION_FOLDER = join(PACKAGE_ROOT, 'src', 'store', 'migrations');

export const readMigrations = (folder = MIGRATION_FOLDER): readonly Migration[] =>
  readdirSync(folder)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });

const compare = async (client: pg.ClientBase, migrations: readonly Migration[]): Promise<SchemaState> => {
  const { rows: tables } = await client.query<{ name: string | null }>(`SELECT to_regclass('schema_migrations')::text AS name`);
  const applied = tables[0]?.name == null
    ? []
    : (await client.query<{ name: string; checksum: string }>('SELECT name, checksum FROM schema_migrations')).rows;
  const checksums = new Map(applied.map((row) => [row.name, row.checksum]));
  const known = new Set(migrations.map((migration) => migration.name));
  return {
    pending: migrations.filter((migration) => !checksums.has(migration.name)).map((migration) => migration.name),
    unknown: applied.filter((row) => !known.has(row.name)).map((row) => row.name),
    changed: migrations.filter((migration) => (checksums.get(migration.name) ?? migration.checksum) !== migration.checksum).map((migration) => migration.name),
  };
};

const withClient = async <Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, application_name: 'onestop-migrate' });
  client.on('error', () => undefined);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

export const readSchemaState = (url: string, migrations = readMigrations()): Promise<SchemaState> => withClient(url, (client) => compare(client, migrations));

/** Says in one sentence why this program must not run on that schema; null when it may. */
export const describeSchemaProblem = (state: SchemaState): string | null => {
  if (state.unknown.length > 0) return `The database is newer than this program (it has ${state.unknown.join(', ')}); install the newer gateway`;
  if (state.changed.length > 0) return `Migrations were edited after they had been applied: ${state.changed.join(', ')}; restore the files`;
  if (state.pending.length > 0) return `The database lacks ${state.pending.join(', ')}; run: npm run onestop -- migrate`;
  return null;
};

const applyOne = async (client: pg.ClientBase, migration: Migration): Promise<void> => {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [migration.name, migration.checksum]);
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw new SchemaError(`Migration ${migration.name} failed: ${(cause as Error).message}`, { cause });
  }
};

/** Brings the database to this program's schema; returns the names applied now. Refuses a newer or edited one. */
export const migrate = (url: string, migrations = readMigrations()): Promise<readonly string[]> =>
  withClient(url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query('CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())');
    const state = await compare(client, migrations);
    if (state.unknown.length > 0 || state.changed.length > 0) throw new SchemaError(describeSchemaProblem(state) ?? '');
    const pending = migrations.filter((migration) => state.pending.includes(migration.name));
    for (const migration of pending) await applyOne(client, migration);
    return pending.map((migration) => migration.name);
  });
