import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { readTable } from '../tables/read-table.js';
import { TableError } from '../tables/table.js';
import type { TableRow } from '../tables/table.js';
import { vietnamMidnight } from './reconciliation-day.js';
import { MAX_AMOUNT_VND } from './payment-limits.js';
import type { StatementKind, StatementLine, StatementReader, StatementReading } from './statement-reader-port.js';

/** Columns of our form, in any order; documented in docs/operators/reconciliation.md. */
export const STATEMENT_COLUMNS = ['kind', 'reference', 'transaction', 'amount_vnd', 'state', 'time'] as const;
type Column = (typeof STATEMENT_COLUMNS)[number];

const KINDS: readonly StatementKind[] = ['PAYMENT', 'REFUND', 'PAYOUT'];
const STATES = { PAID: 'paid', PENDING: 'pending', FAILED: 'failed', DISPUTED: 'disputed' } as const;
const DONE_ONLY = ['PAID'] as const;
const NAME = /^[A-Za-z0-9._/-]{1,64}$/;
const AMOUNT = /^[1-9]\d{0,14}$/;
const TIME = /^(\d{4})-(\d{2})-(\d{2}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/;
const VIETNAM_OFFSET_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
const MAX_PROBLEMS = 100;

const BREACHES = {
  kind: breach('KIND', 'Phải là PAYMENT, REFUND hoặc PAYOUT', 'It must be PAYMENT, REFUND or PAYOUT'),
  reference: breach('REFERENCE', 'Mã tham chiếu gồm 1 đến 64 chữ, số hoặc . _ / -; chỉ dòng PAYMENT được để trống', 'A reference has 1 to 64 letters, digits or . _ / -; only a PAYMENT may lack it'),
  transaction: breach('TRANSACTION', 'Số giao dịch gồm 1 đến 64 chữ, số hoặc . _ / -', 'A transaction number has 1 to 64 letters, digits or . _ / -'),
  amount_vnd: breach('AMOUNT', 'Số tiền là số nguyên đồng, không có dấu phân cách', 'An amount is whole VND without separators'),
  state: breach('STATE', 'Phải là PAID, PENDING, FAILED hoặc DISPUTED; dòng REFUND và PAYOUT chỉ nhận PAID', 'It must be PAID, PENDING, FAILED or DISPUTED; of a REFUND or PAYOUT only PAID'),
  time: breach('TIME', 'Thời điểm dạng 2026-11-22 14:05:09, giờ Việt Nam', 'A time is written 2026-11-22 14:05:09, in Vietnam'),
} as const satisfies Record<Column, unknown>;
const OTHER_DAY = breach('DAY', 'Thời điểm cách ngày của sao kê quá một ngày', 'The time is more than a day off the day of the statement');
const REPEATED = breach('REPEATED', 'Trùng với một dòng trước', 'The same stands in a line before');
const COLUMN = breach('COLUMNS', `Dòng đầu phải gồm đúng các cột: ${STATEMENT_COLUMNS.join(', ')}`, `The first line must name exactly these columns: ${STATEMENT_COLUMNS.join(', ')}`);

const timeOf = (cell: string): Date | null => {
  if (!TIME.test(cell)) return null;
  const asUtc = new Date(`${cell.replace(' ', 'T')}Z`);
  // 30 February is no day, and Date would make another of it.
  return Number.isNaN(asUtc.getTime()) || asUtc.toISOString().slice(0, 10) !== cell.slice(0, 10) ? null : new Date(asUtc.getTime() - VIETNAM_OFFSET_MS);
};

const isNear = (at: Date, day: string): boolean => {
  const midnight = vietnamMidnight(day).getTime();
  return at.getTime() >= midnight - DAY_MS && at.getTime() < midnight + 2 * DAY_MS;
};

type Cells = (column: Column) => string;

const amountOf = (cell: string): number | null => (AMOUNT.test(cell) && Number(cell) <= MAX_AMOUNT_VND ? Number(cell) : null);

/** A refund or a payout stands in a statement when it is done. */
const stateOf = (cell: string, kind: StatementKind | undefined): StatementLine['state'] | null => {
  const name = (kind === 'PAYMENT' ? Object.keys(STATES) : DONE_ONLY).find((known) => known === cell) as keyof typeof STATES | undefined;
  return name === undefined ? null : STATES[name];
};

/** A line of text → the line, or its problems. */
const readLine = (row: TableRow, cellOf: Cells, day: string): { readonly line: StatementLine } | { readonly problems: readonly InputProblem[] } => {
  const at = timeOf(cellOf('time'));
  const kind = KINDS.find((name) => name === cellOf('kind'));
  const state = stateOf(cellOf('state'), kind);
  const reference = cellOf('reference');
  const amountVnd = amountOf(cellOf('amount_vnd'));
  const isRight: Readonly<Record<Column, boolean>> = {
    kind: kind !== undefined, reference: NAME.test(reference) || (reference === '' && kind === 'PAYMENT'), transaction: NAME.test(cellOf('transaction')),
    amount_vnd: amountVnd !== null, state: state !== null, time: at !== null,
  };
  const field = (column: Column): string => `line ${String(row.line)}: ${column}`;
  const problems = STATEMENT_COLUMNS.filter((column) => !isRight[column]).map((column) => problemAt(field(column), BREACHES[column]));
  if (at !== null && !isNear(at, day)) problems.push(problemAt(field('time'), OTHER_DAY));
  if (problems.length > 0 || kind === undefined || state === null) return { problems };
  return { line: { line: row.line, kind, reference: reference === '' ? null : reference, gatewayTransaction: cellOf('transaction'), amountVnd, state, at } };
};

const refused = (problems: readonly InputProblem[]): StatementReading => ({ kind: 'refused', problems: problems.slice(0, MAX_PROBLEMS) });

const columnsOf = (header: readonly string[]): ReadonlyMap<Column, number> | null => {
  const places = new Map(STATEMENT_COLUMNS.map((column) => [column, header.map((name) => name.toLowerCase()).indexOf(column)]));
  return header.length === STATEMENT_COLUMNS.length && [...places.values()].every((place) => place >= 0) ? places : null;
};

const readLines = (bytes: Uint8Array, day: string): StatementReading => {
  const { header, rows } = readTable(bytes);
  const columns = columnsOf(header);
  if (columns === null) return refused([problemAt('line 1', COLUMN)]);
  const problems: InputProblem[] = [];
  const lines: StatementLine[] = [];
  const seen = new Set<string>();
  for (const row of rows) {
    const read = readLine(row, (column) => row.cells[columns.get(column) ?? -1] ?? '', day);
    if ('problems' in read) {
      problems.push(...read.problems);
      continue;
    }
    const { kind, gatewayTransaction, reference } = read.line;
    const key = JSON.stringify([kind, gatewayTransaction, reference]);
    if (seen.has(key)) problems.push(problemAt(`line ${String(row.line)}: transaction`, REPEATED));
    seen.add(key);
    lines.push(read.line);
  }
  return problems.length > 0 ? refused(problems) : { kind: 'read', lines };
};

/** Our own form of a statement, for every gateway: CSV, or the same as a sheet of XLSX. */
export const csvStatements: StatementReader = {
  read: (bytes, day) => {
    try {
      return readLines(bytes, day);
    } catch (error) {
      if (error instanceof TableError) return refused([problemAt('contentBase64', { code: error.fault, message: error.text })]);
      throw error;
    }
  },
};
