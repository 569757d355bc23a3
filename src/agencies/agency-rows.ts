import type { InputProblem } from '../errors/gateway-error.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { dayOfCell } from '../tables/read-table.js';
import type { Table, TableRow } from '../tables/table.js';
import { AGENCY_KINDS, AGENCY_LEVELS, CONFIDENCES } from './agency.js';
import type { AgencyDraft, CodeDraft } from './agency-draft.js';
import { foldText } from './fold-text.js';

/** Column → field; each column by its name in code and by the heading that officials write, marks or not. */
const COLUMNS: Readonly<Record<keyof AgencyDraft, { readonly name: string; readonly headings: readonly string[] }>> = {
  code: { name: 'code', headings: ['ma co quan', 'ma dinh danh', 'ma'] },
  otherCodes: { name: 'other_codes', headings: ['ma khac', 'cac ma khac'] },
  confidence: { name: 'confidence', headings: ['do tin cay'] },
  nameVi: { name: 'name_vi', headings: ['ten co quan', 'ten', 'ten tieng viet'] },
  nameEn: { name: 'name_en', headings: ['ten tieng anh'] },
  kind: { name: 'kind', headings: ['loai', 'loai co quan'] },
  level: { name: 'level', headings: ['cap'] },
  parentCode: { name: 'parent_code', headings: ['ma co quan cap tren', 'ma cap tren', 'cap tren'] },
  address: { name: 'address', headings: ['dia chi'] },
  phone: { name: 'phone', headings: ['dien thoai'] },
  email: { name: 'email', headings: ['thu dien tu', 'email'] },
  activeFrom: { name: 'active_from', headings: ['tu ngay', 'hieu luc tu'] },
  activeUntil: { name: 'active_until', headings: ['den ngay', 'hieu luc den'] },
  mergedInto: { name: 'merged_into', headings: ['sap nhap vao', 'nhap vao'] },
};

/** What a row says; `code` is empty where there is none. */
export interface DraftRow {
  readonly line: number;
  readonly draft: AgencyDraft;
  readonly problems: readonly InputProblem[];
}

export const columnName = (field: string): string => (Object.hasOwn(COLUMNS, field) ? COLUMNS[field as keyof AgencyDraft].name : field);

/** Field → its position in the rows, and headings that mean nothing here. */
const layoutOf = (header: readonly string[]): { readonly places: ReadonlyMap<string, number>; readonly problems: readonly InputProblem[] } => {
  const places = new Map<string, number>();
  const problems: InputProblem[] = [];
  for (const [index, heading] of header.entries()) {
    const folded = foldText(heading);
    const field = Object.entries(COLUMNS).find(([, { name, headings }]) => name === folded || headings.includes(folded))?.[0];
    if (field === undefined && folded === '') continue;
    if (field === undefined || places.has(field)) {
      const names = Object.values(COLUMNS).map(({ name }) => name);
      problems.push({ ...problemAt(`column ${String(index + 1)}`, breach('COLUMN', 'Cột không dùng được hoặc bị lặp', 'The column is unknown or occurs twice')), allowed: names });
    } else places.set(field, index);
  }
  if (!places.has('code')) problems.push(problemAt('code', breach('COLUMN_MISSING', 'Thiếu cột mã cơ quan', 'The column code is missing')));
  return { places, problems };
};

const wordOf = <Word extends string>(words: readonly Word[], cell: string): Word | null => words.find((word) => word === cell.toUpperCase()) ?? null;

/** `000.12.34.H25@2016-01-01..2025-06-30?` – period and the mark of low confidence may be absent. */
const OTHER_CODE = /^([A-Za-z0-9.]+)(?:@(\d{4}-\d{2}-\d{2})?\.\.(\d{4}-\d{2}-\d{2})?)?(\?)?$/;

const otherCodesOf = (cell: string): readonly CodeDraft[] | null => {
  const entries = cell.split('|').map((part) => part.trim()).filter((part) => part !== '').map((part) => OTHER_CODE.exec(part));
  const codes = entries.flatMap((match): CodeDraft[] => (match === null ? [] : [
    { code: match[1] ?? '', from: match[2] ?? null, until: match[3] ?? null, confidence: match[4] === undefined ? 'MEDIUM' : 'LOW' },
  ]));
  return codes.length === entries.length ? codes : null;
};

/** Reads the cells of one row; a cell that cannot be read is a problem of its column. */
class RowReader {
  readonly problems: InputProblem[] = [];
  readonly #row: TableRow;
  readonly #places: ReadonlyMap<string, number>;

  constructor(row: TableRow, places: ReadonlyMap<string, number>) {
    this.#row = row;
    this.#places = places;
  }

  /** Undefined where the column is absent; empty cells are null. */
  cell(field: string): string | null | undefined {
    const place = this.#places.get(field);
    return place === undefined ? undefined : this.#row.cells[place] || null;
  }

  read<Value>(field: keyof AgencyDraft, of: (cell: string) => Value | null, allowed?: readonly string[]): Value | null | undefined {
    const cell = this.cell(field);
    if (cell === null || cell === undefined) return cell;
    const value = of(cell);
    if (value === null) this.problems.push({ ...problemAt(COLUMNS[field].name, breach('CELL', 'Không đọc được ô này', 'This cell cannot be read')), ...(allowed === undefined ? {} : { allowed }) });
    return value;
  }
}

const readRow = (row: TableRow, places: ReadonlyMap<string, number>): DraftRow => {
  const reader = new RowReader(row, places);
  const draft: AgencyDraft = {
    code: reader.cell('code') ?? '',
    otherCodes: reader.read('otherCodes', otherCodesOf) ?? undefined,
    confidence: reader.read('confidence', (cell) => wordOf(CONFIDENCES, cell), CONFIDENCES) ?? undefined,
    nameVi: reader.cell('nameVi') ?? undefined,
    nameEn: reader.cell('nameEn'),
    kind: reader.read('kind', (cell) => wordOf(AGENCY_KINDS, cell), AGENCY_KINDS) ?? undefined,
    level: reader.read('level', (cell) => wordOf(AGENCY_LEVELS, cell), AGENCY_LEVELS) ?? undefined,
    parentCode: reader.cell('parentCode'),
    address: reader.cell('address'),
    phone: reader.cell('phone'),
    email: reader.cell('email'),
    activeFrom: reader.read('activeFrom', dayOfCell),
    activeUntil: reader.read('activeUntil', dayOfCell),
    mergedInto: reader.cell('mergedInto') ?? undefined,
  };
  return { line: row.line, draft, problems: reader.problems };
};

/** Sheet → drafts, or what is wrong with its headings. */
export const readAgencyRows = (table: Table): { readonly ok: true; readonly rows: readonly DraftRow[] } | { readonly ok: false; readonly problems: readonly InputProblem[] } => {
  const { places, problems } = layoutOf(table.header);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rows: table.rows.map((row) => readRow(row, places)) };
};
