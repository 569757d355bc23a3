import type { Queryable } from '../store/database.js';
import type { CallbackName } from './callback-store.js';

const SAMPLES = 25;
/** Below this many samples a party's clock is taken to be right: a first message must not set the clock by which it is judged. */
const FEWEST_SAMPLES = 5;
/** A message further away is late or replayed; it says nothing of the clock. */
const LARGEST_SKEW_MS = 3_600_000;
const PRUNE_KEEP = 200;

export const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
};

/** Skew to expect of a party: median of its latest samples in milliseconds, zero while there are too few. */
export const expectedSkew = (samples: readonly number[]): number => (samples.length < FEWEST_SAMPLES ? 0 : medianOf(samples));

/** How far each party's clock is from ours, learned from verified messages, each counted once. */
export class ClockSkew {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** Distance in milliseconds of this message's time from where the party's clock was seen to be; then learns from it. */
  async judge(name: CallbackName, partyAt: Date, now: Date): Promise<number> {
    const skewMs = Math.round(now.getTime() - partyAt.getTime());
    const { rows } = await this.#database.query<{ skew_ms: number }>(
      `SELECT skew_ms FROM callback_skews WHERE party = $1 ORDER BY sampled_at DESC LIMIT ${String(SAMPLES)}`, [name.party]);
    if (Math.abs(skewMs) <= LARGEST_SKEW_MS) {
      await this.#database.query('INSERT INTO callback_skews (party, kind, unique_key, skew_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        [name.party, name.kind, name.uniqueKey, skewMs]);
    }
    return Math.abs(skewMs - expectedSkew(rows.map((row) => row.skew_ms)));
  }

  /** Deletes samples that are no longer looked at; returns how many. */
  async prune(): Promise<number> {
    const { rowCount } = await this.#database.query(
      `DELETE FROM callback_skews s USING (SELECT party, kind, unique_key, row_number() OVER (PARTITION BY party ORDER BY sampled_at DESC) AS place FROM callback_skews) old
       WHERE (s.party, s.kind, s.unique_key) = (old.party, old.kind, old.unique_key) AND old.place > ${String(PRUNE_KEEP)}`);
    return rowCount ?? 0;
  }
}
