import { foldText } from '../agencies/fold-text.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import { layoutOf } from '../tables/column-layout.js';
import type { Table, TableRow } from '../tables/table.js';
import type { DraftRow, ServiceDraft } from './public-service.js';
import type { RegisteredLevel } from './service-level.js';

/** Column → name in code and the headings that officials write, marks or not. */
const COLUMNS: Readonly<Record<keyof ServiceDraft, { readonly name: string; readonly headings: readonly string[] }>> = {
  procedureCode: { name: 'procedure_code', headings: ['ma thu tuc', 'ma tthc'] },
  agencyCode: { name: 'agency_code', headings: ['ma co quan', 'ma dinh danh', 'ma don vi'] },
  code: { name: 'code', headings: ['ma dich vu cong', 'ma dvc'] },
  level: { name: 'service_level', headings: ['muc do', 'muc do dich vu cong', 'muc do dvc'] },
  electronicForm: { name: 'electronic_form', headings: ['bieu mau dien tu', 'e-form', 'eform'] },
  onlinePayment: { name: 'online_payment', headings: ['thanh toan truc tuyen'] },
  electronicResult: { name: 'electronic_result', headings: ['tra ket qua dien tu', 'ket qua dien tu'] },
  postalResult: { name: 'postal_result', headings: ['tra ket qua qua buu chinh', 'buu chinh', 'buu chinh cong ich'] },
  officials: { name: 'officials', headings: ['so can bo', 'can bo xu ly'] },
  deepLink: { name: 'deep_link', headings: ['lien ket', 'duong dan', 'lien ket dich vu'] },
};
const NEEDED = ['procedureCode', 'agencyCode'] as const;
const LEVELS: readonly (readonly [RegExp, RegisteredLevel])[] = [
  [/^(muc( do)? )?1$/, '1'], [/^(muc( do)? )?2$/, '2'], [/^(muc( do)? )?3$/, '3'], [/^(muc( do)? )?4$/, '4'],
  [/^(dich vu cong truc tuyen )?(mot phan|partial)$/, 'PARTIAL'], [/^(dich vu cong truc tuyen )?(toan trinh|full)$/, 'FULL'], [/^((cung cap )?thong tin|information)$/, 'INFORMATION'],
];
const YES = /^(1|true|yes|co|x)$/;
const NO = /^(0|false|no|khong)$/;
const COUNT = /^\d{1,6}$/;

export const serviceColumnName = (field: string): string => (Object.hasOwn(COLUMNS, field) ? COLUMNS[field as keyof ServiceDraft].name : field);

const levelOfCell = (cell: string): RegisteredLevel | null => LEVELS.find(([pattern]) => pattern.test(foldText(cell)))?.[1] ?? null;
const countOfCell = (cell: string): number | null => (COUNT.test(cell) ? Number(cell) : null);
const flagOfCell = (cell: string): boolean | null => {
  const text = foldText(cell);
  return YES.test(text) ? true : NO.test(text) ? false : null;
};

const readRow = ({ line, cells }: TableRow, places: ReadonlyMap<string, number>): DraftRow => {
  const problems: InputProblem[] = [];
  const cell = (field: keyof ServiceDraft): string | undefined => {
    const place = places.get(field);
    return place === undefined ? undefined : cells[place] || undefined;
  };
  /** An empty cell says nothing: what is stored stays. */
  const read = <Value>(field: keyof ServiceDraft, of: (text: string) => Value | null): Value | undefined => {
    const text = cell(field);
    if (text === undefined) return undefined;
    const value = of(text);
    if (value === null) problems.push(problemAt(COLUMNS[field].name, breach('CELL', 'Không đọc được ô này', 'This cell cannot be read')));
    return value ?? undefined;
  };
  const draft: ServiceDraft = {
    procedureCode: cell('procedureCode') ?? '', agencyCode: cell('agencyCode') ?? '', code: cell('code'), level: read('level', levelOfCell),
    electronicForm: read('electronicForm', flagOfCell), onlinePayment: read('onlinePayment', flagOfCell), electronicResult: read('electronicResult', flagOfCell),
    postalResult: read('postalResult', flagOfCell), officials: read('officials', countOfCell), deepLink: cell('deepLink'),
  };
  return { line, draft, problems };
};

export type ReadRows = { readonly ok: true; readonly rows: readonly DraftRow[] } | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** Sheet → drafts, or what is wrong with its headings. */
export const readServiceRows = (table: Table): ReadRows => {
  const { places, problems } = layoutOf(table.header, COLUMNS, NEEDED);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rows: table.rows.map((row) => readRow(row, places)) };
};
