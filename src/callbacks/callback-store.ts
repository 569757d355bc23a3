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

const COLUMNS = `id, party, kind, unique_key AS "uniqueKey", state, digest, body, reply, received_at AS "receivedAt", party_at AS "partyAt"`;
const nameOf = ({ party, kind, uniqueKey }: CallbackName): unknown[] => [party, kind, uniqueKey];

/** Statements on the inbox; those that belong to a transaction take its client. */
export class CallbackStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** Returns false when there is a message of that name already. */
  async insert(client: Queryable, callback: NewCallback): Promise<boolean> {
    const result = await client.query(
      `INSERT INTO callbacks (party, kind, unique_key, party_at, verified_by, digest, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (party, kind, unique_key) WHERE state <> 'conflict' DO NOTHING`,
      [...nameOf(callback), callback.partyAt, callback.verifiedBy, callback.digest, callback.body]);
    return result.rowCount === 1;
  }

  /** Keeps other content under a known name. Returns false when this very content was kept before. */
  async insertConflict(client: Queryable, callback: NewCallback): Promise<boolean> {
    const result = await client.query(
      `INSERT INTO callbacks (party, kind, unique_key, party_at, verified_by, digest, body, state) VALUES ($1, $2, $3, $4, $5, $6, $7, 'conflict')
       ON CONFLICT (party, kind, unique_key, digest) WHERE state = 'conflict' DO NOTHING`,
      [...nameOf(callback), callback.partyAt, callback.verifiedBy, callback.digest, callback.body]);
    return result.rowCount === 1;
  }

  async find(name: CallbackName): Promise<StoredCallback | null> {
    const { rows } = await this.#database.query<StoredCallback>(
      `SELECT ${COLUMNS} FROM callbacks WHERE party = $1 AND kind = $2 AND unique_key = $3 AND state <> 'conflict'`, nameOf(name));
    return rows[0] ?? null;
  }

  /** Whoever else applies the same message waits, and then sees what became of it. */
  async lock(client: Queryable, id: string): Promise<StoredCallback | null> {
    const { rows } = await client.query<StoredCallback>(`SELECT ${COLUMNS} FROM callbacks WHERE id = $1 FOR UPDATE`, [id]);
    return rows[0] ?? null;
  }

  async settle(client: Queryable, id: string, end: { readonly state: 'applied' | 'refused'; readonly reply: CallbackReply }): Promise<void> {
    await client.query('UPDATE callbacks SET state = $2, reply = $3, settled_at = clock_timestamp() WHERE id = $1', [id, end.state, JSON.stringify(end.reply)]);
  }

  /** The next try waits twice as long as the last, an hour at most. */
  async postpone(id: string): Promise<void> {
    await this.#database.query(
      `UPDATE callbacks SET failures = failures + 1, due_at = clock_timestamp() + least(2 ^ least(failures, 12), 3600) * interval '1 second'
       WHERE id = $1 AND state = 'received'`, [id]);
  }

  /** Messages that were stored and not applied; oldest first. */
  async due(olderThanMs: number, limit: number): Promise<readonly StoredCallback[]> {
    const { rows } = await this.#database.query<StoredCallback>(
      `SELECT ${COLUMNS} FROM callbacks WHERE state = 'received' AND due_at <= clock_timestamp() - $1::bigint * interval '1 millisecond'
       ORDER BY due_at LIMIT $2`, [olderThanMs, limit]);
    return rows;
  }
}
