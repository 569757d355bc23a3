import pg from 'pg';

/** Anything that runs SQL: the pool, or one client inside a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(config: pg.QueryConfig | string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

export interface DatabaseSettings {
  readonly url: string;
  readonly poolSize: number;
  readonly applicationName: string;
}

/** A statement that runs longer than this holds locks that others wait for; no statement of ours needs it. */
const STATEMENT_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;

const DEADLOCK = '40P01';
const SERIALIZATION_FAILURE = '40001';
const MAX_TRANSACTION_TRIES = 4;

/**
 * A client whose server goes away emits 'error', idle or between two statements of a transaction, and an event that nobody hears ends
 * the process. The pool replaces such a client, and the statement that was or will be running reports what matters.
 */
export function survivePartedClients(pool: pg.Pool, onIdleError: (error: Error) => void = () => undefined): void {
  pool.on('error', onIdleError);
  pool.on('connect', (client) => client.on('error', () => undefined));
}

export class Database {
  readonly pool: pg.Pool;

  constructor(settings: DatabaseSettings) {
    this.pool = new pg.Pool({
      connectionString: settings.url,
      max: settings.poolSize,
      application_name: settings.applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS * 2,
      keepAlive: true,
    });
    survivePartedClients(this.pool);
  }

  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(config: pg.QueryConfig | string, values?: unknown[]): Promise<pg.QueryResult<Row>> {
    return this.pool.query<Row>(config as string, values);
  }

  /** Runs `work` in a transaction; repeats it when PostgreSQL chose it as the victim of a deadlock. */
  async transaction<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(work);
      } catch (error) {
        const code = (error as { code?: unknown }).code;
        if ((code !== DEADLOCK && code !== SERIALIZATION_FAILURE) || attempt >= MAX_TRANSACTION_TRIES) throw error;
      }
    }
  }

  async #once<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((rollbackError: unknown) => {
        broken = rollbackError as Error;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
