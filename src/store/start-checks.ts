import pg from 'pg';
import { describeSchemaProblem, readSchemaState } from './migrate.js';

/** Leases and due times are compared with times of this machine in logs and file links; beyond this they mislead. */
const MAX_CLOCK_SKEW_MS = 2_000;
const MIN_SERVER_VERSION = 150_000;
const CONNECT_TIMEOUT_MS = 5_000;

interface ServerFacts {
  readonly version: number;
  readonly skewMs: number;
}

/** How far this machine's clock is ahead at the least: the answer tells of some moment of the call, and a call may take seconds. */
export const skewOf = (serverMs: number, { asked, answered }: { readonly asked: number; readonly answered: number }): number =>
  Math.round(serverMs < asked ? asked - serverMs : Math.min(0, answered - serverMs));

const readFacts = async (url: string): Promise<ServerFacts> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, application_name: 'onestop-checks' });
  client.on('error', () => undefined);
  client.on('error', () => undefined);
  await client.connect();
  try {
    const asked = Date.now();
    const { rows } = await client.query<{ version: string; now_ms: number }>(
      `SELECT current_setting('server_version_num') AS version, extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms`);
    return { version: Number(rows[0]?.version ?? 0), skewMs: skewOf(rows[0]?.now_ms ?? asked, { asked, answered: Date.now() }) };
  } finally {
    await client.end();
  }
};

/** A connection error in words that hold no password. */
const describeConnectionError = (error: unknown): string => {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === '28P01' || code === '28000') return 'it refuses the user or password';
  if (code === '3D000') return 'the database does not exist';
  return typeof code === 'string' ? code : String(message).replace(/\/\/[^@\s]*@/g, '//***@');
};

/** What is wrong with the database, one line a problem: reach, version, schema, clock. Empty when it will do. */
export const findDatabaseProblems = async (url: string): Promise<readonly string[]> => {
  try {
    const { version, skewMs } = await readFacts(url);
    const schema = describeSchemaProblem(await readSchemaState(url));
    return [
      ...(version < MIN_SERVER_VERSION ? [`PostgreSQL ${Math.floor(version / 10_000)} is too old; 15 or newer is needed`] : []),
      ...(schema === null ? [] : [schema]),
      ...(Math.abs(skewMs) > MAX_CLOCK_SKEW_MS ? [`This machine's clock is ${skewMs} ms off against the database; synchronise both (chrony, ntpd)`] : []),
    ];
  } catch (error) {
    return [`PostgreSQL does not answer (${describeConnectionError(error)}); check DATABASE_URL and that the server runs`];
  }
};
