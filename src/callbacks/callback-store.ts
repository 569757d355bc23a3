import type { Queryable } from '../store/database.js';
import type { CallbackReply } from './callback-receiver-port.js';

export type CallbackState = 'received' | 'applied' | 'refused';

/** Names one message of a party. */
export interface CallbackName {
  readonly party: string;
  readonly kind: string;
  readonly uniqueKey: string;
}

export interface NewCallback extends CallbackName {
  readonly partyAt: Date | null;
  readonly verifiedBy: string;
  readonly digest: Buffer;
  /** Sealed. */
  readonly body: string;
}

export interface StoredCallback extends CallbackName {
  /** Decimal bigint. */
  readonly id: string;
  readonly state: CallbackState;
  readonly digest: Buffer;
  readonly body: string | null;
  readonly reply: CallbackReply | null;
  readonly receivedAt: Date;
  readonly partyAt: Date | null;
}

/** What a sealed body is bound to: it opens in its own row only. */
export const sealingContextOf = ({ party, kind, uniqueKey }: CallbackName): string => `callback/${party}/${kind}/${uniqueKey}`;

/** How long messages have waited to be applied. */
export interface CallbackBacklog {
  readonly waiting: number;
  /** Seconds since the oldest of them came; null where none waits. */
  readonly oldestSeconds: number | null;
  /** Seconds by which the next try of one is overdue, which nobody has made; null where none is due. */
  readonly overdueSeconds: number | null;
}

/** Party and kind of messages. */
export interface CallbackRoute {
  readonly party: string;
  readonly kind: string;
}

const partiesAndKinds = (routes: readonly CallbackRoute[]): [string[], string[]] => [routes.map(({ party }) => party), routes.map(({ kind }) => kind)];

const COLUMNS = `id, party, kind, unique_key AS "uniqueKey", state, digest, body, reply, received_at AS "receivedAt", party_at AS "partyAt"`;
const nameOf = ({ party, kind, uniqueKey }: CallbackName): unknown[] => [party, kind, uniqueKey];

/** Statements on the inbox; those that belong to a transaction take its client. */
export class CallbackStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** The message of this name, new or known, in one round trip. Null where it is being stored by another just now. */
  async take(client: Queryable, callback: NewCallback): Promise<{ readonly row: StoredCallback; readonly isNew: boolean } | null> {
    const { rows: [found] } = await client.query<StoredCallback & { isNew: boolean }>({
      name: 'callback-take',
      text: `WITH put AS (INSERT INTO callbacks (party, kind, unique_key, party_at, verified_by, digest, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (party, kind, unique_key) WHERE state <> 'conflict' DO NOTHING RETURNING ${COLUMNS})
             SELECT *, true AS "isNew" FROM put
             UNION ALL SELECT ${COLUMNS}, false FROM callbacks WHERE party = $1 AND kind = $2 AND unique_key = $3 AND state <> 'conflict' AND NOT EXISTS (SELECT FROM put)`,
      values: [...nameOf(callback), callback.partyAt, callback.verifiedBy, callback.digest, callback.body],
    });
    if (found === undefined) return null;
    const { isNew, ...row } = found;
    return { row, isNew };
  }

  /** Keeps other content under a known name, with the dossier of the known one. Returns false when this very content was kept before. */
  async insertConflict(client: Queryable, callback: NewCallback): Promise<boolean> {
    const result = await client.query(
      `INSERT INTO callbacks (party, kind, unique_key, party_at, verified_by, digest, body, state, dossier_code)
       SELECT $1, $2, $3, $4, $5, $6, $7, 'conflict', (SELECT dossier_code FROM callbacks WHERE party = $1 AND kind = $2 AND unique_key = $3 AND state <> 'conflict')
       ON CONFLICT (party, kind, unique_key, digest) WHERE state = 'conflict' DO NOTHING`,
      [...nameOf(callback), callback.partyAt, callback.verifiedBy, callback.digest, callback.body]);
    return result.rowCount === 1;
  }

  async find(name: CallbackName): Promise<StoredCallback | null> {
    const { rows } = await this.#database.query<StoredCallback>({
      name: 'callback-find', text: `SELECT ${COLUMNS} FROM callbacks WHERE party = $1 AND kind = $2 AND unique_key = $3 AND state <> 'conflict'`, values: nameOf(name),
    });
    return rows[0] ?? null;
  }

  /** Whoever else applies the same message waits, and then sees what became of it. */
  async lock(client: Queryable, id: string): Promise<StoredCallback | null> {
    const { rows } = await client.query<StoredCallback>({ name: 'callback-lock', text: `SELECT ${COLUMNS} FROM callbacks WHERE id = $1 FOR UPDATE`, values: [id] });
    return rows[0] ?? null;
  }

  async settle(client: Queryable, id: string, end: { readonly state: 'applied' | 'refused'; readonly reply: CallbackReply; readonly dossierCode: string | null }): Promise<void> {
    await client.query({
      name: 'callback-settle', text: 'UPDATE callbacks SET state = $2, reply = $3, dossier_code = $4, settled_at = clock_timestamp() WHERE id = $1',
      values: [id, end.state, JSON.stringify(end.reply), end.dossierCode],
    });
  }

  /** The next try waits twice as long as the last, an hour at most. */
  async postpone(id: string): Promise<void> {
    await this.#database.query(
      `UPDATE callbacks SET failures = failures + 1, due_at = clock_timestamp() + least(2 ^ least(failures, 12), 3600) * interval '1 second'
       WHERE id = $1 AND state = 'received'`, [id]);
  }

  /** Messages of these routes that were stored and not applied; oldest first. Others' would stay at the head of the queue for ever. */
  async due(routes: readonly CallbackRoute[], of: { readonly olderThanMs: number; readonly limit: number }): Promise<readonly StoredCallback[]> {
    const { rows } = await this.#database.query<StoredCallback>(
      `SELECT ${COLUMNS} FROM callbacks WHERE state = 'received' AND due_at <= clock_timestamp() - $1::bigint * interval '1 millisecond'
         AND (party, kind) IN (SELECT * FROM unnest($3::text[], $4::text[])) ORDER BY due_at LIMIT $2`, [of.olderThanMs, of.limit, ...partiesAndKinds(routes)]);
    return rows;
  }

  /** Of every route, also of those that are configured no more. */
  async backlog(): Promise<readonly (CallbackRoute & CallbackBacklog)[]> {
    const { rows } = await this.#database.query<CallbackRoute & CallbackBacklog>(
      `SELECT party, kind, count(*)::integer AS waiting, extract(epoch FROM clock_timestamp() - min(received_at))::float8 AS "oldestSeconds",
              extract(epoch FROM clock_timestamp() - min(due_at) FILTER (WHERE due_at <= clock_timestamp()))::float8 AS "overdueSeconds"
         FROM callbacks WHERE state = 'received' GROUP BY party, kind`);
    return rows;
  }

  /** Rows whose body another key sealed, in order of ids, locked. */
  async lockNotUnder(client: Queryable, of: { readonly keyId: string; readonly after: string; readonly limit: number }): Promise<readonly (CallbackName & { readonly id: string; readonly body: string })[]> {
    const { rows } = await client.query<CallbackName & { id: string; body: string }>(
      `SELECT id, party, kind, unique_key AS "uniqueKey", body FROM callbacks WHERE id > $2 AND body IS NOT NULL AND split_part(body, '.', 1) <> $1 ORDER BY id LIMIT $3 FOR UPDATE`,
      [of.keyId, of.after, of.limit]);
    return rows;
  }

  async replaceBody(client: Queryable, id: string, body: string): Promise<void> {
    await client.query('UPDATE callbacks SET body = $2 WHERE id = $1', [id, body]);
  }
}
