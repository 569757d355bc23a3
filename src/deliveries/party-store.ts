import type pg from 'pg';
import type { Queryable } from '../store/database.js';

/** Limits of a party, from configuration. */
export interface PartyLimits {
  readonly party: string;
  /** Calls in flight at the same time, over all workers. */
  readonly concurrency: number;
  /** Deliveries a second over all workers; null for no limit. */
  readonly ratePerSecond: number | null;
}

export interface PartyStatus extends PartyLimits {
  readonly paused: boolean;
  readonly pausedReason: string | null;
  readonly pausedBy: string | null;
  readonly heldUntil: Date | null;
  readonly lastTakenAt: Date | null;
}

export interface PartyCounts {
  readonly party: string;
  readonly due: number;
  readonly leased: number;
  readonly unknown: number;
  readonly parked: number;
  /** Age in seconds of the oldest delivery that is not finished; null when there is none. */
  readonly oldestOpenSeconds: number | null;
}

interface PartyRow {
  party: string; concurrency: number; rate_per_second: number | null; paused: boolean; paused_reason: string | null;
  paused_by: string | null; hold_until: Date | null; last_taken_at: Date | null;
}

export class PartyStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** Called by each worker at start: makes the party known and its limits those of the configuration. */
  async declare(limits: PartyLimits): Promise<void> {
    await this.#database.query({
      text: `INSERT INTO parties (party, concurrency, rate_per_second) VALUES ($1, $2, $3)
             ON CONFLICT (party) DO UPDATE SET concurrency = excluded.concurrency, rate_per_second = excluded.rate_per_second`,
      values: [limits.party, limits.concurrency, limits.ratePerSecond],
    });
  }

  async list(): Promise<PartyStatus[]> {
    const result = await this.#database.query<PartyRow>('SELECT * FROM parties ORDER BY party');
    return result.rows.map((row) => ({
      party: row.party, concurrency: row.concurrency, ratePerSecond: row.rate_per_second, paused: row.paused,
      pausedReason: row.paused_reason, pausedBy: row.paused_by, heldUntil: row.hold_until, lastTakenAt: row.last_taken_at,
    }));
  }

  async counts(): Promise<PartyCounts[]> {
    const result = await this.#database.query<PartyCounts>({
      text: `SELECT p.party,
               coalesce(sum(n) FILTER (WHERE state = 'due'), 0)::integer AS due,
               coalesce(sum(n) FILTER (WHERE state = 'leased'), 0)::integer AS leased,
               coalesce(sum(n) FILTER (WHERE state = 'unknown'), 0)::integer AS unknown,
               coalesce(sum(n) FILTER (WHERE state = 'parked'), 0)::integer AS parked,
               extract(epoch FROM clock_timestamp() - min(oldest))::float8 AS "oldestOpenSeconds"
             FROM parties p LEFT JOIN (
               SELECT party, state, count(*) AS n, min(created_at) AS oldest FROM deliveries
               WHERE state IN ('due', 'leased', 'unknown', 'parked') GROUP BY party, state) c ON c.party = p.party
             GROUP BY p.party ORDER BY p.party`,
    });
    return result.rows;
  }

  /** The party told us to wait: nobody takes work for it until then. */
  async hold(party: string, holdMs: number, reason: string): Promise<void> {
    await this.#database.query({
      text: `UPDATE parties SET hold_reason = $3, hold_until = greatest(coalesce(hold_until, '-infinity'), clock_timestamp() + $2 * interval '1 millisecond')
             WHERE party = $1`,
      values: [party, holdMs, reason],
    });
  }

  /** Returns true when this call paused it, false when it was paused already. */
  async pause(client: Queryable, party: string, by: { readonly actor: string; readonly reason: string }): Promise<boolean> {
    const result = await client.query({
      text: 'UPDATE parties SET paused = true, paused_reason = $2, paused_by = $3, paused_at = now() WHERE party = $1 AND NOT paused',
      values: [party, by.reason, by.actor],
    });
    return (result.rowCount ?? 0) > 0;
  }

  async resume(client: Queryable, party: string): Promise<boolean> {
    const result = await client.query({
      text: `UPDATE parties SET paused = false, paused_reason = NULL, paused_by = NULL, paused_at = NULL, hold_until = NULL, hold_reason = NULL
             WHERE party = $1 AND (paused OR hold_until IS NOT NULL)`,
      values: [party],
    });
    return (result.rowCount ?? 0) > 0;
  }
}

/** Writes what a person (or the gateway itself, as `gateway`) did by hand, in the transaction of the deed. */
export async function recordOperatorAction(client: pg.ClientBase, action: {
  readonly actor: string; readonly role: string; readonly action: string; readonly target: string; readonly reason: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
}): Promise<void> {
  await client.query({
    text: 'INSERT INTO operator_actions (actor, role, action, target, reason, detail) VALUES ($1, $2, $3, $4, $5, $6)',
    values: [action.actor, action.role, action.action, action.target, action.reason, JSON.stringify(action.detail ?? {})],
  });
}
