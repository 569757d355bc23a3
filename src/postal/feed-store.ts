import type { Database, Queryable } from '../store/database.js';

/** How far a carrier's feed was read, with who reads it. */
export interface LeasedFeed {
  readonly cursor: string;
  readonly token: string;
}

export interface FeedState {
  readonly carrier: string;
  /** Since the last good page; null before the first. */
  readonly ageSeconds: number | null;
  readonly failure: string | null;
  readonly pages: number;
  readonly events: number;
}

/** Statements on how far feeds were read. All times are the database's: clocks of workers may differ. */
export class FeedStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Null where it is not due, another reads it, a person has paused the party, or it told us to wait. */
  async lease(of: { readonly carrier: string; readonly start: string; readonly token: string; readonly leaseMs: number }): Promise<LeasedFeed | null> {
    await this.#database.query('INSERT INTO postal_feeds (carrier, cursor) VALUES ($1, $2) ON CONFLICT DO NOTHING', [of.carrier, of.start]);
    const { rows } = await this.#database.query<LeasedFeed>(
      `UPDATE postal_feeds f SET lease_token = $2, lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond'
         WHERE f.carrier = $1 AND f.due_at <= clock_timestamp() AND (f.lease_until IS NULL OR f.lease_until < clock_timestamp())
           AND NOT EXISTS (SELECT 1 FROM parties p WHERE p.party = $1 AND (p.paused OR p.hold_until > clock_timestamp()))
         RETURNING f.cursor, f.lease_token AS token`, [of.carrier, of.token, of.leaseMs]);
    return rows[0] ?? null;
  }

  /** False: the lease was lost, and another may have read on. */
  async holds(client: Queryable, carrier: string, token: string): Promise<boolean> {
    return ((await client.query('SELECT 1 FROM postal_feeds WHERE carrier = $1 AND lease_token = $2 FOR UPDATE', [carrier, token])).rowCount ?? 0) === 1;
  }

  /** In the transaction that keeps the page. */
  async advance(client: Queryable, of: { readonly carrier: string; readonly cursor: string; readonly events: number; readonly dueInMs: number }): Promise<void> {
    await client.query(
      `UPDATE postal_feeds SET cursor = $2, events = events + $3, pages = pages + 1, failure = NULL, polled_at = clock_timestamp(),
         due_at = clock_timestamp() + $4::bigint * interval '1 millisecond', lease_token = NULL, lease_until = NULL WHERE carrier = $1`, [of.carrier, of.cursor, of.events, of.dueInMs]);
  }

  async fail(of: { readonly carrier: string; readonly token: string; readonly code: string; readonly dueInMs: number }): Promise<void> {
    await this.#database.query(
      `UPDATE postal_feeds SET failure = $3, due_at = clock_timestamp() + $4::bigint * interval '1 millisecond', lease_token = NULL, lease_until = NULL WHERE carrier = $1 AND lease_token = $2`,
      [of.carrier, of.token, of.code, of.dueInMs]);
  }

  async states(): Promise<readonly FeedState[]> {
    const { rows } = await this.#database.query<FeedState>(
      `SELECT carrier, extract(epoch FROM clock_timestamp() - polled_at)::float8 AS "ageSeconds", failure, pages::float8 AS pages, events::float8 AS events FROM postal_feeds ORDER BY carrier`);
    return rows;
  }
}
