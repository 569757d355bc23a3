import type { OwnerKind } from './dossier.js';
import { breach } from './rule-breach.js';
import type { RuleBreach } from './rule-breach.js';

const PERSONAL_ID = /^(\d{9}|\d{12})$/;
const TAX_CODE = /^\d{10}(-?\d{3})?$/;
const ORGANISATION_ID = /^[A-Za-z0-9][A-Za-z0-9./-]{0,49}$/;
/** Fewer significant digits than this were typed to get past a form, such as 000000001 (national-portal.md §4.5, habit 6). */
const MIN_SIGNIFICANT_DIGITS = 4;
const COUNTING_UP = '012345678901234567890';
const COUNTING_DOWN = '098765432109876543210';

/** Ids that stand for "unknown". */
export const isPlaceholderId = (id: string): boolean => {
  const digits = id.replace(/\D/g, '');
  if (digits.length < id.replace(/[./-]/g, '').length) return false;
  return digits.replace(/^0+/, '').length < MIN_SIGNIFICANT_DIGITS
    || /^(\d)\1+$/.test(digits) || COUNTING_UP.includes(digits) || COUNTING_DOWN.includes(digits);
};

const checkShape = (kind: OwnerKind, id: string): RuleBreach | null => {
  switch (kind) {
    case 'CITIZEN':
      return PERSONAL_ID.test(id) ? null : breach('PERSONAL_ID_SHAPE', 'Số định danh cá nhân có 12 chữ số, số CMND có 9 chữ số', 'A personal id has 12 digits, a former identity card 9');
    case 'BUSINESS':
      return TAX_CODE.test(id) ? null : breach('TAX_CODE_SHAPE', 'Mã số thuế có 10 hoặc 13 chữ số', 'A tax code has 10 or 13 digits');
    case 'STATE_AGENCY':
    case 'ORGANISATION':
      return ORGANISATION_ID.test(id) ? null : breach('ORGANISATION_ID_SHAPE', 'Mã tổ chức gồm 1–50 chữ, số, dấu chấm, gạch', 'An organisation id has 1 to 50 letters, digits, dots, slashes or hyphens');
  }
};

export const checkOwnerId = (kind: OwnerKind, id: string): RuleBreach | null => {
  const shape = checkShape(kind, id);
  if (shape !== null || !isPlaceholderId(id)) return shape;
  return breach('PLACEHOLDER_ID', 'Số giấy tờ là số giả thay cho số chưa biết', 'The id number is a placeholder for an unknown one');
};
