import type pg from 'pg';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { actOnce } from '../store/act-once.js';
import type { LocalProcedureStore } from './local-store.js';
import type { ProcedureAnswer, ProcedureCall } from './local-service.js';

/** Which suggestions: entries of the latest run by position, or all of a likeness. */
export interface SuggestionOrder {
  readonly runId: string | null;
  readonly positions: readonly number[] | null;
  readonly minimumScore: number | null;
  readonly agencyCode: string | null;
}

export interface AcceptedSuggestions {
  /** Suggestions that were accepted now. */
  readonly accepted: number;
  /** Entries named that hold no open suggestion: accepted before, not there, outside the scope, or of an older run. */
  readonly skipped: number;
}

export interface Correction {
  readonly fromCode: string;
  readonly toCode: string;
  readonly agencyCode: string;
  readonly name: string;
  readonly acceptedBy: string;
  readonly acceptedAt: Date;
}

export interface MatchServiceDeps {
  readonly database: Database;
  readonly store: LocalProcedureStore;
  readonly agencies: AgencyAccess;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

/** A file of so many lines is made in a few milliseconds. */
const MAX_CORRECTIONS = 5_000;

/** What people do with match runs. Each deed, its reason and its audit rows are one transaction, once under the caller's key. */
export class MatchService {
  readonly #deps: MatchServiceDeps;

  constructor(deps: MatchServiceDeps) {
    this.#deps = deps;
  }

  /** Owes a run; returns the id of the request. */
  async requestRun(call: ProcedureCall): Promise<ProcedureAnswer<string>> {
    return this.#once(call, { action: 'run-procedure-match', input: null }, async (client) => {
      const id = await this.#deps.store.requestMatch(client, 'request', call.caller.client);
      await this.#audit(client, call, { action: 'run-procedure-match', target: `match-request/${id}`, detail: {} });
      return id;
    });
  }

  /**
   * Only suggestions of the latest run, for a procedure that still has the code they were made for. Of one that was withdrawn only the
   * procedure with its very name is taken in bulk: a similar one need not be its successor.
   */
  async accept(call: ProcedureCall, order: SuggestionOrder): Promise<ProcedureAnswer<AcceptedSuggestions>> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    const agency = order.agencyCode === null ? null : (view.tree.find(order.agencyCode)?.code ?? order.agencyCode);
    return this.#once(call, { action: 'accept-procedure-suggestions', input: order }, async (client) => {
      const { rows } = await client.query<{ fromCode: string; toCode: string; agencyCode: string }>({
        text: `WITH accepted AS (
            INSERT INTO match_corrections (local_id, run_id, from_code, to_code, accepted_by)
            SELECT r.local_id, r.run_id, r.local_code, r.suggested_code, $1 FROM match_results r JOIN local_procedures l ON l.id = r.local_id AND l.code = r.local_code AND l.active
             WHERE r.run_id = (SELECT max(id) FROM match_runs) AND ($2::bigint IS NULL OR r.run_id = $2) AND r.suggested_code IS NOT NULL AND r.suggested_code <> r.local_code
               AND ($3::integer[] IS NULL OR r.position = ANY ($3)) AND ($4::float8 IS NULL OR (r.score >= $4 AND (r.class <> 'WITHDRAWN' OR r.score >= 1)))
               AND ($5::text IS NULL OR r.agency_code = $5) AND ($6::text[] IS NULL OR r.agency_code = ANY ($6))
             ORDER BY r.position
            ON CONFLICT (local_id, from_code, to_code) DO NOTHING RETURNING local_id, from_code, to_code)
          SELECT a.from_code AS "fromCode", a.to_code AS "toCode", l.agency_code AS "agencyCode" FROM accepted a JOIN local_procedures l ON l.id = a.local_id ORDER BY 3, 1`,
        values: [call.caller.client, order.runId, order.positions, order.minimumScore, agency, view.agencyCodes],
      });
      if (rows.length > 0) await this.#audit(client, call, { action: 'accept-procedure-suggestions', target: 'local-procedures', detail: { corrections: rows } });
      return { accepted: rows.length, skipped: order.positions === null ? 0 : Math.max(0, new Set(order.positions).size - rows.length) };
    });
  }

  /** Accepted corrections that the portal's list does not have yet, oldest first. */
  async corrections(call: Pick<ProcedureCall, 'caller'>, since: Date | null): Promise<readonly Correction[]> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    const { rows } = await orUnavailable(this.#deps.database.query<Correction>({
      text: `SELECT c.from_code AS "fromCode", c.to_code AS "toCode", l.agency_code AS "agencyCode", l.name, c.accepted_by AS "acceptedBy", c.accepted_at AS "acceptedAt"
             FROM match_corrections c JOIN local_procedures l ON l.id = c.local_id AND l.code = c.from_code AND l.active
             WHERE ($1::timestamptz IS NULL OR c.accepted_at >= $1) AND ($2::text[] IS NULL OR l.agency_code = ANY ($2)) ORDER BY c.id LIMIT ${String(MAX_CORRECTIONS)}`,
      values: [since, view.agencyCodes],
    }));
    return rows;
  }

  #once<Result>(call: ProcedureCall, of: { readonly action: string; readonly input: unknown }, work: (client: pg.PoolClient) => Promise<Result>): Promise<ProcedureAnswer<Result>> {
    return actOnce(this.#deps, call, { ...of, work });
  }

  #audit(client: pg.PoolClient, call: ProcedureCall, of: { action: string; target: string; detail: Record<string, unknown> }): Promise<void> {
    return recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, reason: call.reason, ...of });
  }
}
