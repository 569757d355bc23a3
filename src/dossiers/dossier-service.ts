import type { AccessAttemptStore, AccessTarget, AttemptedCall } from '../agencies/access-attempt-store.js';
import { bookFor } from '../agencies/agency-book.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { AgencyScope, AgencyView } from '../agencies/agency-scope.js';
import { UserInputError } from '../errors/gateway-error.js';
import { agencyPartOf } from './code-rules.js';
import type { DossierAcceptance, WriteCommand } from './dossier-acceptance.js';
import type { AppendStepsAnswer, ReportStatusAnswer, UpsertDossiersAnswer } from './dossier-answers.js';
import type { DossierInput, StatusReportInput, StepInput } from './dossier-input.js';
import type { DossierRules } from './dossier-rules.js';
import type { DossierFilter, DossierRow, StepRow } from './dossier-rows.js';
import type { DossierStore } from './dossier-store.js';
import { checkPageSize, decodeCursor, encodeCursor } from './list-cursor.js';
import { parseDossier } from './parse-dossier.js';
import { parseStatusReport } from './parse-status-report.js';
import { MAX_STEPS_PER_CALL, parseSteps } from './parse-steps.js';
import type { ParseOutcome } from './parse-context.js';
import type { ParsedDossier } from './parse-dossier.js';
import type { ProcedureBook, ProcedureKnowledge } from './procedure-knowledge-port.js';
import { breach, problemAt } from './rule-breach.js';

export interface DossierServiceDeps {
  readonly store: DossierStore;
  readonly acceptance: DossierAcceptance;
  readonly rules: DossierRules;
  readonly scope: AgencyScope;
  readonly attempts: AccessAttemptStore;
  readonly procedures: ProcedureKnowledge;
  readonly now: () => Date;
}

export interface DossierPage {
  readonly rows: readonly DossierRow[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** Who writes, under which key. */
export interface WriteCaller extends AttemptedCall {
  readonly key: string;
  readonly traceparent: string | null;
}

/** A larger body would pass the server's limit before this one. */
const MAX_DOSSIERS_PER_CALL = 100;

/** Whatever is no code is not looked for: PostgreSQL takes no NUL and no half character. */
const STORABLE_CODE = /^[A-Z0-9.-]{1,60}$/;

const checkCount = (field: string, count: number, max: number): void => {
  if (count >= 1 && count <= max) return;
  throw new UserInputError([problemAt(field, breach('COUNT', `Cần từ 1 đến ${String(max)} mục`, `Between 1 and ${String(max)} members are needed`))]);
};

/** Agencies that a dossier names and its caller may not know of. */
const hiddenAgencies = (view: AgencyView, named: readonly (string | null)[]): readonly AccessTarget[] =>
  view.agencyCodes === null ? [] : named.filter((code) => code !== null && !view.sees(code)).map((code) => ({ kind: 'agency', target: code ?? '' }));

/** Use cases of dossiers, one method a verb. Refusals are values; `UserInputError` and `UnavailableError` are thrown. */
export class DossierService {
  readonly #deps: DossierServiceDeps;

  constructor(deps: DossierServiceDeps) {
    this.#deps = deps;
  }

  async upsertDossiers(call: WriteCaller, dossiers: readonly DossierInput[]): Promise<UpsertDossiersAnswer> {
    checkCount('dossiers', dossiers.length, MAX_DOSSIERS_PER_CALL);
    const [{ view, rules }, procedures] = await Promise.all([this.#viewOf(call), this.#deps.procedures.current()]);
    const now = this.#deps.now();
    const outcomes = dossiers.map((dossier, index) => parseDossier(dossier, { path: `dossiers[${String(index)}]`, now, rules }));
    await this.#recordHidden(call, 'upsertDossiers', hiddenAgencies(view, dossiers.flatMap(({ code, agencyCode }) => [agencyPartOf(code), agencyCode])));
    return this.#deps.acceptance.upsertDossiers(commandOf(call, view, dossiers), procedures === null ? outcomes : await this.#withUsableProcedures(outcomes, procedures));
  }

  /** A new dossier needs a procedure that may be used; one that is stored began when it might, and goes on. */
  async #withUsableProcedures(outcomes: readonly ParseOutcome<ParsedDossier>[], procedures: ProcedureBook): Promise<readonly ParseOutcome<ParsedDossier>[]> {
    const breaches = outcomes.map((outcome) => (outcome.ok ? procedures.check(outcome.parsed.content.procedureCode, outcome.parsed.content.procedureName) : null));
    if (breaches.every((found) => found === null)) return outcomes;
    const known = await this.#deps.store.existing(outcomes.flatMap((outcome) => (outcome.ok ? [outcome.parsed.content.code] : [])));
    return outcomes.map((outcome, index) => {
      const found = breaches[index] ?? null;
      if (!outcome.ok || found === null || known.has(outcome.parsed.content.code)) return outcome;
      return { ok: false, code: outcome.parsed.content.code, problems: [problemAt(`dossiers[${String(index)}].procedureCode`, found)] };
    });
  }

  async appendSteps(call: WriteCaller, dossierCode: string, steps: readonly StepInput[]): Promise<AppendStepsAnswer> {
    checkCount('steps', steps.length, MAX_STEPS_PER_CALL);
    if (!STORABLE_CODE.test(dossierCode)) return { kind: 'not-found', dossierCode: '' };
    const { view, rules } = await this.#viewOf(call);
    const outcomes = parseSteps(steps, { path: 'steps', now: this.#deps.now(), rules, dossierCode });
    const answer = await this.#deps.acceptance.appendSteps(commandOf(call, view, { dossierCode, steps }), dossierCode, outcomes);
    if (answer.kind === 'not-found') await this.#recordHidden(call, 'appendSteps', [{ kind: 'dossier', target: dossierCode }]);
    return answer;
  }

  async reportStatus(call: WriteCaller, report: StatusReportInput): Promise<ReportStatusAnswer> {
    const { view, rules } = await this.#viewOf(call);
    const outcome = parseStatusReport(report, { path: 'report', now: this.#deps.now(), rules });
    await this.#recordHidden(call, 'reportNationalDossierStatus', hiddenAgencies(view, [agencyPartOf(report.dossierCode)]));
    const command = commandOf(call, view, report);
    if (!outcome.ok) return this.#deps.acceptance.refuseReport(command, { kind: 'rejected', index: 0, dossierCode: outcome.code, problems: outcome.problems });
    return this.#deps.acceptance.reportStatus(command, outcome.parsed);
  }

  /** Null for another's dossier too: its existence is not told. */
  async findDossier(call: AttemptedCall, code: string): Promise<DossierRow | null> {
    if (!STORABLE_CODE.test(code)) return null;
    const { view } = await this.#viewOf(call);
    const found = await this.#deps.store.find(code, view);
    if (found === null && isLimited(view)) await this.#recordHidden(call, 'dossier', [{ kind: 'dossier', target: code }]);
    return found;
  }

  async listDossiers(call: AttemptedCall, filter: DossierFilter, page: { readonly first: number; readonly after: string | null }): Promise<DossierPage> {
    const limit = checkPageSize(page.first);
    const after = page.after === null ? null : decodeCursor(page.after);
    const { view } = await this.#viewOf(call);
    await this.#recordHidden(call, 'dossiers', hiddenAgencies(view, [filter.agencyCode ?? null]));
    const found = await this.#deps.store.list({ limits: view, filter, after, limit: limit + 1 });
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return {
      rows,
      hasNextPage: found.length > limit,
      endCursor: last === undefined ? null : encodeCursor({ updatedAt: last.position, code: last.code }),
    };
  }

  /** The agencies that the caller may name, as rules for what it sends. */
  async #viewOf({ caller }: AttemptedCall): Promise<{ readonly view: AgencyView; readonly rules: DossierRules }> {
    const view = await this.#deps.scope.viewOf(caller);
    return { view, rules: { ...this.#deps.rules, agencies: bookFor(view) } };
  }

  async #recordHidden(call: AttemptedCall, operation: string, targets: readonly AccessTarget[]): Promise<void> {
    if (targets.length > 0) await this.#deps.attempts.record(call, operation, targets);
  }

  /** Steps of dossiers that the caller was allowed to read. */
  stepsOf(codes: readonly string[]): Promise<ReadonlyMap<string, readonly StepRow[]>> {
    return this.#deps.store.steps(codes);
  }
}

const commandOf = ({ caller, key, correlationId, traceparent }: WriteCaller, view: AgencyView, input: unknown): WriteCommand =>
  ({ client: caller.client, key, correlationId, traceparent, sees: view.sees, input });
