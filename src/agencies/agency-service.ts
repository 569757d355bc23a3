import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { actOnce } from '../store/act-once.js';
import { readTable } from '../tables/read-table.js';
import { TableError } from '../tables/table.js';
import type { Agency } from './agency.js';
import type { AgencyDraft } from './agency-draft.js';
import type { AgencyDirectory } from './agency-directory.js';
import { planMerger } from './agency-merger.js';
import type { MergerOrder } from './agency-merger.js';
import { planAgencies } from './agency-plan.js';
import type { AgencyPlan, RowOutcome, RowReport } from './agency-plan.js';
import { columnName, readAgencyRows } from './agency-rows.js';
import type { DraftRow } from './agency-rows.js';
import type { AgencyStore } from './agency-store.js';
import { AgencyTree } from './agency-tree.js';

export interface AgencyCall {
  readonly caller: Caller;
  readonly idempotencyKey: string;
  readonly reason: string;
}

export interface ImportReport {
  readonly dryRun: boolean;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly rows: readonly RowReport[];
}

/** The whole of the input cannot be used; nothing was changed, and the key is free. */
export interface AgencyRefusal {
  readonly kind: 'refused';
  readonly problems: readonly InputProblem[];
}

export type Answered<Result> = { readonly kind: 'done'; readonly result: Result } | AgencyRefusal | { readonly kind: 'conflict'; readonly key: string };

export interface AgencyServiceDeps {
  readonly database: Database;
  readonly store: AgencyStore;
  readonly directory: AgencyDirectory;
  readonly settings: { readonly tenantAgencyCodes: readonly string[]; readonly fingerprintKey: Buffer; readonly keepHours: number };
}

/** Undoes the transaction, and with it the claim of the key. */
class RefusedChange extends Error {
  readonly problems: readonly InputProblem[];
  constructor(problems: readonly InputProblem[]) {
    super('the change is refused');
    this.problems = problems;
  }
}

const countOf = (reports: readonly RowReport[], outcome: RowOutcome): number => reports.filter((report) => report.outcome === outcome).length;

const reportOf = ({ reports }: AgencyPlan, dryRun: boolean): ImportReport => ({
  dryRun, created: countOf(reports, 'CREATED'), changed: countOf(reports, 'CHANGED'), unchanged: countOf(reports, 'UNCHANGED'), refused: countOf(reports, 'REFUSED'), rows: reports,
});

/** Changes of the tree: each is one transaction with its audit row, once under the caller's key, and one at a time. */
export class AgencyService {
  readonly #deps: AgencyServiceDeps;

  constructor(deps: AgencyServiceDeps) {
    this.#deps = deps;
  }

  /** A file of agencies, CSV or XLSX. Rows that are refused are reported and left out; the others are written together. */
  async importFile(call: AgencyCall, file: Uint8Array, { dryRun }: { readonly dryRun: boolean }): Promise<Answered<ImportReport>> {
    const read = readRows(file);
    if (!read.ok) return { kind: 'refused', problems: read.problems };
    const context = { tenant: this.#deps.settings.tenantAgencyCodes, path: columnName };
    if (dryRun) return { kind: 'done', result: reportOf(planAgencies(await this.#deps.directory.current(), read.rows, context), true) };
    const sha256 = createHash('sha256').update(file).digest('hex');
    return this.#change(call, { action: 'import-agencies', input: { sha256 } }, async (client, tree) => {
      const plan = planAgencies(tree, read.rows, context);
      const report = reportOf(plan, false);
      await this.#deps.store.save(client, plan.changes);
      const { created, changed, unchanged, refused } = report;
      await this.#audit(client, call, { action: 'import-agencies', target: 'agencies', detail: { sha256, created, changed, unchanged, refused } });
      return report;
    });
  }

  /** Creates or changes one agency; a new parent moves all that is below it too. */
  async save(call: AgencyCall, draft: AgencyDraft): Promise<Answered<{ readonly code: string; readonly outcome: RowOutcome }>> {
    const context = { tenant: this.#deps.settings.tenantAgencyCodes, path: (field: string) => `agency.${field}` };
    return this.#change(call, { action: 'save-agency', input: draft }, async (client, tree) => {
      const { reports: [report], changes } = planAgencies(tree, [{ line: 1, draft, problems: [] }], context);
      if (report?.code == null || report.outcome === 'REFUSED') throw new RefusedChange(report?.problems ?? []);
      await this.#deps.store.save(client, changes);
      for (const after of changes) await this.#audit(client, call, { action: 'save-agency', target: `agency/${after.code}`, detail: changeDetail(tree.find(after.code), after) });
      return { code: report.code, outcome: report.outcome };
    });
  }

  /** Ends agencies and gives their charge to another from a day on. */
  async merge(call: AgencyCall, order: MergerOrder): Promise<Answered<{ readonly code: string }>> {
    return this.#change(call, { action: 'merge-agencies', input: order }, async (client, tree) => {
      const plan = planMerger(tree, order);
      if (!plan.ok) throw new RefusedChange(plan.problems);
      await this.#deps.store.save(client, plan.changes);
      const detail = { from: plan.from, since: order.since, moved: plan.moved };
      await this.#audit(client, call, { action: 'merge-agencies', target: `agency/${plan.into}`, detail });
      return { code: plan.into };
    });
  }

  async #change<Result>(call: AgencyCall, of: { readonly action: string; readonly input: unknown }, work: (client: pg.PoolClient, tree: AgencyTree) => Promise<Result>): Promise<Answered<Result>> {
    const { store } = this.#deps;
    try {
      return await actOnce(this.#deps, call, {
        ...of,
        work: async (client) => {
          await store.lock(client);
          return work(client, new AgencyTree((await store.load(client)).agencies));
        },
      });
    } catch (error) {
      if (error instanceof RefusedChange) return { kind: 'refused', problems: error.problems };
      throw error;
    }
  }

  #audit(client: pg.PoolClient, call: AgencyCall, of: { action: string; target: string; detail: Record<string, unknown> }): Promise<void> {
    return recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, reason: call.reason, ...of });
  }
}

const changeDetail = (before: Agency | null, after: Agency): Record<string, unknown> => {
  if (before === null) return { created: true };
  const fields = (Object.keys(after) as (keyof Agency)[]).filter((field) => JSON.stringify(after[field]) !== JSON.stringify(before[field]));
  return { changed: fields, ...(before.parentCode === after.parentCode ? {} : { moved: { from: before.parentCode, to: after.parentCode } }) };
};

const readRows = (file: Uint8Array): { readonly ok: true; readonly rows: readonly DraftRow[] } | { readonly ok: false; readonly problems: readonly InputProblem[] } => {
  try {
    return readAgencyRows(readTable(file));
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return { ok: false, problems: [problemAt('file', breach(error.fault, error.text.vi, error.text.en))] };
  }
};
