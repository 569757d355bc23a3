import { parse } from 'csv-parse/sync';
import { TABLE_LIMITS, TableError, toTable, type Table } from './table.js';

const SEPARATORS = [',', ';', '\t'] as const;

const count = (text: string, part: string): number => text.split(part).length - 1;

/** A Vietnamese Excel writes semicolons, for its decimal sign is the comma. The header decides. */
const separatorOf = (text: string): string => {
  const header = text.slice(0, TABLE_LIMITS.cellLength).split(/\r?\n/).find((line) => line.trim() !== '') ?? '';
  return [...SEPARATORS].sort((left, right) => count(header, right) - count(header, left))[0] ?? ',';
};

/** CSV in UTF-8, with or without byte order mark; comma, semicolon or tab. Throws TableError. */
export const readCsv = (bytes: Uint8Array): Table => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TableError('FILE_KIND', { cause });
  }
  if (text.includes('\0')) throw new TableError('FILE_KIND');
  const separator = separatorOf(text);
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(text, {
      delimiter: separator, relax_column_count: true, skip_empty_lines: true, info: true, max_record_size: TABLE_LIMITS.columns * TABLE_LIMITS.cellLength,
    }) as unknown as typeof rows;
  } catch (cause) {
    throw new TableError('FILE_DAMAGED', { cause });
  }
  return toTable(rows.map(({ record, info }) => ({ line: info.lines, cells: record })));
};
