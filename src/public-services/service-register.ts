import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { cleanCode } from '../procedures/match-code.js';
import type { Database } from '../store/database.js';
import { actOnce } from '../store/act-once.js';
import { readTable } from '../tables/read-table.js';
import { TableError } from '../tables/table.js';
import type { AgencyAccountsPort } from './agency-accounts-port.js';
import type { ConnectionState, DraftRow, PublicService, ServiceDraft, ServiceOutcome, ServiceRowReport } from './public-service.js';
import { refusalOfMove } from './connection-move.js';
import { checkReadiness } from './readiness-check.js';
import type { ConditionResult } from './readiness-check.js';
import type { ReadinessSettings } from './readiness-context.js';
import { readinessContext } from './readiness-context.js';
import { agencyOf, checkDraft, planServices, serviceKey } from './service-plan.js';
import type { PlanContext, ServicePlan } from './service-plan.js';
import { readServiceRows, serviceColumnName } from './service-rows.js';
import type { ReadRows } from './service-rows.js';
import type { ServiceStore } from './service-store.js';

export interface ServiceCall {
  readonly caller: Caller;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  readonly reason: string;
}

/** Rows of a call, or a file. */
export interface ServiceImport {
  readonly rows: readonly ServiceDraft[] | null;
  readonly file: Uint8Array | null;
  readonly dryRun: boolean;
}

export interface ServiceImportReport {
  readonly dryRun: boolean;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly rows: readonly ServiceRowReport[];
}

export interface MoveOrder {
  readonly procedureCode: string;
  readonly agencyCode: string;
  readonly to: ConnectionState;
  /** A supervisor goes past readiness. */
  readonly override: boolean;
}

/** `unmet`: conditions that stand in the way. Nothing was changed, and the key is free. */
export interface ServiceRefusal {
  readonly kind: 'refused';
  readonly problems: readonly InputProblem[];
  readonly unmet: readonly ConditionResult[];
}

export type ServiceAnswer<Result> = { readonly kind: 'done'; readonly result: Result } | ServiceRefusal | { readonly kind: 'conflict'; readonly key: string };

export interface ServiceRegisterDeps {
  readonly database: Database;
  readonly store: ServiceStore;
  readonly agencies: AgencyAccess;
  readonly settings: ReadinessSettings & { readonly fingerprintKey: Buffer; readonly keepHours: number };
  readonly accounts: AgencyAccountsPort | null;
  readonly now: () => Date;
}

/** Undoes the transaction, and with it the claim of the key. */
class RefusedChange extends Error {
  readonly problems: readonly InputProblem[];
  readonly unmet: readonly ConditionResult[];
  constructor(problems: readonly InputProblem[], unmet: readonly ConditionResult[] = []) {
    super('the change is refused');
    this.problems = problems;
    this.unmet = unmet;
  }
}

const MAX_ROWS_PER_CALL = 1_000;
const NO_SERVICE = breach('SERVICE_UNKNOWN', 'Không có dịch vụ công này', 'There is no such public service');

/** Changes of the register: each is one transaction with its history and audit row, once under the caller's key. */
export class ServiceRegister {
  readonly #deps: ServiceRegisterDeps;

  constructor(deps: ServiceRegisterDeps) {
    this.#deps = deps;
  }

  /** Rows that are refused are reported and left out; the others are written together. */
  async import(call: ServiceCall, order: ServiceImport): Promise<ServiceAnswer<ServiceImportReport>> {
    const read = rowsOf(order);
    if (!read.ok) return { kind: 'refused', problems: read.problems, unmet: [] };
    const context = await this.#context(call, 'importPublicServices', { rows: read.rows, path: order.file === null ? inputPath : serviceColumnName });
    if (order.dryRun) return { kind: 'done', result: reportOf(await this.#deps.database.transaction((client) => this.#plan(client, read.rows, context)), true) };
    const sha256 = digestOf(order);
    return this.#change(call, { action: 'import-public-services', input: { sha256 } }, async (client) => {
      const plan = await this.#plan(client, read.rows, context);
      const report = reportOf(plan, false);
      const { created, changed, unchanged, refused } = report;
      await this.#deps.store.save(client, plan.changes, { actor: call.caller.client, reason: call.reason });
      await audit(client, call, { action: 'import-public-services', target: 'public-services', detail: { sha256, created, changed, unchanged, refused } });
      return report;
    });
  }

  /** Registers or changes one service. */
  async save(call: ServiceCall, draft: ServiceDraft): Promise<ServiceAnswer<{ readonly procedureCode: string; readonly agencyCode: string; readonly outcome: ServiceOutcome }>> {
    const rows = [{ line: 1, draft, problems: [] }];
    const context = await this.#context(call, 'savePublicService', { rows, path: (field) => `service.${field}` });
    return this.#change(call, { action: 'save-public-service', input: draft }, async (client) => {
      const { reports: [report], changes } = await this.#plan(client, rows, context);
      if (report?.procedureCode == null || report.agencyCode === null || report.outcome === 'REFUSED') throw new RefusedChange(report?.problems ?? []);
      await this.#deps.store.save(client, changes, { actor: call.caller.client, reason: call.reason });
      const { procedureCode, agencyCode, outcome } = report;
      await audit(client, call, { action: 'save-public-service', target: `public-service/${serviceKey({ procedureCode, agencyCode })}`, detail: { outcome } });
      return { procedureCode, agencyCode, outcome };
    });
  }

  /** Moves a service in the connection register. */
  async move(call: ServiceCall, order: MoveOrder): Promise<ServiceAnswer<{ readonly serviceId: string }>> {
    const { store, settings, agencies } = this.#deps;
    const view = await agencies.scope.viewOf(call.caller);
    const agencyCode = agencyOf(order.agencyCode, { view, tenantAgencyCodes: settings.tenantAgencyCodes });
    if (agencyCode === null) await this.#recordHidden(call, 'setConnectionState', { view, codes: [order.agencyCode] });
    // Before the transaction: it may need a connection of its own.
    const context = await readinessContext(this.#deps, view.tree, agencyCode === null ? [] : [agencyCode]);
    return this.#change(call, { action: 'set-connection-state', input: order }, async (client) => {
      const [service] = agencyCode === null ? [] : await this.#found(client, view, { procedureCode: cleanCode(order.procedureCode), agencyCode });
      if (service === undefined) throw new RefusedChange([problemAt('procedureCode', NO_SERVICE)]);
      const readiness = checkReadiness(service, context);
      const { unmet } = readiness;
      const refusal = refusalOfMove(service.state, { to: order.to, override: order.override, role: call.caller.role, readiness });
      if (refusal !== null) throw new RefusedChange([refusal.problem], refusal.unmet);
      const overridden = order.override && unmet.length > 0;
      await store.move(client, { serviceId: service.id, fromState: service.state, toState: order.to, level: service.level, actor: call.caller.client, reason: call.reason, overridden });
      await audit(client, call, {
        action: 'set-connection-state', target: `public-service/${serviceKey(service)}`, detail: { from: service.state, to: order.to, overridden, ...(overridden ? { unmet } : {}) },
      });
      return { serviceId: service.id };
    });
  }

  #found(client: pg.PoolClient, { agencyCodes }: AgencyView, { procedureCode, agencyCode }: { procedureCode: string; agencyCode: string }): Promise<readonly PublicService[]> {
    return this.#deps.store.list({ procedureCode, agencyCodes, underCodes: [agencyCode] }, { after: null, limit: 1 }, client);
  }

  async #plan(client: pg.PoolClient, rows: readonly DraftRow[], context: PlanContext): Promise<ServicePlan> {
    const checked = rows.map((row) => checkDraft(row, context));
    const sound = checked.filter(({ problems }) => problems.length === 0).map(({ draft }) => draft);
    const stored = await this.#deps.store.facts(client, sound);
    return planServices(checked, new Map(stored.map((facts) => [serviceKey(facts), facts])), context.path);
  }

  async #context(call: ServiceCall, operation: string, { rows, path }: { rows: readonly DraftRow[]; path: PlanContext['path'] }): Promise<PlanContext> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    await this.#recordHidden(call, operation, { view, codes: rows.map(({ draft }) => draft.agencyCode) });
    return { view, tenantAgencyCodes: this.#deps.settings.tenantAgencyCodes, path };
  }

  async #recordHidden(call: ServiceCall, operation: string, { view, codes }: { view: AgencyView; codes: readonly string[] }): Promise<void> {
    if (view.agencyCodes === null) return;
    const hidden = codes.map((code) => code.trim().toUpperCase()).filter((code) => !view.sees(code));
    await this.#deps.agencies.attempts.record(call, operation, hidden.map((target) => ({ kind: 'agency', target })));
  }

  async #change<Result>(call: ServiceCall, of: { readonly action: string; readonly input: unknown }, work: (client: pg.PoolClient) => Promise<Result>): Promise<ServiceAnswer<Result>> {
    const { store } = this.#deps;
    try {
      return await actOnce(this.#deps, call, {
        ...of,
        work: async (client) => {
          await store.lock(client);
          return work(client);
        },
      });
    } catch (error) {
      if (error instanceof RefusedChange) return { kind: 'refused', problems: error.problems, unmet: error.unmet };
      throw error;
    }
  }
}

const audit = (client: pg.PoolClient, call: ServiceCall, of: { action: string; target: string; detail: Record<string, unknown> }): Promise<void> =>
  recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, reason: call.reason, ...of });

const inputPath = (field: string, line: number): string => `services[${String(line - 1)}].${field}`;

const digestOf = ({ rows, file }: ServiceImport): string => createHash('sha256').update(file ?? JSON.stringify(rows)).digest('hex');

const countOf = (reports: readonly ServiceRowReport[], outcome: ServiceOutcome): number => reports.filter((report) => report.outcome === outcome).length;

const reportOf = ({ reports }: ServicePlan, dryRun: boolean): ServiceImportReport => ({
  dryRun, created: countOf(reports, 'CREATED'), changed: countOf(reports, 'CHANGED'), unchanged: countOf(reports, 'UNCHANGED'), refused: countOf(reports, 'REFUSED'), rows: reports,
});

const rowsOf = ({ rows, file }: ServiceImport): ReadRows => {
  if ((rows === null) === (file === null)) return { ok: false, problems: [problemAt('services', breach('ROWS_OR_FILE', 'Gửi danh sách hoặc tệp, không gửi cả hai', 'Send rows or a file, not both'))] };
  if (file !== null) return fileRows(file);
  const count = rows?.length ?? 0;
  if (count < 1 || count > MAX_ROWS_PER_CALL) {
    return { ok: false, problems: [problemAt('services', breach('COUNT', `Cần từ 1 đến ${String(MAX_ROWS_PER_CALL)} mục`, `Between 1 and ${String(MAX_ROWS_PER_CALL)} members are needed`))] };
  }
  return { ok: true, rows: (rows ?? []).map((draft, index) => ({ line: index + 1, draft, problems: [] })) };
};

const fileRows = (file: Uint8Array): ReadRows => {
  try {
    return readServiceRows(readTable(file));
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return { ok: false, problems: [problemAt('file', breach(error.fault, error.text.vi, error.text.en))] };
  }
};
