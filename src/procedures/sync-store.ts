import type { Queryable } from '../store/database.js';
import type { ListedProcedure } from './procedure-database-port.js';
import type { FailedItem, LeasedSync, ProcedureSync, SettledItem, SyncItem, SyncKind, SyncState } from './sync.js';
import { SyncLostError } from './sync.js';

const SYNC = `id, kind, state, requested_by AS "requestedBy", listing_done AS "listingDone", listing_complete AS "listingComplete", listed, total, read, unchanged,
  changed, failed, withdrawn, reason, started_at AS "startedAt", ended_at AS "endedAt", resume_at AS "resumeAt"`;

type Held = Pick<LeasedSync, 'id' | 'token'>;

/** SQL of syncs. What moves a sync on first proves, by its token, that the sync is still ours; the row lock then orders the writers. */
export class SyncStore {
  /** Whether nothing is held yet, and whether a full sync was ever complete. */
  async coverage(client: Queryable): Promise<{ readonly isEmpty: boolean; readonly hasFull: boolean }> {
    const { rows } = await client.query<{ isEmpty: boolean; hasFull: boolean }>(
      `SELECT NOT EXISTS (SELECT 1 FROM national_procedures) AS "isEmpty", EXISTS (SELECT 1 FROM procedure_syncs WHERE kind = 'full' AND state = 'complete') AS "hasFull"`);
    return rows[0] ?? { isEmpty: false, hasFull: true };
  }

  /** Null when another one is running, or this slot had its sync. */
  async start(client: Queryable, order: { readonly kind: SyncKind; readonly requestedBy: string; readonly slot: string | null }): Promise<string | null> {
    const { rows } = await client.query<{ id: string }>({
      text: `INSERT INTO procedure_syncs (kind, state, requested_by, slot) VALUES ($1, 'running', $2, $3) ON CONFLICT DO NOTHING RETURNING id`,
      values: [order.kind, order.requestedBy, order.slot],
    });
    return rows[0]?.id ?? null;
  }

  async find(client: Queryable, id: string): Promise<ProcedureSync | null> {
    return (await client.query<ProcedureSync>({ text: `SELECT ${SYNC} FROM procedure_syncs WHERE id = $1`, values: [id] })).rows[0] ?? null;
  }

  /** State of the sync, with its row locked; null when there is none. */
  async lock(client: Queryable, id: string): Promise<SyncState | null> {
    return (await client.query<{ state: SyncState }>({ text: 'SELECT state FROM procedure_syncs WHERE id = $1 FOR UPDATE', values: [id] })).rows[0]?.state ?? null;
  }

  async running(client: Queryable): Promise<ProcedureSync | null> {
    return (await client.query<ProcedureSync>(`SELECT ${SYNC} FROM procedure_syncs WHERE state = 'running'`)).rows[0] ?? null;
  }

  /** Newest first. */
  async list(client: Queryable, page: { readonly before: string | null; readonly limit: number }): Promise<readonly ProcedureSync[]> {
    return (await client.query<ProcedureSync>({
      text: `SELECT ${SYNC} FROM procedure_syncs WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`, values: [page.before, page.limit],
    })).rows;
  }

  /** Takes the sync that runs, when nobody holds it and it need not wait. */
  async take(client: Queryable, leaseMs: number): Promise<LeasedSync | null> {
    const { rows } = await client.query<LeasedSync>({
      text: `UPDATE procedure_syncs SET lease_token = gen_random_uuid(), lease_until = clock_timestamp() + $1 * interval '1 millisecond'
             WHERE id = (SELECT id FROM procedure_syncs WHERE state = 'running' AND resume_at <= clock_timestamp()
               AND (lease_until IS NULL OR lease_until < clock_timestamp()) FOR UPDATE SKIP LOCKED)
             RETURNING id, kind, cursor, listed, listing_done AS "listingDone", listing_complete AS "listingComplete", failures, started_at AS "startedAt", lease_token AS token`,
      values: [leaseMs],
    });
    return rows[0] ?? null;
  }

  /** False when the sync is not ours any more. */
  async renew(client: Queryable, { id, token }: Held, leaseMs: number): Promise<boolean> {
    const { rowCount } = await client.query({
      text: `UPDATE procedure_syncs SET lease_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE id = $1 AND lease_token = $2 AND state = 'running'`,
      values: [id, token, leaseMs],
    });
    return rowCount === 1;
  }

  /** Locks the sync's row; throws `SyncLostError` when it is not ours. */
  async hold(client: Queryable, { id, token }: Held): Promise<void> {
    const { rowCount } = await client.query({ text: `SELECT 1 FROM procedure_syncs WHERE id = $1 AND lease_token = $2 AND state = 'running' FOR UPDATE`, values: [id, token] });
    if (rowCount !== 1) throw new SyncLostError();
  }

  /** Gives the sync back, to be taken again after the wait, by whichever worker. */
  async release(client: Queryable, { id, token }: Held, wait: { readonly waitMs: number; readonly reason: string | null; readonly failures: number }): Promise<void> {
    await client.query({
      text: `UPDATE procedure_syncs SET lease_until = NULL, lease_token = NULL, resume_at = clock_timestamp() + $3 * interval '1 millisecond', reason = $4, failures = $5
             WHERE id = $1 AND lease_token = $2 AND state = 'running'`,
      values: [id, token, wait.waitMs, wait.reason, wait.failures],
    });
  }

  /** Stores one page; returns how many of its references are new to this sync. */
  async addPage(client: Queryable, id: string, page: { readonly procedures: readonly ListedProcedure[]; readonly cursor: string | null; readonly total: number | null }): Promise<number> {
    const { rowCount } = await client.query({
      text: `INSERT INTO procedure_sync_items (sync_id, reference, code, name, version)
             SELECT $1, reference, code, name, version FROM jsonb_to_recordset($2::jsonb) AS r (reference text, code text, name text, version text)
             ON CONFLICT DO NOTHING`,
      values: [id, JSON.stringify(page.procedures)],
    });
    await client.query({
      text: 'UPDATE procedure_syncs SET listed = listed + $2, cursor = $3, total = coalesce($4, total), failures = 0, reason = NULL WHERE id = $1',
      values: [id, rowCount, page.cursor, page.total],
    });
    return rowCount ?? 0;
  }

  /** `incomplete`: why the end of the list was not reached; null when it was. A list shorter than its own total is not complete either. */
  async endListing(client: Queryable, id: string, incomplete: string | null): Promise<boolean> {
    const { rows } = await client.query<{ complete: boolean }>({
      text: `UPDATE procedure_syncs SET listing_done = true, failures = 0, listing_complete = $2::text IS NULL AND listed > 0 AND listed >= coalesce(total, 0),
               listing_problem = coalesce($2, CASE WHEN listed = 0 THEN 'listing-empty' WHEN listed < total THEN 'listing-short' END)
             WHERE id = $1 RETURNING listing_complete AS complete`,
      values: [id, incomplete],
    });
    // The record with the newest version stands for its code: else two references would change it to and fro in every sync.
    await client.query({
      text: `UPDATE procedure_sync_items i SET state = 'duplicate' WHERE sync_id = $1 AND EXISTS (
               SELECT 1 FROM procedure_sync_items o WHERE o.sync_id = $1 AND o.code = i.code AND (coalesce(o.version, ''), o.reference) > (coalesce(i.version, ''), i.reference))`,
      values: [id],
    });
    return rows[0]?.complete ?? false;
  }

  /** Leaves to be read what is new, listed otherwise than before, withdrawn, or among the oldest reads: one of `rereadRuns` parts. */
  async skipKnown(client: Queryable, id: string, rereadRuns: number): Promise<void> {
    await client.query({
      text: `WITH oldest AS (
               SELECT code FROM national_procedures WHERE withdrawn_at IS NULL ORDER BY read_at, code
               LIMIT (SELECT ceil(count(*)::numeric / $2) FROM national_procedures WHERE withdrawn_at IS NULL)),
             skipped AS (
               UPDATE procedure_sync_items i SET state = 'unchanged' FROM national_procedures n
               WHERE i.sync_id = $1 AND i.state = 'listed' AND n.code = i.code AND n.withdrawn_at IS NULL AND n.reference = i.reference AND n.listed_name = i.name
                 AND n.listed_version IS NOT DISTINCT FROM i.version AND i.code NOT IN (SELECT code FROM oldest) RETURNING 1)
             UPDATE procedure_syncs SET unchanged = (SELECT count(*) FROM skipped) WHERE id = $1`,
      values: [id, rereadRuns],
    });
  }

  async openItems(client: Queryable, id: string, limit: number): Promise<readonly SyncItem[]> {
    return (await client.query<SyncItem>({
      text: `SELECT reference, code, name, version, tries FROM procedure_sync_items
             WHERE sync_id = $1 AND state = 'listed' AND due_at <= clock_timestamp() ORDER BY due_at, reference LIMIT $2`,
      values: [id, limit],
    })).rows;
  }

  /** Milliseconds until an open item is due; null when none is open. */
  async nextItemInMs(client: Queryable, id: string): Promise<number | null> {
    const { rows } = await client.query<{ ms: number }>({
      text: `SELECT greatest(0, extract(epoch FROM due_at - clock_timestamp()) * 1000)::float8 AS ms FROM procedure_sync_items
             WHERE sync_id = $1 AND state = 'listed' ORDER BY due_at LIMIT 1`,
      values: [id],
    });
    return rows[0]?.ms ?? null;
  }

  async settleItems(client: Queryable, id: string, items: readonly SettledItem[]): Promise<void> {
    await client.query({
      text: `UPDATE procedure_sync_items i SET state = r.state, code = r.code, tries = r.tries, reason = r.reason, due_at = clock_timestamp() + r."delayMs" * interval '1 millisecond'
             FROM jsonb_to_recordset($2::jsonb) AS r (reference text, code text, state text, tries integer, "delayMs" float8, reason text)
             WHERE i.sync_id = $1 AND i.reference = r.reference`,
      values: [id, JSON.stringify(items)],
    });
  }

  async addCounts(client: Queryable, id: string, counts: { readonly read: number; readonly changed: number; readonly failed: number }): Promise<void> {
    await client.query({
      text: 'UPDATE procedure_syncs SET read = read + $2, changed = changed + $3, failed = failed + $4, failures = 0, reason = NULL WHERE id = $1',
      values: [id, counts.read, counts.changed, counts.failed],
    });
  }

  /** `reason` null: what was wrong with the listing, if anything was. Items go: they were only needed to go on. */
  async end(client: Queryable, id: string, as: { readonly state: 'complete' | 'failed' | 'cancelled'; readonly reason: string | null; readonly withdrawn: number }): Promise<void> {
    await client.query({
      text: `UPDATE procedure_syncs SET state = $2, reason = coalesce($3, listing_problem), withdrawn = $4, ended_at = now(), lease_until = NULL, lease_token = NULL, cursor = NULL WHERE id = $1`,
      values: [id, as.state, as.reason, as.withdrawn],
    });
    await client.query({ text: `DELETE FROM procedure_sync_items WHERE sync_id = $1 AND state <> 'failed'`, values: [id] });
  }
}

/** SQL around ended syncs. */
export const readFailedItems = async (client: Queryable, ids: readonly string[], limit: number): Promise<readonly FailedItem[]> =>
  (await client.query<FailedItem>({
    text: `SELECT i.* FROM unnest($1::bigint[]) AS wanted (id),
             LATERAL (SELECT sync_id AS "syncId", code, reason FROM procedure_sync_items WHERE sync_id = wanted.id AND state = 'failed' ORDER BY code LIMIT $2) i`,
    values: [ids, limit],
  })).rows;

/** Failures of syncs that ended long ago; returns how many rows went. */
export const pruneSyncItems = async (client: Queryable, keepDays: number): Promise<number> =>
  (await client.query({
    text: `DELETE FROM procedure_sync_items i USING procedure_syncs s WHERE s.id = i.sync_id AND s.ended_at < now() - $1 * interval '1 day'`, values: [keepDays],
  })).rowCount ?? 0;
