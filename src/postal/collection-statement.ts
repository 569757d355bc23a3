import { breach, problemAt } from '../dossiers/rule-breach.js';
import { AMOUNT_BREACH, STATEMENT_NAME, TIME_BREACH, amountOfCell, dayProblems, fieldOfLine, readStatement, timeOfCell } from '../payments/statement-form.js';
import type { RowReading } from '../payments/statement-form.js';
import type { StatementLine, StatementReader } from '../payments/statement-reader-port.js';
import type { Queryable } from '../store/database.js';
import type { TableRow } from '../tables/table.js';

/** Columns of our form of a carrier's statement of collected money, in any order; documented in docs/operators/post.md. */
export const COLLECTION_COLUMNS = ['order_number', 'carrier_number', 'amount_vnd', 'state', 'payout', 'time'] as const;
type Column = (typeof COLLECTION_COLUMNS)[number];

/** COLLECTED: the carrier has it. PAID_OUT: the agency has it, by the transfer that `payout` names. RETURNED: nothing was collected. */
const STATES = ['COLLECTED', 'PAID_OUT', 'RETURNED'] as const;

const BREACHES = {
  order_number: breach('ORDER_NO', 'Số đơn gồm 1 đến 64 chữ, số hoặc . _ / -', 'An order number has 1 to 64 letters, digits or . _ / -'),
  carrier_number: breach('CARRIER_NUMBER', 'Số hiệu bưu gửi gồm 1 đến 64 chữ, số hoặc . _ / -, hoặc để trống', 'A parcel number has 1 to 64 letters, digits or . _ / -, or is empty'),
  amount_vnd: AMOUNT_BREACH,
  state: breach('STATE', 'Phải là COLLECTED, PAID_OUT hoặc RETURNED', 'It must be COLLECTED, PAID_OUT or RETURNED'),
  payout: breach('PAYOUT', 'Dòng PAID_OUT cần số lệnh chuyển tiền, gồm 1 đến 32 chữ, số hoặc . _ / -; dòng khác để trống', 'A PAID_OUT line needs the number of its transfer, 1 to 32 letters, digits or . _ / -; others leave it empty'),
  time: TIME_BREACH,
} as const satisfies Record<Column, unknown>;
const PAYOUT = /^[A-Za-z0-9._/-]{1,32}$/;
/** Payouts are lines of their own; a statement's lines have one number each. */
const PAYOUT_LINES = 1_000_000;

const readRow = (row: TableRow, cellOf: (column: Column) => string, { day, seen }: { readonly day: string; readonly seen: Map<string, number> }): RowReading => {
  const [orderNumber, carrierNumber, payout] = [cellOf('order_number'), cellOf('carrier_number'), cellOf('payout')];
  const amountVnd = amountOfCell(cellOf('amount_vnd'));
  const state = STATES.find((name) => name === cellOf('state'));
  const at = timeOfCell(cellOf('time'));
  const isRight: Readonly<Record<Column, boolean>> = {
    order_number: STATEMENT_NAME.test(orderNumber), carrier_number: carrierNumber === '' || STATEMENT_NAME.test(carrierNumber), amount_vnd: amountVnd !== null, state: state !== undefined,
    payout: state === 'PAID_OUT' ? PAYOUT.test(payout) : payout === '', time: at !== null,
  };
  const problems = COLLECTION_COLUMNS.filter((column) => !isRight[column]).map((column) => problemAt(fieldOfLine(row, column), BREACHES[column]));
  problems.push(...dayProblems(at, { day, field: fieldOfLine(row, 'time') }));
  if (problems.length > 0 || state === undefined) return { problems };
  // Said in passing: it books nothing, and is true again of a payout that follows.
  if (state === 'COLLECTED') return { lines: [] };
  // The parcel is the transaction: a carrier collects once at one door, whatever it pays out.
  const line: StatementLine = { line: row.line, kind: 'PAYMENT', reference: orderNumber, gatewayTransaction: carrierNumber === '' ? null : carrierNumber, amountVnd, state: 'paid', at };
  if (state === 'RETURNED') return { lines: [{ ...line, state: 'failed' }] };
  // The same parcel once more, though under the same transfer, is money once more: it is kept, and waits for a person.
  const before = seen.get(orderNumber) ?? 0;
  seen.set(orderNumber, before + 1);
  const transaction = `${payout}/${carrierNumber === '' ? orderNumber : carrierNumber}${before === 0 ? '' : `/${String(before + 1)}`}`;
  const paidOut: StatementLine = { ...line, line: PAYOUT_LINES + row.line, kind: 'PAYOUT', gatewayTransaction: transaction };
  return { lines: before === 0 ? [line, paidOut] : [paidOut] };
};

/** From a carrier's order numbers to our payments. */
const referencesAt = (carrier: string) => async (client: Queryable, numbers: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await client.query<{ number: string; reference: string }>(
    'SELECT s.order_number AS number, p.reference FROM shipments s JOIN payments p ON p.id = s.payment_id WHERE s.carrier = $1 AND s.order_number = ANY ($2)', [carrier, numbers]);
  return new Map(rows.map(({ number, reference }) => [number, reference]));
};

/** Statement of money collected at doors: CSV, or the same as a sheet of XLSX. No carrier's own form is known. */
export const collectionStatements = (carrier: string): StatementReader => ({
  read: (bytes, day) => {
    const seen = new Map<string, number>();
    return readStatement(bytes, { columns: COLLECTION_COLUMNS, readRow: (row, cellOf) => readRow(row, cellOf, { day, seen }) });
  },
  references: referencesAt(carrier),
});
