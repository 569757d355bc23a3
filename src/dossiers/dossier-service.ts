import type { Caller } from '../access/caller.js';
import { UserInputError } from '../errors/gateway-error.js';
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
import { breach, problemAt } from './rule-breach.js';

export interface DossierServiceDeps {
  readonly store: DossierStore;
  readonly acceptance: DossierAcceptance;
  readonly rules: DossierRules;
  readonly now: () => Date;
}

export interface DossierPage {
  readonly rows: readonly DossierRow[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** Who writes, under which key; the input is added by the verb. */
export type WriteCaller = Omit<WriteCommand, 'input'>;

/** A larger body would pass the server's limit before this one. */
const MAX_DOSSIERS_PER_CALL = 100;

/** Whatever is no code is not looked for: PostgreSQL takes no NUL and no half character. */
const STORABLE_CODE = /^[A-Z0-9.-]{1,60}$/;

const checkCount = (field: string, count: number, max: number): void => {
  if (count >= 1 && count <= max) return;
  throw new UserInputError([problemAt(field, breach('COUNT', `Cần từ 1 đến ${String(max)} mục`, `Between 1 and ${String(max)} members are needed`))]);
};

/** The portal reads its own dossiers, all others read everyone's. */
const clientOf = (caller: Caller): string | null => (caller.role === 'portal' ? caller.client : null);

/** Use cases of dossiers, one method a verb. Refusals are values; `UserInputError` and `UnavailableError` are thrown. */
export class DossierService {
  readonly #deps: DossierServiceDeps;

  constructor(deps: DossierServiceDeps) {
    this.#deps = deps;
  }

  async upsertDossiers(caller: WriteCaller, dossiers: readonly DossierInput[]): Promise<UpsertDossiersAnswer> {
    checkCount('dossiers', dossiers.length, MAX_DOSSIERS_PER_CALL);
    const { rules } = this.#deps;
    const now = this.#deps.now();
    const outcomes = dossiers.map((dossier, index) => parseDossier(dossier, { path: `dossiers[${String(index)}]`, now, rules }));
    return this.#deps.acceptance.upsertDossiers({ ...caller, input: dossiers }, outcomes);
  }

  async appendSteps(caller: WriteCaller, dossierCode: string, steps: readonly StepInput[]): Promise<AppendStepsAnswer> {
    checkCount('steps', steps.length, MAX_STEPS_PER_CALL);
    const { rules } = this.#deps;
    if (!STORABLE_CODE.test(dossierCode)) return { kind: 'not-found', dossierCode: '' };
    const outcomes = parseSteps(steps, { path: 'steps', now: this.#deps.now(), rules, dossierCode });
    return this.#deps.acceptance.appendSteps({ ...caller, input: { dossierCode, steps } }, dossierCode, outcomes);
  }

  async reportStatus(caller: WriteCaller, report: StatusReportInput): Promise<ReportStatusAnswer> {
    const outcome = parseStatusReport(report, { path: 'report', now: this.#deps.now(), rules: this.#deps.rules });
    if (!outcome.ok) return { kind: 'rejected', index: 0, dossierCode: outcome.code, problems: outcome.problems };
    return this.#deps.acceptance.reportStatus({ ...caller, input: report }, outcome.parsed);
  }

  /** Null for another client's dossier too: its existence is not told. */
  async findDossier(caller: Caller, code: string): Promise<DossierRow | null> {
    return STORABLE_CODE.test(code) ? this.#deps.store.find(code, clientOf(caller)) : null;
  }

  async listDossiers(caller: Caller, filter: DossierFilter, page: { readonly first: number; readonly after: string | null }): Promise<DossierPage> {
    const limit = checkPageSize(page.first);
    const after = page.after === null ? null : decodeCursor(page.after);
    const found = await this.#deps.store.list({ client: clientOf(caller), filter, after, limit: limit + 1 });
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return {
      rows,
      hasNextPage: found.length > limit,
      endCursor: last === undefined ? null : encodeCursor({ updatedAt: last.position, code: last.code }),
    };
  }

  /** Steps of dossiers that the caller was allowed to read. */
  stepsOf(codes: readonly string[]): Promise<ReadonlyMap<string, readonly StepRow[]>> {
    return this.#deps.store.steps(codes);
  }
}
