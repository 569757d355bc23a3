import type { Queryable } from '../store/database.js';
import type { EvidenceHead } from './evidence.js';
import type { AfterNumber } from './evidence-store.js';
import type { HeadStamp } from './time-stamp.js';

/** A head without a stamp, taken for one try. */
export interface UnstampedHead extends Pick<EvidenceHead, 'number' | 'digest' | 'signature'> {
  readonly failures: number;
}

/** Time-stamps of heads, and the bookkeeping of those that lack one. */
export class TimeStampStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** Takes the newest head that lacks a stamp and is due; nobody else takes it for `leaseSeconds`. Null: none is due. */
  async take(leaseSeconds: number): Promise<UnstampedHead | null> {
    const { rows } = await this.#database.query<UnstampedHead>(
      `WITH due AS (SELECT h.number FROM evidence_heads h LEFT JOIN evidence_stamp_tries t ON t.head = h.number
           WHERE NOT EXISTS (SELECT 1 FROM evidence_stamps s WHERE s.head = h.number) AND (t.head IS NULL OR t.next_at <= now()) ORDER BY h.number DESC LIMIT 1),
         taken AS (INSERT INTO evidence_stamp_tries AS t (head, next_at) SELECT number, now() + $1 * interval '1 second' FROM due
           ON CONFLICT (head) DO UPDATE SET next_at = excluded.next_at WHERE t.next_at <= now() RETURNING head, failures)
       SELECT h.number::float8 AS number, encode(h.digest, 'hex') AS digest, encode(h.signature, 'base64') AS signature, t.failures
         FROM taken t JOIN evidence_heads h ON h.number = t.head`, [leaseSeconds]);
    return rows[0] ?? null;
  }

  async add({ head, at, response }: { readonly head: number; readonly at: Date; readonly response: Buffer }): Promise<void> {
    await this.#database.query(
      `WITH done AS (DELETE FROM evidence_stamp_tries WHERE head = $1)
       INSERT INTO evidence_stamps (head, stamped_at, response) VALUES ($1, $2, $3) ON CONFLICT (head) DO NOTHING`, [head, at, response]);
  }

  async postpone(head: number, waitSeconds: number): Promise<void> {
    await this.#database.query(`UPDATE evidence_stamp_tries SET failures = failures + 1, next_at = now() + $2 * interval '1 second' WHERE head = $1`, [head, waitSeconds]);
  }

  async stamps({ after, limit }: AfterNumber): Promise<readonly HeadStamp[]> {
    const { rows } = await this.#database.query<HeadStamp>(
      `SELECT head::float8 AS head, evidence_time(stamped_at) AS at, replace(encode(response, 'base64'), E'\\n', '') AS response
         FROM evidence_stamps WHERE head > $1 ORDER BY head LIMIT $2`, [after, limit]);
    return rows;
  }

  async countUnstamped(): Promise<number> {
    const { rows } = await this.#database.query<{ count: number }>(
      'SELECT count(*)::integer AS count FROM evidence_heads h WHERE NOT EXISTS (SELECT 1 FROM evidence_stamps s WHERE s.head = h.number)');
    return rows[0]?.count ?? 0;
  }
}
