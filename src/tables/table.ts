import type { BilingualText } from '../errors/gateway-error.js';

/** A sheet as text: cells as typed, in NFC and trimmed; rows without any text are left out. */
export interface Table {
  /** First row that holds text. */
  readonly header: readonly string[];
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  /** As the person sees it in a spreadsheet, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** What a file may hold. A workbook is a compressed archive: what counts is what comes out of it. */
export const TABLE_LIMITS = {
  fileBytes: 5_000_000,
  /** A sheet of 10,000 rows is some 10 MB of XML. */
  inflatedBytes: 40_000_000,
  rows: 10_000,
  columns: 60,
  cellLength: 4_000,
} as const;

export type TableFault = 'FILE_SIZE' | 'FILE_KIND' | 'FILE_DAMAGED' | 'FILE_ROWS' | 'FILE_COLUMNS' | 'FILE_CELL' | 'FILE_EMPTY';

const FAULTS: Readonly<Record<TableFault, BilingualText>> = {
  FILE_SIZE: { vi: 'Tệp quá lớn', en: 'The file is too large' },
  FILE_KIND: { vi: 'Tệp phải là CSV (UTF-8) hoặc XLSX', en: 'The file must be CSV in UTF-8, or XLSX' },
  FILE_DAMAGED: { vi: 'Không đọc được tệp', en: 'The file cannot be read' },
  FILE_ROWS: { vi: `Tệp có quá ${String(TABLE_LIMITS.rows)} dòng`, en: `The file has more than ${String(TABLE_LIMITS.rows)} rows` },
  FILE_COLUMNS: { vi: `Tệp có quá ${String(TABLE_LIMITS.columns)} cột`, en: `The file has more than ${String(TABLE_LIMITS.columns)} columns` },
  FILE_CELL: { vi: `Một ô dài quá ${String(TABLE_LIMITS.cellLength)} ký tự`, en: `A cell is longer than ${String(TABLE_LIMITS.cellLength)} characters` },
  FILE_EMPTY: { vi: 'Tệp không có dòng dữ liệu nào', en: 'The file has no row of data' },
};

/** The file as a whole cannot be used; what it holds is not repeated. */
export class TableError extends Error {
  override readonly name = 'TableError';
  readonly fault: TableFault;
  readonly text: BilingualText;

  constructor(fault: TableFault, options?: { readonly cause?: unknown }) {
    super(FAULTS[fault].en, options);
    this.fault = fault;
    this.text = FAULTS[fault];
  }
}

/** Rows of cells, numbered from 1 → table, perhaps of a header alone. Throws TableError past a limit. */
export const toTable = (rows: Iterable<TableRow>): Table => {
  const filled: TableRow[] = [];
  for (const { line, cells } of rows) {
    const clean = cells.map((cell) => cell.normalize('NFC').trim());
    if (clean.some((cell) => cell.length > TABLE_LIMITS.cellLength)) throw new TableError('FILE_CELL');
    while (clean.at(-1) === '') clean.pop();
    if (clean.length > TABLE_LIMITS.columns) throw new TableError('FILE_COLUMNS');
    if (clean.length > 0) filled.push({ line, cells: clean });
    if (filled.length > TABLE_LIMITS.rows + 1) throw new TableError('FILE_ROWS');
  }
  const [header, ...data] = filled;
  if (header === undefined) throw new TableError('FILE_EMPTY');
  return { header: header.cells, rows: data };
};
