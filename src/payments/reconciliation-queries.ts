import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { Page, PageOf } from './payment-queries.js';
import type { Below } from './payment-read-store.js';
import type { DifferenceClass } from './reconciliation-compare.js';
import { isDay } from './reconciliation-day.js';
import { ReconciliationReadStore } from './reconciliation-read-store.js';
import type { KeptDifference } from './reconciliation-read-store.js';
import type { ReconciliationRun } from './reconciliation-run.js';
import { LedgerCheckStore } from './ledger-check-store.js';
import type { LedgerCheckResult } from './ledger-check-store.js';
import { StatementStore } from './statement-store.js';
import type { Statement } from './statement-store.js';

export type { KeptDifference, LedgerCheckResult };

export interface DifferenceFilter {
  readonly runId?: string | null;
  readonly gateway?: string | null;
  readonly class?: DifferenceClass | null;
  /** Those that wait for a person, or those that are done. */
  readonly resolved?: boolean | null;
}

const MAX_PAGE = 200;
const ID = /^[1-9]\d{0,17}$/;
const CURSOR = /^reconciliation:(\d{1,18})$/;
const NEWEST = '9223372036854775807';
const invalid = (field: string, code: string, text: { readonly vi: string; readonly en: string }): never => {
  throw new UserInputError([problemAt(field, breach(code, text.vi, text.en))]);
};

const startOf = ({ first, after }: PageOf): string => {
  if (first < 1 || first > MAX_PAGE) invalid('first', 'PAGE_SIZE', { vi: `Từ 1 đến ${String(MAX_PAGE)}`, en: `Between 1 and ${String(MAX_PAGE)}` });
  if (after === null) return NEWEST;
  return CURSOR.exec(Buffer.from(after, 'base64url').toString('latin1'))?.[1] ?? invalid('after', 'CURSOR', { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this list' });
};

const belowOf = (page: PageOf): Below => ({ before: startOf(page), limit: page.first + 1 });

const pageOf = <Row extends { readonly id: string }>(found: readonly Row[], first: number): Page<Row> => {
  const rows = found.slice(0, first);
  const last = rows.at(-1);
  return { rows, hasNextPage: found.length > first, endCursor: last === undefined ? null : Buffer.from(`reconciliation:${last.id}`).toString('base64url') };
};

/** Reads of runs, statements and differences; newest first. They are of the whole province. */
export class ReconciliationQueries {
  readonly #database: Database;
  readonly #reads: ReconciliationReadStore;
  readonly #statements = new StatementStore();

  constructor(database: Database) {
    this.#database = database;
    this.#reads = new ReconciliationReadStore(database);
  }

  async runs({ gateway, day }: { readonly gateway: string | null; readonly day: string | null }, page: PageOf): Promise<Page<ReconciliationRun>> {
    if (day !== null && !isDay(day)) invalid('day', 'DAY', { vi: 'Không phải là một ngày', en: 'This is no day' });
    return pageOf(await orUnavailable(this.#reads.runs({ gateway, day }, belowOf(page))), page.first);
  }

  async run(id: string): Promise<ReconciliationRun | null> {
    if (!ID.test(id)) return null;
    return orUnavailable(this.#reads.run(id));
  }

  statement(id: string): Promise<Statement | null> {
    return this.#statements.find(this.#database, id);
  }

  async differences({ runId = null, gateway = null, class: found = null, resolved = null }: DifferenceFilter, page: PageOf): Promise<Page<KeptDifference>> {
    if (runId !== null && !ID.test(runId)) return { rows: [], hasNextPage: false, endCursor: null };
    return pageOf(await orUnavailable(this.#reads.differences({ runId, gateway, class: found, resolved }, belowOf(page))), page.first);
  }

  difference(id: string): Promise<KeptDifference | null> {
    return orUnavailable(this.#reads.difference(id));
  }

  /** By run, in the order asked for: how many wait for a person, and how many there are. */
  async countsOf(runIds: readonly string[]): Promise<readonly { readonly differences: number; readonly open: number }[]> {
    const found = await this.#reads.counts(runIds);
    return runIds.map((id) => found.get(id) ?? { differences: 0, open: 0 });
  }

  /** Of the whole ledger; null before the first. */
  lastCheck(): Promise<LedgerCheckResult | null> {
    return new LedgerCheckStore(this.#database).last();
  }

  openCount(): Promise<number> {
    return this.#reads.openCount();
  }
}
