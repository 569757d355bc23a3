import { foldText } from '../agencies/fold-text.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import type { InputProblem } from '../errors/gateway-error.js';
import type { FeeKind } from '../payments/payment.js';
import { layoutOf } from '../tables/column-layout.js';
import { dayOfCell } from '../tables/read-table.js';
import type { Table, TableRow } from '../tables/table.js';
import type { AccountDraft } from './account-draft.js';
import type { AccountRow } from './account-register.js';

type Field = Exclude<keyof AccountDraft, 'replaces'>;

/** Column → field; each column by its name in code and by the heading that officials write, marks or not. */
const COLUMNS: Readonly<Record<Field, { readonly name: string; readonly headings: readonly string[] }>> = {
  agencyCode: { name: 'agency_code', headings: ['ma co quan', 'ma dinh danh', 'ma don vi'] },
  bank: { name: 'bank', headings: ['ngan hang', 'ma ngan hang', 'noi mo tai khoan'] },
  number: { name: 'number', headings: ['so tai khoan', 'stk', 'tai khoan'] },
  holderName: { name: 'holder_name', headings: ['ten tai khoan', 'chu tai khoan', 'ten chu tai khoan', 'don vi thu huong'] },
  purpose: { name: 'purpose', headings: ['muc dich', 'noi dung'] },
  feeKinds: { name: 'fee_kinds', headings: ['loai phi', 'loai thu', 'loai khoan thu'] },
  validFrom: { name: 'valid_from', headings: ['tu ngay', 'hieu luc tu'] },
  validTo: { name: 'valid_to', headings: ['den ngay', 'hieu luc den'] },
  contact: { name: 'contact', headings: ['lien he', 'dau moi', 'thu dien tu', 'dien thoai'] },
};
const NEEDED: readonly Field[] = ['agencyCode', 'bank', 'number', 'holderName', 'purpose', 'contact'];
const KIND_WORDS: Readonly<Record<string, FeeKind>> = { fee: 'FEE', phi: 'FEE', charge: 'CHARGE', 'le phi': 'CHARGE' };

export const accountColumnName = (field: string): string => (Object.hasOwn(COLUMNS, field) ? COLUMNS[field as Field].name : field);

/** `phí, lệ phí`; both where the cell is empty. */
const kindsOfCell = (cell: string): readonly FeeKind[] | null => {
  const kinds = cell.split(/[,;|/+]/).map((word) => KIND_WORDS[foldText(word)] ?? null);
  return kinds.includes(null) ? null : kinds.filter((kind) => kind !== null);
};

const readRow = ({ line, cells }: TableRow, places: ReadonlyMap<string, number>): AccountRow => {
  const problems: InputProblem[] = [];
  const cell = (field: Field): string => cells[places.get(field) ?? -1] ?? '';
  const read = <Value>(field: Field, of: (text: string) => Value | null, fallback: Value): Value => {
    if (cell(field) === '') return fallback;
    const value = of(cell(field));
    if (value === null) problems.push(problemAt(COLUMNS[field].name, breach('CELL', 'Không đọc được ô này', 'This cell cannot be read')));
    return value ?? fallback;
  };
  const draft: AccountDraft = {
    agencyCode: cell('agencyCode'), bank: cell('bank'), number: cell('number'), holderName: cell('holderName'), purpose: cell('purpose'), contact: cell('contact'), replaces: null,
    feeKinds: read<readonly FeeKind[]>('feeKinds', kindsOfCell, ['FEE', 'CHARGE']), validFrom: read<string | null>('validFrom', dayOfCell, null), validTo: read<string | null>('validTo', dayOfCell, null),
  };
  return { line, draft, problems };
};

export type ReadAccountRows = { readonly ok: true; readonly rows: readonly AccountRow[] } | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** Sheet → drafts, or what is wrong with its headings. */
export const readAccountRows = (table: Table): ReadAccountRows => {
  const { places, problems } = layoutOf(table.header, COLUMNS, NEEDED);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, rows: table.rows.map((row) => readRow(row, places)) };
};
