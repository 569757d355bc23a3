import { readCsv } from './csv-table.js';
import { TABLE_LIMITS, TableError, type Table } from './table.js';
import { readXlsx } from './xlsx-table.js';

const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** The old binary .xls; it is named apart, for people still save it. */
const OLE = [0xd0, 0xcf, 0x11, 0xe0];

const startsWith = (bytes: Uint8Array, signature: readonly number[]): boolean => signature.every((byte, index) => bytes[index] === byte);

/** Reads a CSV or XLSX file by its content, whatever it is called. Throws TableError. */
export const readTable = (bytes: Uint8Array): Table => {
  const table = readHeadedTable(bytes);
  if (table.rows.length === 0) throw new TableError('FILE_EMPTY');
  return table;
};

/** The same of a file that may say, by its header alone, that there is nothing. Throws TableError. */
export const readHeadedTable = (bytes: Uint8Array): Table => {
  if (bytes.length > TABLE_LIMITS.fileBytes) throw new TableError('FILE_SIZE');
  if (startsWith(bytes, OLE)) throw new TableError('FILE_KIND');
  return startsWith(bytes, ZIP) ? readXlsx(bytes) : readCsv(bytes);
};

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const VIETNAMESE_DAY = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/;
/** Days since 30 December 1899, as Excel counts from March 1900 on; five digits are the years 1927 to 2173. */
const SERIAL = /^\d{5}(\.0+)?$/;
const SERIAL_EPOCH_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;

const pad = (text: string): string => text.padStart(2, '0');

/** A day as people write it (`2025-07-01`, `1/7/2025`) or as a workbook stores it → `yyyy-mm-dd`; null when it is none. */
export const dayOfCell = (cell: string): string | null => {
  if (SERIAL.test(cell)) return new Date(SERIAL_EPOCH_MS + Number(cell) * DAY_MS).toISOString().slice(0, 10);
  const [, date = '', month = '', year = ''] = VIETNAMESE_DAY.exec(cell) ?? [];
  const day = DAY.test(cell) ? cell : `${year}-${pad(month)}-${pad(date)}`;
  const parsed = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== day ? null : day;
};
