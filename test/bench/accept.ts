import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Pool } from 'undici';
import { survivePartedClients } from '../../src/store/database.js';
import { PORTAL_KEY, dossierInput, stepInput } from '../support/portal-client.js';
import { BenchGateway } from './bench-gateway.js';
import { summary } from './report.js';
import type { Row } from './report.js';

const CONCURRENCY = 32;
const MUTATION = `mutation ($key: IdempotencyKey!, $dossiers: [DossierInput!]!) { upsertDossiers(idempotencyKey: $key, dossiers: $dossiers) {
  __typename ... on DossiersAnswered { items { __typename } } } }`;

/** Calls `work` so often, so many at a time; returns calls a second. */
async function perSecond(count: number, concurrency: number, work: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  }));
  return count / ((performance.now() - startedAt) / 1000);
}

async function acceptOverGraphql(gateway: BenchGateway, offset: number, count: number): Promise<number> {
  const url = new URL(gateway.apiUrl);
  const client = new Pool(url.origin, { connections: CONCURRENCY });
  const step = stepInput(30, 'RECEIVED');
  const rate = await perSecond(count, CONCURRENCY, async (index) => {
    const reply = await client.request({
      method: 'POST', path: url.pathname, headers: { 'content-type': 'application/json', authorization: `Bearer ${PORTAL_KEY}` },
      body: JSON.stringify({ query: MUTATION, variables: { key: randomUUID(), dossiers: [dossierInput(offset + index, { steps: [step] })] } }),
    });
    const answer = await reply.body.text();
    if (!answer.includes('DossierAccepted')) throw new Error(`not accepted: ${answer}`);
  });
  await client.close();
  return rate;
}

interface StoredRow {
  readonly table: string;
  readonly columns: readonly string[];
  /** As text, which PostgreSQL reads back into any type. */
  readonly values: readonly (string | null)[];
}

const sorted = (tables: readonly { readonly name: string; readonly needs: readonly string[] }[]): string[] => {
  const done: string[] = [];
  const visit = (name: string): void => {
    if (done.includes(name)) return;
    for (const needed of tables.find((table) => table.name === name)?.needs ?? []) if (needed !== name) visit(needed);
    done.push(name);
  };
  for (const table of tables) visit(table.name);
  return done;
};

/** Every row that the accepted calls left, grouped by the transaction that wrote it, in an order that foreign keys allow. */
async function storedTransactions(gateway: BenchGateway): Promise<StoredRow[][]> {
  const tables = await gateway.sql<{ name: string; needs: string[] }>(`SELECT c.relname AS name,
      coalesce(array_agg(f.relname::text) FILTER (WHERE f.relname IS NOT NULL), '{}') AS needs
    FROM pg_class c LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' LEFT JOIN pg_class f ON f.oid = k.confrelid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'schema_migrations' GROUP BY c.relname ORDER BY 1`);
  const byTransaction = new Map<string, StoredRow[]>();
  for (const table of sorted(tables)) {
    const columns = (await gateway.sql<{ name: string }>(`SELECT attname AS name FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`, [table])).map((column) => column.name);
    const rows = await gateway.sql<{ xid: string; content: (string | null)[] }>(`SELECT xmin::text AS xid, ARRAY[${columns.map((column) => `${column}::text`).join(', ')}] AS content FROM ${table}`);
    for (const row of rows) {
      const stored = { table, columns, values: row.content };
      byTransaction.set(row.xid, [...(byTransaction.get(row.xid) ?? []), stored]);
    }
  }
  return [...byTransaction.values()].filter((rows) => rows.some((row) => row.table === 'dossier_versions'));
}

const insertOf = (row: StoredRow, from = 1): string =>
  `INSERT INTO ${row.table} (${row.columns.join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${row.columns.map((_, index) => `$${String(from + index)}`).join(', ')})`;

/** The same rows as one statement: the least that PostgreSQL can be asked for them. */
const asOneStatement = (rows: readonly StoredRow[]): { readonly text: string; readonly values: readonly unknown[] } => {
  const values: unknown[] = [];
  const parts = rows.map((row, index) => {
    const part = `s${String(index)} AS (${insertOf(row, values.length + 1)})`;
    values.push(...row.values);
    return part;
  });
  return { text: `WITH ${parts.join(', ')} SELECT 1`, values };
};

async function emptyTables(gateway: BenchGateway): Promise<void> {
  const tables = await gateway.sql<{ name: string }>(`SELECT relname AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'schema_migrations'`);
  await gateway.sql(`SET session_replication_role = replica; TRUNCATE ${tables.map((table) => table.name).join(', ')} CASCADE`);
}

async function rawCommits(gateway: BenchGateway, transactions: readonly StoredRow[][], form: 'transaction' | 'one statement'): Promise<number> {
  await emptyTables(gateway);
  const pool = new pg.Pool({ connectionString: gateway.databaseUrl, max: CONCURRENCY });
  survivePartedClients(pool);
  const rate = await perSecond(transactions.length, CONCURRENCY, async (index) => {
    const rows = transactions[index] ?? [];
    if (form === 'one statement') {
      const statement = asOneStatement(rows);
      await pool.query({ name: `raw-${String(rows.length)}`, text: statement.text, values: [...statement.values] });
      return;
    }
    const client = await pool.connect();
    await client.query('BEGIN');
    for (const row of rows) await client.query({ name: `raw-${row.table}`, text: insertOf(row), values: [...row.values] });
    await client.query('COMMIT');
    client.release();
  });
  await pool.end();
  return rate;
}

/** Durable accept of a dossier with one step over GraphQL, against raw commits of the very same rows by pg. */
export async function benchAccept(options: { readonly short: boolean }): Promise<Row[]> {
  const count = options.short ? 400 : 3_000;
  const rounds = options.short ? 1 : 3;
  const gateway = new BenchGateway('postgres');
  const accepted: number[] = [];
  const inTransactions: number[] = [];
  const inStatements: number[] = [];
  try {
    await gateway.start();
    await gateway.startApi();
    await acceptOverGraphql(gateway, 90_000, Math.min(count, 300));
    for (let round = 0; round < rounds; round += 1) {
      await emptyTables(gateway);
      accepted.push(await acceptOverGraphql(gateway, round * count, count));
      const transactions = await storedTransactions(gateway);
      if (transactions.length !== count) throw new Error(`${String(transactions.length)} transactions for ${String(count)} calls`);
      inTransactions.push(await rawCommits(gateway, transactions, 'transaction'));
      inStatements.push(await rawCommits(gateway, transactions, 'one statement'));
    }
  } finally {
    await gateway.stop();
  }
  const baseline = summary(inTransactions).median;
  return [
    { case: 'raw pg: same rows, BEGIN … COMMIT', ...summary(inTransactions), unit: 'commits/s' },
    { case: 'raw pg: same rows, one statement', ...summary(inStatements), unit: 'commits/s', ratio: summary(inStatements).median / baseline },
    { case: 'durable accept over GraphQL', ...summary(accepted), unit: 'dossiers/s', ratio: summary(accepted).median / baseline, aim: '0.5 of raw commits, at least 0.4' },
    { case: '… against one statement', ...summary(accepted), unit: 'dossiers/s', ratio: summary(accepted).median / summary(inStatements).median, aim: '0.5 of raw commits, at least 0.4' },
  ];
}
