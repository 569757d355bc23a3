import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import { foldText } from '../agencies/fold-text.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
import { readTable } from '../tables/read-table.js';
import { TableError } from '../tables/table.js';
import type { DraftRow, LocalDraft, LocalOutcome, LocalRowReport } from './local-procedure.js';
import { checkLocalDraft, localKey, planLocal } from './local-plan.js';
import type { LocalContext, LocalPlan } from './local-plan.js';
import { localColumnName, readLocalRows } from './local-rows.js';
import type { LocalProcedureStore } from './local-store.js';

export interface ProcedureCall {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  readonly reason: string;
}

/** Rows of a call, or a file. `complete`: the agencies that it names have no procedures beside these. */
export interface ImportOrder {
  readonly rows: readonly LocalDraft[] | null;
  readonly file: Uint8Array | null;
  readonly dryRun: boolean;
  readonly complete: boolean;
}

export interface LocalImportReport {
  readonly dryRun: boolean;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly retired: number;
  /** The run that this import asked for; null when nothing changed. */
  readonly matchRequestId: string | null;
  readonly rows: readonly LocalRowReport[];
}

export type ProcedureAnswer<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'refused'; readonly problems: readonly InputProblem[] }
  | { readonly kind: 'conflict'; readonly key: string };

export interface LocalServiceDeps {
  readonly database: Database;
  readonly store: LocalProcedureStore;
  readonly agencies: AgencyAccess;
  readonly settings: { readonly tenantAgencyCodes: readonly string[]; readonly fingerprintKey: Buffer; readonly keepHours: number };
}

const MAX_ROWS_PER_CALL = 1_000;

type CheckedRow = ReturnType<typeof checkLocalDraft> & { readonly line: number };

/** What the provincial portal lists. Each import is one transaction with its audit row, once under the caller's key. */
export class LocalProcedureService {
  readonly #deps: LocalServiceDeps;

  constructor(deps: LocalServiceDeps) {
    this.#deps = deps;
  }

  /** Rows that are refused are reported and left out; the others are written together. */
  async import(call: ProcedureCall, order: ImportOrder): Promise<ProcedureAnswer<LocalImportReport>> {
    const { database, settings, agencies } = this.#deps;
    const read = rowsOf(order);
    if (!read.ok) return { kind: 'refused', problems: read.problems };
    const view = await agencies.scope.viewOf(call.caller);
    await this.#recordHidden(call, view, read.rows);
    const context: LocalContext = { view, tenantAgencyCodes: settings.tenantAgencyCodes, path: order.file === null ? inputPath : localColumnName };
    const checked = read.rows.map((row) => ({ ...checkLocalDraft(row, context), line: row.line }));
    if (order.dryRun) return { kind: 'done', result: reportOf(await database.transaction((client) => this.#plan(client, checked, context)), order, { retired: 0, matchRequestId: null }) };
    const claim = {
      client: call.caller.client, key: call.idempotencyKey, operation: 'import-procedures', keepHours: settings.keepHours,
      fingerprint: fingerprintOf(settings.fingerprintKey, 'import-procedures', { digest: digestOf(order), complete: order.complete, reason: call.reason }),
    };
    return database.transaction((client) => once(client, claim, () => this.#write(client, { call, order, checked, context })));
  }

  async #write(client: pg.PoolClient, { call, order, checked, context }: { call: ProcedureCall; order: ImportOrder; checked: readonly CheckedRow[]; context: LocalContext }): Promise<LocalImportReport> {
    const { store } = this.#deps;
    await store.lock(client);
    const plan = await this.#plan(client, checked, context);
    await store.save(client, plan.changes, plan.changes.map(({ name }) => foldText(name)));
    // With a row refused the list is not whole, and what it lacks may be that row.
    const isWhole = order.complete && plan.reports.every(({ outcome }) => outcome !== 'REFUSED');
    const kept = checked.map(({ record }) => record);
    const retired = isWhole ? await store.retireOthers(client, [...new Set(kept.map(({ agencyCode }) => agencyCode))], kept) : 0;
    const matchRequestId = plan.changes.length + retired === 0 ? null : await store.requestMatch(client, 'import', call.caller.client);
    const report = reportOf(plan, order, { retired, matchRequestId });
    const { created, changed, unchanged, refused } = report;
    await recordOperatorAction(client, {
      actor: call.caller.client, role: call.caller.role, reason: call.reason, action: 'import-procedures', target: 'local-procedures',
      detail: { sha256: digestOf(order), created, changed, unchanged, refused, retired },
    });
    return report;
  }

  async #plan(client: pg.PoolClient, checked: readonly CheckedRow[], { path }: LocalContext): Promise<LocalPlan> {
    const sound = checked.filter(({ problems }) => problems.length === 0).map(({ record }) => record);
    const stored = await this.#deps.store.find(client, sound);
    return planLocal(checked, new Map(stored.map((record) => [localKey(record), record])), path);
  }

  async #recordHidden(call: ProcedureCall, view: AgencyView, rows: readonly DraftRow[]): Promise<void> {
    if (view.agencyCodes === null) return;
    const hidden = rows.map(({ draft }) => draft.agencyCode.trim().toUpperCase()).filter((code) => !view.sees(code));
    await this.#deps.agencies.attempts.record(call, 'importLocalProcedures', hidden.map((target) => ({ kind: 'agency', target })));
  }
}

const inputPath = (field: string, line: number): string => `procedures[${String(line - 1)}].${field}`;

const digestOf = ({ rows, file }: ImportOrder): string => createHash('sha256').update(file ?? JSON.stringify(rows)).digest('hex');

const countOf = (reports: readonly LocalRowReport[], outcome: LocalOutcome): number => reports.filter((report) => report.outcome === outcome).length;

const reportOf = ({ reports }: LocalPlan, { dryRun }: ImportOrder, rest: Pick<LocalImportReport, 'retired' | 'matchRequestId'>): LocalImportReport => ({
  dryRun, created: countOf(reports, 'CREATED'), changed: countOf(reports, 'CHANGED'), unchanged: countOf(reports, 'UNCHANGED'), refused: countOf(reports, 'REFUSED'), ...rest, rows: reports,
});

type Rows = { readonly ok: true; readonly rows: readonly DraftRow[] } | { readonly ok: false; readonly problems: readonly InputProblem[] };

const rowsOf = ({ rows, file }: ImportOrder): Rows => {
  if ((rows === null) === (file === null)) return { ok: false, problems: [problemAt('procedures', breach('ROWS_OR_FILE', 'Gửi danh sách hoặc tệp, không gửi cả hai', 'Send rows or a file, not both'))] };
  if (file !== null) return fileRows(file);
  const count = rows?.length ?? 0;
  if (count < 1 || count > MAX_ROWS_PER_CALL) {
    return { ok: false, problems: [problemAt('procedures', breach('COUNT', `Cần từ 1 đến ${String(MAX_ROWS_PER_CALL)} mục`, `Between 1 and ${String(MAX_ROWS_PER_CALL)} members are needed`))] };
  }
  return { ok: true, rows: (rows ?? []).map((draft, index) => ({ line: index + 1, draft, problems: [] })) };
};

const fileRows = (file: Uint8Array): Rows => {
  try {
    return readLocalRows(readTable(file));
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return { ok: false, problems: [problemAt('file', breach(error.fault, error.text.vi, error.text.en))] };
  }
};
