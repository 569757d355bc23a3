import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import { checkPageSize } from '../dossiers/list-cursor.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { AgencyFigure } from './match-engine.js';
import type { MatchCause, MatchClass, MatchDifference } from './match.js';

export interface MatchFilter {
  readonly runId?: string | null;
  readonly agencyCode?: string | null;
  readonly classes?: readonly MatchClass[] | null;
}

/** One result of a run, with the names that both sides had then. */
export interface MatchEntry {
  readonly runId: string;
  readonly position: number;
  readonly localCode: string | null;
  readonly localName: string | null;
  readonly agencyCode: string;
  readonly class: MatchClass;
  readonly nationalCode: string | null;
  readonly nationalName: string | null;
  readonly suggestedCode: string | null;
  readonly suggestedName: string | null;
  readonly score: number | null;
  readonly differences: readonly MatchDifference[];
  readonly acceptedAt: Date | null;
}

export interface MatchRun {
  readonly id: string;
  readonly cause: MatchCause;
  readonly at: Date;
  readonly lost: number;
  readonly byAgency: readonly AgencyFigure[];
}

export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

const ID = /^[1-9]\d{0,17}$/;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const RUN = 'SELECT id, cause, at, lost, by_agency AS "byAgency" FROM match_runs';

const refuse = (field: string, code: string, text: { readonly vi: string; readonly en: string }): never => {
  throw new UserInputError([problemAt(field, breach(code, text.vi, text.en))]);
};

/** `entry:<run>:<position>` or `run:<id>`. */
const encode = (kind: string, ...parts: readonly (string | number)[]): string => Buffer.from([kind, ...parts].join(':')).toString('base64url');

const decode = (cursor: string, kind: string): string => {
  const [found, position = ''] = Buffer.from(cursor, 'base64url').toString('latin1').split(':');
  return found === kind && /^\d{1,18}$/.test(position) ? position : refuse('after', 'CURSOR', { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this list' });
};

const pageOf = <Node>(found: readonly Node[], limit: number, cursorOf: (node: Node) => string): Page<Node> => {
  const nodes = found.slice(0, limit);
  const last = nodes.at(-1);
  return { nodes, hasNextPage: found.length > limit, endCursor: last === undefined ? null : cursorOf(last) };
};

/** What callers read of match runs, each within its scope. */
export class MatchQueries {
  readonly #database: Queryable;
  readonly #agencies: AgencyAccess;

  constructor(database: Queryable, agencies: AgencyAccess) {
    this.#database = database;
    this.#agencies = agencies;
  }

  /** Results of a run, the latest where none is named, in the order of agencies and codes. */
  async entries(call: AttemptedCall, filter: MatchFilter, page: { readonly first: number; readonly after: string | null }): Promise<Page<MatchEntry>> {
    const limit = checkPageSize(page.first);
    const after = page.after === null ? null : decode(page.after, 'entry');
    if (filter.runId != null && !ID.test(filter.runId)) return { nodes: [], endCursor: null, hasNextPage: false };
    const view = await this.#agencies.scope.viewOf(call.caller);
    const agency = await this.#agencyOf(call, view, filter.agencyCode ?? null);
    const found = await readEntries(this.#database, { runId: filter.runId ?? null, agency, agencyCodes: view.agencyCodes, classes: filter.classes ?? null, after, limit: limit + 1 });
    return pageOf(found, limit, ({ position }) => encode('entry', position));
  }

  /** Newest first. */
  async runs(call: AttemptedCall, page: { readonly first: number; readonly after: string | null }): Promise<Page<MatchRun>> {
    const limit = checkPageSize(page.first);
    const before = page.after === null ? null : decode(page.after, 'run');
    const view = await this.#agencies.scope.viewOf(call.caller);
    const { rows } = await orUnavailable(this.#database.query<MatchRun>(`${RUN} WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`, [before, limit + 1]));
    return pageOf(rows.map((run) => visible(run, view)), limit, ({ id }) => encode('run', id));
  }

  /** The last run of a month in Vietnam, `yyyy-mm`; null when there was none. Throws UserInputError. */
  async figure(call: AttemptedCall, month: string): Promise<MatchRun | null> {
    if (!MONTH.test(month)) refuse('month', 'MONTH_SHAPE', { vi: 'Tháng phải có dạng 2026-11', en: 'A month looks like 2026-11' });
    const view = await this.#agencies.scope.viewOf(call.caller);
    const { rows: [run] } = await orUnavailable(this.#database.query<MatchRun>(
      `${RUN} WHERE at >= ($1::text || '-01')::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AND at < (($1::text || '-01')::timestamp + interval '1 month') AT TIME ZONE 'Asia/Ho_Chi_Minh'
       ORDER BY id DESC LIMIT 1`, [month]));
    return run === undefined ? null : visible(run, view);
  }

  /** The run that answered a request; null while it is owed, for a request that no complete catalogue could answer, and for another id. */
  async requested(call: AttemptedCall, requestId: string): Promise<MatchRun | null> {
    if (!ID.test(requestId)) return null;
    const view = await this.#agencies.scope.viewOf(call.caller);
    const { rows: [run] } = await orUnavailable(this.#database.query<MatchRun>(`${RUN} WHERE id = (SELECT run_id FROM match_requests WHERE id = $1)`, [requestId]));
    return run === undefined ? null : visible(run, view);
  }

  /** Identity of a named agency; an unknown or hidden one matches nothing. */
  async #agencyOf(call: AttemptedCall, view: AgencyView, code: string | null): Promise<string | null> {
    if (code === null) return null;
    if (!view.sees(code) && isLimited(view)) await this.#agencies.attempts.record(call, 'procedureMatch', [{ kind: 'agency', target: code }]);
    return view.tree.find(code)?.code ?? code.toUpperCase().replaceAll('\0', '');
  }
}

/** A caller of limited scope sees its agencies' figures, and no others'. */
const visible = (run: MatchRun, view: AgencyView): MatchRun =>
  view.agencyCodes === null ? run : { ...run, byAgency: run.byAgency.filter(({ agencyCode }) => view.sees(agencyCode)), lost: 0 };

export interface EntrySelection {
  /** Null: the latest run. */
  readonly runId: string | null;
  readonly agency: string | null;
  /** Null lifts the limit. */
  readonly agencyCodes: readonly string[] | null;
  readonly classes: readonly MatchClass[] | null;
  readonly after: string | null;
  readonly limit: number;
}

export const readEntries = async (database: Queryable, selection: EntrySelection): Promise<readonly MatchEntry[]> => {
  const { runId, agency, agencyCodes, classes, after, limit } = selection;
  const { rows } = await orUnavailable(database.query<MatchEntry>({
    name: 'match-entries',
    text: `SELECT r.run_id AS "runId", r.position, r.local_code AS "localCode", r.local_name AS "localName", r.agency_code AS "agencyCode", r.class, r.national_code AS "nationalCode",
             r.national_name AS "nationalName", r.suggested_code AS "suggestedCode", r.suggested_name AS "suggestedName", r.score, r.differences,
             (SELECT c.accepted_at FROM match_corrections c WHERE c.local_id = r.local_id AND c.from_code = r.local_code AND c.to_code = r.suggested_code) AS "acceptedAt"
           FROM match_results r
           WHERE r.run_id = coalesce($1::bigint, (SELECT max(id) FROM match_runs)) AND ($2::text IS NULL OR r.agency_code = $2) AND ($3::text[] IS NULL OR r.agency_code = ANY ($3))
             AND ($4::text[] IS NULL OR r.class = ANY ($4)) AND r.position > coalesce($5::bigint, -1) ORDER BY r.position LIMIT $6`,
    values: [runId, agency, agencyCodes, classes, after, limit],
  }));
  return rows;
};
