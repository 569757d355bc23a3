import { hash } from 'node:crypto';
import type { Queryable } from '../store/database.js';

/** Failures in a row from which on each doubles the wait. An address may be that of a whole office. */
const FREE_FAILURES = { account: 5, address: 30 } as const;
const FIRST_WAIT_SECONDS = 30;
/** Longer would help nobody but who wants to lock others out. */
const MAX_WAIT_SECONDS = 900;

export type LockKind = keyof typeof FREE_FAILURES;
export interface LockKey { readonly kind: LockKind; readonly value: string }

/** What a try was counted as. `lockedMs`: how long nobody may try now; `locks`: this one, if it fails, begins such a time. */
export interface CountedTry { readonly lockedMs: number; readonly locks: boolean }

const keyOf = ({ kind, value }: LockKey): Buffer => hash('sha256', `${kind}:${value}`, 'buffer');

/**
 * Growing delays for each account, existing or not, and each address. A try is counted before the password is looked at, in one
 * statement, so that many at once are counted one by one; a success takes the count back.
 */
export class LoginLocks {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async count(key: LockKey): Promise<CountedTry> {
    const counted = await this.#database.query<{ locks: boolean }>({
      text: `INSERT INTO login_locks AS l (key, failures, locked_until) VALUES ($1, 1, now())
             ON CONFLICT (key) DO UPDATE SET last_at = now(), failures = l.failures + 1,
               locked_until = now() + CASE WHEN l.failures + 1 < $2 THEN 0 ELSE least($4, $3 * power(2, least(l.failures + 1 - $2, 20))) END * interval '1 second'
             -- Not now(): a try that waited for another's row began before the other's time, and would be locked out by it.
             WHERE l.locked_until <= clock_timestamp()
             RETURNING locked_until > now() AS locks`,
      values: [keyOf(key), FREE_FAILURES[key.kind], FIRST_WAIT_SECONDS, MAX_WAIT_SECONDS],
    });
    const row = counted.rows[0];
    if (row !== undefined) return { lockedMs: 0, locks: row.locks };
    const { rows } = await this.#database.query<{ ms: number }>('SELECT greatest(1, extract(epoch FROM locked_until - now()) * 1000)::int AS ms FROM login_locks WHERE key = $1', [keyOf(key)]);
    return { lockedMs: rows[0]?.ms ?? 1, locks: false };
  }

  /** An account begins anew; of an address only this try is taken back, else one good account would cover guessing at others. */
  async forgive(key: LockKey): Promise<void> {
    if (key.kind === 'account') await this.#database.query('DELETE FROM login_locks WHERE key = $1', [keyOf(key)]);
    else await this.#database.query('UPDATE login_locks SET failures = greatest(0, failures - 1), locked_until = now() WHERE key = $1', [keyOf(key)]);
  }

  /** Takes one try back, which was neither good nor bad. */
  async takeBack(key: LockKey): Promise<void> {
    await this.#database.query('UPDATE login_locks SET failures = greatest(0, failures - 1), locked_until = now() WHERE key = $1', [keyOf(key)]);
  }
}
