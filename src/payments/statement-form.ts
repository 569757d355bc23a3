import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { readHeadedTable } from '../tables/read-table.js';
import { TableError } from '../tables/table.js';
import type { TableRow } from '../tables/table.js';
import { MAX_AMOUNT_VND } from './payment-limits.js';
import { vietnamMidnight } from './reconciliation-day.js';
import type { StatementLine, StatementReading } from './statement-reader-port.js';

/** A number or name as parties write them. */
export const STATEMENT_NAME = /^[A-Za-z0-9._/-]{1,64}$/;
const AMOUNT = /^[1-9]\d{0,14}$/;
const TIME = /^(\d{4})-(\d{2})-(\d{2}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/;
const VIETNAM_OFFSET_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
const MAX_PROBLEMS = 100;

export const AMOUNT_BREACH = breach('AMOUNT', 'Số tiền là số nguyên đồng, không có dấu phân cách', 'An amount is whole VND without separators');
export const TIME_BREACH = breach('TIME', 'Thời điểm dạng 2026-11-22 14:05:09, giờ Việt Nam', 'A time is written 2026-11-22 14:05:09, in Vietnam');
const OTHER_DAY = breach('DAY', 'Thời điểm cách ngày của sao kê quá một ngày', 'The time is more than a day off the day of the statement');

/** Wall clock of Vietnam → instant; null for what is no time. */
export const timeOfCell = (cell: string): Date | null => {
  if (!TIME.test(cell)) return null;
  const asUtc = new Date(`${cell.replace(' ', 'T')}Z`);
  // 30 February is no day, and Date would make another of it.
  return Number.isNaN(asUtc.getTime()) || asUtc.toISOString().slice(0, 10) !== cell.slice(0, 10) ? null : new Date(asUtc.getTime() - VIETNAM_OFFSET_MS);
};

export const amountOfCell = (cell: string): number | null => (AMOUNT.test(cell) && Number(cell) <= MAX_AMOUNT_VND ? Number(cell) : null);

/** What is wrong with a time that is far off the statement's day. */
export const dayProblems = (at: Date | null, { day, field }: { readonly day: string; readonly field: string }): readonly InputProblem[] => {
  const midnight = vietnamMidnight(day).getTime();
  return at === null || (at.getTime() >= midnight - DAY_MS && at.getTime() < midnight + 2 * DAY_MS) ? [] : [problemAt(field, OTHER_DAY)];
};

export const fieldOfLine = (row: TableRow, column: string): string => `line ${String(row.line)}: ${column}`;

/** A row of a statement: its lines, or what is wrong with it. */
export type RowReading = { readonly lines: readonly StatementLine[] } | { readonly problems: readonly InputProblem[] };

export interface StatementForm<Column extends string> {
  /** Exactly these, in any order. */
  readonly columns: readonly Column[];
  readonly readRow: (row: TableRow, cellOf: (column: Column) => string) => RowReading;
}

const refused = (problems: readonly InputProblem[]): StatementReading => ({ kind: 'refused', problems: problems.slice(0, MAX_PROBLEMS) });

const placesOf = <Column extends string>(header: readonly string[], columns: readonly Column[]): ReadonlyMap<Column, number> | null => {
  const places = new Map(columns.map((column) => [column, header.map((name) => name.toLowerCase()).indexOf(column)]));
  return header.length === columns.length && [...places.values()].every((place) => place >= 0) ? places : null;
};

/** Reads CSV, or the same as a sheet of XLSX; any wrong line refuses the whole. The columns alone say that there was nothing on that day. */
export const readStatement = <Column extends string>(bytes: Uint8Array, { columns, readRow }: StatementForm<Column>): StatementReading => {
  try {
    const { header, rows } = readHeadedTable(bytes);
    const places = placesOf(header, columns);
    if (places === null) {
      const names = columns.join(', ');
      return refused([problemAt('line 1', breach('COLUMNS', `Dòng đầu phải gồm đúng các cột: ${names}`, `The first line must name exactly these columns: ${names}`))]);
    }
    const read = rows.map((row) => readRow(row, (column) => row.cells[places.get(column) ?? -1] ?? ''));
    const problems = read.flatMap((each) => ('problems' in each ? each.problems : []));
    return problems.length > 0 ? refused(problems) : { kind: 'read', lines: read.flatMap((each) => ('lines' in each ? each.lines : [])) };
  } catch (error) {
    if (error instanceof TableError) return refused([problemAt('contentBase64', { code: error.fault, message: error.text })]);
    throw error;
  }
};
