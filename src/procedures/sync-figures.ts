import type { Queryable } from '../store/database.js';
import type { SyncKind, SyncState } from './sync.js';

/** All syncs so far of one kind and state. */
export interface SyncFigure {
  readonly kind: SyncKind;
  readonly state: SyncState;
  readonly runs: number;
  readonly read: number;
  readonly unchanged: number;
  readonly changed: number;
  readonly failed: number;
  readonly withdrawn: number;
  /** Since the newest of them ended; null while it runs. */
  readonly endedSecondsAgo: number | null;
}

/** Counted in the database, so every process tells the same and a restart loses nothing. */
export const readSyncFigures = async (client: Queryable): Promise<readonly SyncFigure[]> =>
  (await client.query<SyncFigure>({
    name: 'procedure-sync-figures',
    text: `SELECT kind, state, count(*)::float8 AS runs, sum(read)::float8 AS read, sum(unchanged)::float8 AS unchanged, sum(changed)::float8 AS changed,
             sum(failed)::float8 AS failed, sum(withdrawn)::float8 AS withdrawn, extract(epoch FROM clock_timestamp() - max(ended_at))::float8 AS "endedSecondsAgo"
           FROM procedure_syncs GROUP BY kind, state`,
  })).rows;
