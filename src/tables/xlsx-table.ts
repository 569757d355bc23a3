import { TABLE_LIMITS, TableError, toTable, type Table, type TableRow } from './table.js';
import { openWorkbook } from './xlsx-archive.js';
import { walkXml } from './xlsx-xml.js';

type Parts = ReadonlyMap<string, Uint8Array>;

const REFERENCE = /^([A-Z]{1,3})(\d{1,7})$/;

/** `B` → 1, `AA` → 26; null for what is no reference. */
const columnOf = (reference: string | undefined): number | null => {
  const letters = REFERENCE.exec(reference ?? '')?.[1];
  if (letters === undefined) return null;
  return [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1;
};

const partOf = (parts: Parts, name: string): Uint8Array => {
  const part = parts.get(name);
  if (part === undefined) throw new TableError('FILE_DAMAGED');
  return part;
};

/** File of the first sheet in the order of the tabs. */
const firstSheet = (parts: Parts): Uint8Array => {
  let relation: string | undefined;
  walkXml(partOf(parts, 'xl/workbook.xml'), { open: (name, attributes) => {
    if (name === 'sheet') relation ??= Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1];
  } });
  let target: string | undefined;
  walkXml(partOf(parts, 'xl/_rels/workbook.xml.rels'), { open: (name, attributes) => {
    if (name === 'Relationship' && attributes['Id'] === relation) target = attributes['Target'];
  } });
  if (target === undefined) throw new TableError('FILE_DAMAGED');
  return partOf(parts, target.startsWith('/') ? target.slice(1) : `xl/${target}`);
};

/** Texts that cells point at. Runs of one string are joined; phonetic hints (rPh) are no text of it. */
const sharedStrings = (parts: Parts): readonly string[] => {
  const part = parts.get('xl/sharedStrings.xml');
  const strings: string[] = [];
  if (part === undefined) return strings;
  let hint = false;
  let inText = false;
  walkXml(part, {
    open: (name) => {
      if (name === 'si') strings.push('');
      if (name === 'rPh') hint = true;
      inText = name === 't' && !hint;
    },
    text: (text) => {
      if (inText) strings.push((strings.pop() ?? '') + text);
    },
    close: (name) => {
      inText = false;
      if (name === 'rPh') hint = false;
    },
  });
  return strings;
};

/** Collects the cells of a sheet row by row. Numbers stay as written: a date is the serial number that the file holds. */
class SheetReader {
  readonly rows: TableRow[] = [];
  readonly #strings: readonly string[];
  #cells: string[] = [];
  #line = 0;
  #column = -1;
  #type = '';
  #value = '';
  #inValue = false;

  constructor(strings: readonly string[]) {
    this.#strings = strings;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'row') this.#openRow(Number(attributes['r'] ?? this.#line + 1));
    else if (name === 'c') this.#openCell(attributes);
    else this.#inValue = name === 'v' || (name === 't' && this.#type === 'inlineStr');
  }

  text(text: string): void {
    if (this.#inValue) this.#value += text;
  }

  close(name: string): void {
    this.#inValue = false;
    if (name === 'c') this.#cells[this.#column] = this.#type === 's' ? this.#shared() : this.#value;
    else if (name === 'row' && this.#cells.length > 0) this.rows.push({ line: this.#line, cells: Array.from(this.#cells, (cell) => cell ?? '') });
  }

  #openRow(line: number): void {
    if (!Number.isSafeInteger(line) || line <= this.#line) throw new TableError('FILE_DAMAGED');
    if (this.rows.length > TABLE_LIMITS.rows) throw new TableError('FILE_ROWS');
    this.#line = line;
    this.#cells = [];
    this.#column = -1;
  }

  #openCell(attributes: Readonly<Record<string, string>>): void {
    this.#column = columnOf(attributes['r']) ?? this.#column + 1;
    // Checked before the cell is stored: one cell in the last column of a sheet must not cost a row of 16,384.
    if (this.#column >= TABLE_LIMITS.columns) throw new TableError('FILE_COLUMNS');
    this.#type = attributes['t'] ?? 'n';
    this.#value = '';
  }

  #shared(): string {
    const text = this.#strings[Number(this.#value)];
    if (text === undefined) throw new TableError('FILE_DAMAGED');
    return text;
  }
}

/** The first sheet of an Excel workbook. Formulas give the value that was stored with them. Throws TableError. */
export const readXlsx = (bytes: Uint8Array): Table => {
  const parts = openWorkbook(bytes);
  const reader = new SheetReader(sharedStrings(parts));
  walkXml(firstSheet(parts), {
    open: (name, attributes) => { reader.open(name, attributes); },
    text: (text) => { reader.text(text); },
    close: (name) => { reader.close(name); },
  });
  return toTable(reader.rows);
};
