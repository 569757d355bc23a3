import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { TableRow } from '../tables/table.js';
import { AMOUNT_BREACH, STATEMENT_NAME, TIME_BREACH, amountOfCell, dayProblems, fieldOfLine, readStatement, timeOfCell } from './statement-form.js';
import type { RowReading } from './statement-form.js';
import type { StatementKind, StatementLine, StatementReader } from './statement-reader-port.js';

/** Columns of our form, in any order; documented in docs/operators/reconciliation.md. */
export const STATEMENT_COLUMNS = ['kind', 'reference', 'transaction', 'amount_vnd', 'state', 'time'] as const;
type Column = (typeof STATEMENT_COLUMNS)[number];

const KINDS: readonly StatementKind[] = ['PAYMENT', 'REFUND', 'PAYOUT'];
const STATES = { PAID: 'paid', PENDING: 'pending', FAILED: 'failed', DISPUTED: 'disputed' } as const;
const DONE_ONLY = ['PAID'] as const;

const BREACHES = {
  kind: breach('KIND', 'Phải là PAYMENT, REFUND hoặc PAYOUT', 'It must be PAYMENT, REFUND or PAYOUT'),
  reference: breach('REFERENCE', 'Mã tham chiếu gồm 1 đến 64 chữ, số hoặc . _ / -; chỉ dòng PAYMENT được để trống', 'A reference has 1 to 64 letters, digits or . _ / -; only a PAYMENT may lack it'),
  transaction: breach('TRANSACTION', 'Số giao dịch gồm 1 đến 64 chữ, số hoặc . _ / -', 'A transaction number has 1 to 64 letters, digits or . _ / -'),
  amount_vnd: AMOUNT_BREACH,
  state: breach('STATE', 'Phải là PAID, PENDING, FAILED hoặc DISPUTED; dòng REFUND và PAYOUT chỉ nhận PAID', 'It must be PAID, PENDING, FAILED or DISPUTED; of a REFUND or PAYOUT only PAID'),
  time: TIME_BREACH,
} as const satisfies Record<Column, unknown>;
const REPEATED = breach('REPEATED', 'Trùng với một dòng trước', 'The same stands in a line before');

type Cells = (column: Column) => string;

/** A refund or a payout stands in a statement when it is done. */
const stateOf = (cell: string, kind: StatementKind | undefined): StatementLine['state'] | null => {
  const name = (kind === 'PAYMENT' ? Object.keys(STATES) : DONE_ONLY).find((known) => known === cell) as keyof typeof STATES | undefined;
  return name === undefined ? null : STATES[name];
};

/** A line of text → the line, or its problems. */
const readRow = (row: TableRow, cellOf: Cells, { day, seen }: { readonly day: string; readonly seen: Set<string> }): RowReading => {
  const at = timeOfCell(cellOf('time'));
  const kind = KINDS.find((name) => name === cellOf('kind'));
  const state = stateOf(cellOf('state'), kind);
  const reference = cellOf('reference');
  const amountVnd = amountOfCell(cellOf('amount_vnd'));
  const isRight: Readonly<Record<Column, boolean>> = {
    kind: kind !== undefined, reference: STATEMENT_NAME.test(reference) || (reference === '' && kind === 'PAYMENT'), transaction: STATEMENT_NAME.test(cellOf('transaction')),
    amount_vnd: amountVnd !== null, state: state !== null, time: at !== null,
  };
  const problems = STATEMENT_COLUMNS.filter((column) => !isRight[column]).map((column) => problemAt(fieldOfLine(row, column), BREACHES[column]));
  problems.push(...dayProblems(at, { day, field: fieldOfLine(row, 'time') }));
  if (problems.length > 0 || kind === undefined || state === null) return { problems };
  const line: StatementLine = { line: row.line, kind, reference: reference === '' ? null : reference, gatewayTransaction: cellOf('transaction'), amountVnd, state, at };
  const key = JSON.stringify([kind, line.gatewayTransaction, line.reference]);
  if (seen.has(key)) return { problems: [problemAt(fieldOfLine(row, 'transaction'), REPEATED)] };
  seen.add(key);
  return { lines: [line] };
};

/** Our own form of a statement, for every gateway: CSV, or the same as a sheet of XLSX. */
export const csvStatements: StatementReader = {
  read: (bytes, day) => {
    const seen = new Set<string>();
    return readStatement(bytes, { columns: STATEMENT_COLUMNS, readRow: (row, cellOf) => readRow(row, cellOf, { day, seen }) });
  },
};
