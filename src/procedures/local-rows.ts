import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { layoutOf } from '../tables/column-layout.js';
import type { Table, TableRow } from '../tables/table.js';
import { feeOfCell, flagOfCell, levelOfCell, serviceLevelOfCell, timeOfCell, unitOfCell } from './local-cells.js';
import type { DraftRow, LocalDraft } from './local-procedure.js';

/** Column → name in code and the headings that officials write, marks or not. */
const COLUMNS: Readonly<Record<keyof LocalDraft, { readonly name: string; readonly headings: readonly string[] }>> = {
  code: { name: 'code', headings: ['ma thu tuc', 'ma tthc', 'ma'] },
  agencyCode: { name: 'agency_code', headings: ['ma co quan', 'ma dinh danh', 'ma don vi'] },
  name: { name: 'name', headings: ['ten thu tuc', 'ten tthc', 'ten', 'ten thu tuc hanh chinh'] },
  fieldCode: { name: 'field_code', headings: ['ma linh vuc', 'linh vuc'] },
  level: { name: 'level', headings: ['cap', 'cap thuc hien'] },
  serviceLevel: { name: 'service_level', headings: ['muc do', 'muc do dich vu cong', 'muc do dvc'] },
  feeVnd: { name: 'fee_vnd', headings: ['phi', 'le phi', 'phi, le phi', 'phi le phi'] },
  timeAmount: { name: 'time_limit', headings: ['thoi han', 'thoi gian giai quyet', 'thoi han giai quyet'] },
  timeUnit: { name: 'time_unit', headings: ['don vi tinh', 'don vi thoi gian'] },
  active: { name: 'active', headings: ['dang ap dung', 'hieu luc', 'su dung'] },
};
const NEEDED = ['code', 'agencyCode', 'name'] as const;

export const localColumnName = (field: string): string => (Object.hasOwn(COLUMNS, field) ? COLUMNS[field as keyof LocalDraft].name : field);

const readRow = ({ line, cells }: TableRow, places: ReadonlyMap<string, number>): DraftRow => {
  const problems: InputProblem[] = [];
  const cell = (field: keyof LocalDraft): string | null | undefined => {
    const place = places.get(field);
    return place === undefined ? undefined : cells[place] || null;
  };
  const read = <Value>(field: keyof LocalDraft, of: (text: string) => Value | null): Value | null | undefined => {
    const text = cell(field);
    if (text === null || text === undefined) return text;
    const value = of(text);
    if (value === null) problems.push(problemAt(COLUMNS[field].name, breach('CELL', 'Không đọc được ô này', 'This cell cannot be read')));
    return value;
  };
  const time = read('timeAmount', timeOfCell);
  const unit = read('timeUnit', unitOfCell);
  const draft: LocalDraft = {
    code: cell('code') ?? '', agencyCode: cell('agencyCode') ?? '', name: cell('name') ?? '', fieldCode: cell('fieldCode'),
    level: read('level', levelOfCell), serviceLevel: read('serviceLevel', serviceLevelOfCell), feeVnd: read('feeVnd', feeOfCell),
    timeAmount: time == null ? time : time.amount, timeUnit: unit ?? time?.unit ?? unit, active: read('active', flagOfCell) ?? undefined,
  };
  return { line, draft, problems };
};

/** Sheet → drafts, or what is wrong with its headings. */
export const readLocalRows = (table: Table): { readonly ok: true; readonly rows: readonly DraftRow[] } | { readonly ok: false; readonly problems: readonly InputProblem[] } => {
  const { places, problems } = layoutOf(table.header, COLUMNS, NEEDED);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rows: table.rows.map((row) => readRow(row, places)) };
};
