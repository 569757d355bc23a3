import { levelOneOf } from '../agencies/agency-code.js';

/** Source: national-portal.md §6.2. */
const CODE = /^(\d\.\d{6})(?:\.((?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}))?$/;
/** A stem that lost its first point, or has something else in its place. */
const BROKEN_STEM = /^(\d)[.,\s_-]*(\d{6})(?![\d])/;

export interface ProcedureCode {
  /** The first two segments, which the national database knows. */
  readonly stem: string;
  /** As written after the stem; null where there is none. */
  readonly suffix: string | null;
  /** Level-1 code within the suffix. */
  readonly levelOne: string | null;
  /** False: only the stem could be made out, and the code is not to be used as it is. */
  readonly wellFormed: boolean;
}

/** Case, encoding and spaces of a code do not matter. */
export const cleanCode = (code: string): string => code.normalize('NFKC').replace(/\s+/g, '').toUpperCase();

/** Null when not even a stem can be made out. */
export const readProcedureCode = (code: string): ProcedureCode | null => {
  const clean = cleanCode(code);
  const [, stem, suffix] = CODE.exec(clean) ?? [];
  if (stem !== undefined) return { stem, suffix: suffix ?? null, levelOne: suffix === undefined ? null : levelOneOf(suffix), wellFormed: true };
  const [, prefix, digits] = BROKEN_STEM.exec(clean) ?? [];
  return prefix === undefined || digits === undefined ? null : { stem: `${prefix}.${digits}`, suffix: null, levelOne: null, wellFormed: false };
};

/** The code that this province should use for a stem: with a suffix where the present code has one, of the same form. */
export const codeFor = (stem: string, present: ProcedureCode | null, levelOne: string): string => {
  if (present?.suffix == null) return stem;
  return present.suffix.length > levelOne.length ? `${stem}.000.00.00.${levelOne}` : `${stem}.${levelOne}`;
};
