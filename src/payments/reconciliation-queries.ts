import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { Page, PageOf } from './payment-queries.js';
import type { Difference, DifferenceClass } from './reconciliation-compare.js';
import { isDay } from './reconciliation-day.js';
import { RUN_COLUMNS, toRun } from './reconciliation-run.js';
import type { ReconciliationRun } from './reconciliation-run.js';
import { LedgerCheckStore } from './ledger-check-store.js';
import type { LedgerCheckResult } from './ledger-check-store.js';
import { StatementStore } from './statement-store.js';
import type { Statement } from './statement-store.js';

export type { LedgerCheckResult };

export interface KeptDifference extends Difference {
  readonly id: string;
  readonly runId: string;
  readonly gateway: string;
  readonly day: string;
  readonly resolvedBy: string | null;
  readonly resolvedAt: Date | null;
  readonly resolution: string | null;
}

export interface DifferenceFilter {
  readonly runId?: string | null;
  readonly gateway?: string | null;
  readonly class?: DifferenceClass | null;
  /** Those that wait for a person, or those that are done. */
  readonly resolved?: boolean | null;
}

type StoredDifference = Omit<KeptDifference, 'oursVnd' | 'theirsVnd'> & { readonly oursVnd: string | null; readonly theirsVnd: string | null };

const MAX_PAGE = 200;
const ID = /^[1-9]\d{0,17}$/;
const CURSOR = /^reconciliation:(\d{1,18})$/;
const NEWEST = '9223372036854775807';
const COLUMNS = `d.id, d.run_id AS "runId", r.gateway, to_char(r.day, 'YYYY-MM-DD') AS day, d.class, d.kind, d.action, d.payment_id AS "paymentId", d.reference, d.gateway_transaction AS "gatewayTransaction",
  d.ours_vnd AS "oursVnd", d.theirs_vnd AS "theirsVnd", d.ours_state AS "oursState", d.theirs_state AS "theirsState", d.resolved_by AS "resolvedBy", d.resolved_at AS "resolvedAt", d.resolution`;

const orNumber = (text: string | null): number | null => (text === null ? null : Number(text));
const toDifference = (row: StoredDifference): KeptDifference => ({ ...row, oursVnd: orNumber(row.oursVnd), theirsVnd: orNumber(row.theirsVnd) });

const invalid = (field: string, code: string, text: { readonly vi: string; readonly en: string }): never => {
  throw new UserInputError([problemAt(field, breach(code, text.vi, text.en))]);
};

const startOf = ({ first, after }: PageOf): string => {
  if (first < 1 || first > MAX_PAGE) invalid('first', 'PAGE_SIZE', { vi: `Từ 1 đến ${String(MAX_PAGE)}`, en: `Between 1 and ${String(MAX_PAGE)}` });
  if (after === null) return NEWEST;
  return CURSOR.exec(Buffer.from(after, 'base64url').toString('latin1'))?.[1] ?? invalid('after', 'CURSOR', { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this list' });
};

const pageOf = <Row extends { readonly id: string }>(found: readonly Row[], first: number): Page<Row> => {
  const rows = found.slice(0, first);
  const last = rows.at(-1);
  return { rows, hasNextPage: found.length > first, endCursor: last === undefined ? null : Buffer.from(`reconciliation:${last.id}`).toString('base64url') };
};

/** Reads of runs, statements and differences; newest first. They are of the whole province. */
export class ReconciliationQueries {
  readonly #database: Database;
  readonly #statements = new StatementStore();

  constructor(database: Database) {
    this.#database = database;
  }

  async runs({ gateway, day }: { readonly gateway: string | null; readonly day: string | null }, page: PageOf): Promise<Page<ReconciliationRun>> {
    if (day !== null && !isDay(day)) invalid('day', 'DAY', { vi: 'Không phải là một ngày', en: 'This is no day' });
    const { rows } = await orUnavailable(this.#database.query<Parameters<typeof toRun>[0]>(
      `SELECT ${RUN_COLUMNS} FROM reconciliation_runs r WHERE r.id < $1 AND ($2::text IS NULL OR r.gateway = $2) AND ($3::date IS NULL OR r.day = $3) ORDER BY r.id DESC LIMIT $4`,
      [startOf(page), gateway, day, page.first + 1]));
    return pageOf(rows.map(toRun), page.first);
  }

  async run(id: string): Promise<ReconciliationRun | null> {
    if (!ID.test(id)) return null;
    const { rows } = await orUnavailable(this.#database.query<Parameters<typeof toRun>[0]>(`SELECT ${RUN_COLUMNS} FROM reconciliation_runs r WHERE r.id = $1`, [id]));
    return rows[0] === undefined ? null : toRun(rows[0]);
  }

  statement(id: string): Promise<Statement | null> {
    return this.#statements.find(this.#database, id);
  }

  async differences({ runId = null, gateway = null, class: found = null, resolved = null }: DifferenceFilter, page: PageOf): Promise<Page<KeptDifference>> {
    if (runId !== null && !ID.test(runId)) return { rows: [], hasNextPage: false, endCursor: null };
    const { rows } = await orUnavailable(this.#database.query<StoredDifference>(
      `SELECT ${COLUMNS} FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id WHERE d.id < $1 AND ($2::bigint IS NULL OR d.run_id = $2) AND ($3::text IS NULL OR r.gateway = $3)
         AND ($4::text IS NULL OR d.class = $4) AND ($5::boolean IS NULL OR (d.resolved_at IS NOT NULL) = $5) ORDER BY d.id DESC LIMIT $6`,
      [startOf(page), runId, gateway, found, resolved, page.first + 1]));
    return pageOf(rows.map(toDifference), page.first);
  }

  async difference(id: string): Promise<KeptDifference | null> {
    const { rows } = await orUnavailable(this.#database.query<StoredDifference>(`SELECT ${COLUMNS} FROM reconciliation_differences d JOIN reconciliation_runs r ON r.id = d.run_id WHERE d.id = $1`, [id]));
    return rows[0] === undefined ? null : toDifference(rows[0]);
  }

  /** By run, in the order asked for: how many wait for a person, and how many there are. */
  async countsOf(runIds: readonly string[]): Promise<readonly { readonly differences: number; readonly open: number }[]> {
    const { rows } = await this.#database.query<{ runId: string; differences: number; open: number }>(
      `SELECT run_id AS "runId", count(*)::integer AS differences, (count(*) FILTER (WHERE resolved_at IS NULL))::integer AS open FROM reconciliation_differences WHERE run_id = ANY ($1) GROUP BY run_id`, [runIds]);
    const found = new Map(rows.map(({ runId, differences, open }) => [runId, { differences, open }]));
    return runIds.map((id) => found.get(id) ?? { differences: 0, open: 0 });
  }

  /** Of the whole ledger; null before the first. */
  lastCheck(): Promise<LedgerCheckResult | null> {
    return new LedgerCheckStore(this.#database).last();
  }

  async openCount(): Promise<number> {
    const { rows } = await this.#database.query<{ open: number }>('SELECT count(*)::integer AS open FROM reconciliation_differences WHERE resolved_at IS NULL');
    return rows[0]?.open ?? 0;
  }
}
