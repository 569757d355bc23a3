import type pg from 'pg';
import type { Database, Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { figuresOf, totalsOf } from './match-engine.js';
import type { AgencyFigure, ClassCounts } from './match-engine.js';
import { nationalFacts } from './match-facts.js';
import type { NationalRow } from './match-facts.js';
import type { LocalProcedure, MatchableProcedure, MatchCause, MatchResult } from './match.js';

export interface MatchRequest {
  readonly id: string;
  readonly cause: MatchCause;
  readonly requestedBy: string;
}

/** What a run found; ids are decimal strings. */
export interface SavedRun {
  readonly id: string;
  readonly total: number;
  readonly matched: number;
  readonly counts: ClassCounts;
  readonly agenciesFallen: number;
  /** Local procedures that matched in the run before and no longer do. */
  readonly lost: number;
}

/** Longer than a run takes; after it another worker takes the request. */
const LEASE_SECONDS = 120;
const PAGE = 500;
const RESULT_CHUNK = 1_000;
/** Two runs that end at once compare with each other, not both with the one before. */
const RUN_LOCK = 4_015;
/** A run of a province is some megabytes; older ones keep their figures, and the last of each month its results. */
const RESULTS_KEEP_DAYS = 60;

/** SQL of match runs. */
export class MatchStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One complete sync is needed: with half a catalogue, good codes would be called unknown. */
  async isCatalogueComplete(): Promise<boolean> {
    const { rows } = await this.#database.query<{ complete: boolean }>(`SELECT EXISTS (SELECT 1 FROM procedure_syncs WHERE kind = 'full' AND state = 'complete') AS complete`);
    return rows[0]?.complete === true;
  }

  /** The oldest request that nobody works on, under a lease; null when there is none. */
  async take(): Promise<MatchRequest | null> {
    const { rows } = await this.#database.query<MatchRequest>({
      text: `UPDATE match_requests SET leased_until = clock_timestamp() + $1 * interval '1 second'
             WHERE id = (SELECT id FROM match_requests WHERE done_at IS NULL AND (leased_until IS NULL OR leased_until < clock_timestamp()) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
             RETURNING id, cause, requested_by AS "requestedBy"`,
      values: [LEASE_SECONDS],
    });
    return rows[0] ?? null;
  }

  /** Newest request that a run which starts now answers. */
  async newestRequest(): Promise<string> {
    return (await this.#database.query<{ id: string }>('SELECT coalesce(max(id), 0) AS id FROM match_requests')).rows[0]?.id ?? '0';
  }

  /** Asks for the nightly run of a day in Vietnam, `yyyy-mm-dd`, once. */
  async requestNightly(night: string): Promise<void> {
    await this.#database.query(
      `INSERT INTO match_requests (cause, requested_by, night) SELECT 'nightly', 'gateway', $1 WHERE NOT EXISTS (SELECT 1 FROM match_requests WHERE night = $1)
       ON CONFLICT (night) DO NOTHING`, [night]);
  }

  async local(): Promise<readonly LocalProcedure[]> {
    const { rows } = await orUnavailable(this.#database.query<LocalProcedure>(
      `SELECT id, code, agency_code AS "agencyCode", name, field_code AS "fieldCode", level, fee_vnd::float8 AS "feeVnd", time_amount AS "timeAmount", time_unit AS "timeUnit"
       FROM local_procedures WHERE active ORDER BY id`));
    return rows;
  }

  /** Read in pages: one answer of ten thousand records would hold up whoever else this process serves. */
  async national(): Promise<readonly MatchableProcedure[]> {
    const procedures: MatchableProcedure[] = [];
    for (let after = ''; ;) {
      const { rows } = await orUnavailable(this.#database.query<NationalRow>({
        name: 'match-national-page',
        text: `SELECT code, name, (is_public AND withdrawn_at IS NULL) AS usable, field_codes AS "fieldCodes", levels, content->'methods' AS methods, content->'executingAgencies' AS agencies
               FROM national_procedures WHERE code > $1 ORDER BY code LIMIT ${String(PAGE)}`,
        values: [after],
      }));
      procedures.push(...rows.map(nationalFacts));
      if (rows.length < PAGE) return procedures;
      after = rows.at(-1)?.code ?? '';
    }
  }

  /** Keeps the run, tells the portal of what was lost, and ends all requests up to `upTo`, together. */
  async save(request: MatchRequest, upTo: string, results: readonly MatchResult[]): Promise<SavedRun> {
    const byAgency = figuresOf(results);
    const counts = sumOf(byAgency);
    const { total, matched } = totalsOf(counts);
    return this.#database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [RUN_LOCK]);
      const { rows } = await client.query<{ id: string }>({
        text: 'INSERT INTO match_runs (cause, total, matched, counts, by_agency) VALUES ($1, $2, $3, $4, $5) RETURNING id',
        values: [request.cause, total, matched, JSON.stringify(counts), JSON.stringify(byAgency)],
      });
      const id = rows[0]?.id ?? '';
      for (let start = 0; start < results.length; start += RESULT_CHUNK) await insertResults(client, id, { start, results: results.slice(start, start + RESULT_CHUNK) });
      const drift = await recordDrift(client, id);
      await finish(client, { request, upTo, runId: id });
      return { id, total, matched, counts, ...drift };
    });
  }

  /** Drops results of old runs, but of the last run of each month. */
  async prune(): Promise<void> {
    await this.#database.query({
      text: `DELETE FROM match_results WHERE run_id IN (SELECT id FROM match_runs WHERE at < now() - $1 * interval '1 day'
               AND id NOT IN (SELECT max(id) FROM match_runs GROUP BY date_trunc('month', at AT TIME ZONE 'Asia/Ho_Chi_Minh')))`,
      values: [RESULTS_KEEP_DAYS],
    });
  }

  /** Ends requests that no run can answer yet; the sync that completes the catalogue asks again. */
  async skip(request: MatchRequest, upTo: string): Promise<void> {
    await finish(this.#database, { request, upTo, runId: null });
  }
}

const finish = async (client: Queryable, { request, upTo, runId }: { request: MatchRequest; upTo: string; runId: string | null }): Promise<void> => {
  await client.query('UPDATE match_requests SET done_at = now(), run_id = $3 WHERE done_at IS NULL AND (id = $1 OR id <= $2)', [request.id, upTo, runId]);
};

const sumOf = (figures: readonly AgencyFigure[]): ClassCounts => {
  const sum: Record<string, number> = {};
  for (const { counts } of figures) for (const [found, count] of Object.entries(counts)) sum[found] = (sum[found] ?? 0) + count;
  return sum;
};

const insertResults = async (client: pg.PoolClient, runId: string, { start, results }: { start: number; results: readonly MatchResult[] }): Promise<void> => {
  const rows = results.map(({ local, agencyCode, class: found, national, suggestedCode, suggestedName, score, differences }, index) => ({
    position: start + index, local_id: local?.id ?? null, local_code: local?.code ?? null, local_name: local?.name ?? null, agency_code: agencyCode, class: found,
    national_code: national?.code ?? null, national_name: national?.name ?? null, suggested_code: suggestedCode, suggested_name: suggestedName, score, differences,
  }));
  await client.query({
    text: `INSERT INTO match_results (run_id, position, local_id, local_code, local_name, agency_code, class, national_code, national_name, suggested_code, suggested_name, score, differences)
           SELECT $1, position, local_id, local_code, local_name, agency_code, class, national_code, national_name, suggested_code, suggested_name, score, differences
             FROM jsonb_to_recordset($2) AS r (position integer, local_id bigint, local_code text, local_name text, agency_code text, class text, national_code text, national_name text,
               suggested_code text, suggested_name text, score float8, differences jsonb)`,
    values: [runId, JSON.stringify(rows)],
  });
};

/** One event for each agency whose figure fell, or that lost a match, since the run before. */
const recordDrift = async (client: pg.PoolClient, runId: string): Promise<Pick<SavedRun, 'agenciesFallen' | 'lost'>> => {
  const { rows } = await client.query<{ fallen: number; lost: number }>({
    text: `WITH prior AS (SELECT id, by_agency FROM match_runs WHERE id < $1 ORDER BY id DESC LIMIT 1),
      lost AS (
        SELECT r.agency_code, count(*)::integer AS lost FROM match_results r JOIN match_results p ON p.run_id = (SELECT id FROM prior) AND p.local_id = r.local_id
         WHERE r.run_id = $1 AND p.class IN ('MATCHED', 'MATCHED_WITH_DIFFERENCES') AND r.class NOT IN ('MATCHED', 'MATCHED_WITH_DIFFERENCES') GROUP BY r.agency_code),
      figures AS (
        SELECT n."agencyCode" AS agency_code, p.matched::numeric / p.total AS before, n.matched::numeric / n.total AS now
          FROM match_runs m, jsonb_to_recordset(m.by_agency) AS n ("agencyCode" text, total integer, matched integer), prior,
               jsonb_to_recordset(prior.by_agency) AS p ("agencyCode" text, total integer, matched integer)
         WHERE m.id = $1 AND p."agencyCode" = n."agencyCode" AND n.total > 0 AND p.total > 0),
      drift AS (
        SELECT coalesce(f.agency_code, l.agency_code) AS agency_code, coalesce(l.lost, 0) AS lost, f.before, f.now, coalesce(f.now < f.before, false) AS fell
          FROM figures f FULL JOIN lost l ON l.agency_code = f.agency_code WHERE l.lost > 0 OR f.now < f.before),
      told AS (
        INSERT INTO events (type, agency_code, operation, reason, reason_text)
        SELECT 'procedures.drift', agency_code, 'procedure-match', CASE WHEN fell THEN 'FIGURE_FELL' ELSE 'MATCH_LOST' END,
               format('lost %s; %s %% -> %s %%', lost, round(before * 100, 1), round(now * 100, 1)) FROM drift ORDER BY agency_code),
      kept AS (SELECT count(*) FILTER (WHERE fell)::integer AS fallen, coalesce(sum(lost), 0)::integer AS lost FROM drift)
      SELECT fallen, lost FROM kept`,
    values: [runId],
  });
  const { fallen = 0, lost = 0 } = rows[0] ?? {};
  await client.query('UPDATE match_runs SET agencies_fallen = $2, lost = $3 WHERE id = $1', [runId, fallen, lost]);
  return { agenciesFallen: fallen, lost };
};
