import { foldText } from '../agencies/fold-text.js';
import type { LocalServiceLevel } from './local-procedure.js';
import type { AdministrativeLevel, TimeUnit } from './procedure.js';

const LEVELS: readonly (readonly [RegExp, AdministrativeLevel])[] = [
  [/^(cap )?(bo|trung uong|ministry)$/, 'MINISTRY'], [/^(cap )?(tinh|thanh pho|province)$/, 'PROVINCE'], [/^(cap )?(huyen|quan|district)$/, 'DISTRICT'], [/^(cap )?(xa|phuong|commune)$/, 'COMMUNE'],
];
const SERVICE_LEVELS: readonly (readonly [RegExp, LocalServiceLevel])[] = [
  [/^(muc( do)? )?2$/, '2'], [/^(muc( do)? )?3$/, '3'], [/^(muc( do)? )?4$/, '4'], [/^(dich vu cong truc tuyen )?(mot phan|partial)$/, 'PARTIAL'],
  [/^(dich vu cong truc tuyen )?(toan trinh|full)$/, 'FULL'], [/^((cung cap )?thong tin|information)$/, 'INFORMATION'],
];
const UNITS: readonly (readonly [RegExp, TimeUnit])[] = [
  [/^(ngay lam viec|working[_ ]days?)$/, 'WORKING_DAY'], [/^(ngay|days?)$/, 'DAY'], [/^(gio|hours?)$/, 'HOUR'], [/^(thang|months?)$/, 'MONTH'],
];
const YES = /^(1|true|yes|co|x|dang ap dung)$/;
const NO = /^(0|false|no|khong|ngung ap dung)$/;
const FREE = /^(khong|mien phi|khong thu( phi)?|free)$/;
/** `200.000`, `200,000 đồng`, `200000 VND`: a mark before three digits parts thousands. */
const AMOUNT = /^(\d{1,3}(?:[.,]\d{3})+|\d+) ?(d|dong|vnd|vnđ)?$/;
const TIME = /^(\d{1,4}) ?(.*)$/;
const MAX_FEE_VND = 1_000_000_000_000;

const wordOf = <Word>(words: readonly (readonly [RegExp, Word])[]) => (cell: string): Word | null => words.find(([pattern]) => pattern.test(foldText(cell)))?.[1] ?? null;

/** Cells as officials write them, marks or not; null when they cannot be read. */
export const levelOfCell = wordOf(LEVELS);
export const serviceLevelOfCell = wordOf(SERVICE_LEVELS);
export const unitOfCell = wordOf(UNITS);

export const flagOfCell = (cell: string): boolean | null => {
  const text = foldText(cell);
  return YES.test(text) ? true : NO.test(text) ? false : null;
};

/** VND; "Không" is 0. */
export const feeOfCell = (cell: string): number | null => {
  const text = foldText(cell);
  if (FREE.test(text)) return 0;
  const digits = AMOUNT.exec(text)?.[1]?.replace(/[.,]/g, '');
  const amount = digits === undefined ? Number.NaN : Number(digits);
  return amount <= MAX_FEE_VND ? amount : null;
};

/** `15`, or with its unit: `15 ngày làm việc`. */
export const timeOfCell = (cell: string): { readonly amount: number; readonly unit: TimeUnit | null } | null => {
  const [, amount, rest = ''] = TIME.exec(foldText(cell)) ?? [];
  if (amount === undefined) return null;
  const unit = rest === '' ? null : unitOfCell(rest);
  return rest !== '' && unit === null ? null : { amount: Number(amount), unit };
};
