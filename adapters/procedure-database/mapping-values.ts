import type { TimeUnit } from '../../src/procedures/procedure.js';
import { foldText } from '../support/vietnamese-text.js';

/** Collects what could not be read as expected, each code once, in the order seen. */
export class Quirks {
  readonly #codes = new Set<string>();

  add(code: string): null {
    this.#codes.add(code);
    return null;
  }

  /** The list, or an empty one with a quirk where there was none. */
  list<Item>(items: readonly Item[] | null, code: string): readonly Item[] {
    if (items === null) this.add(code);
    return items ?? [];
  }

  all(): readonly string[] {
    return [...this.#codes];
  }
}

const squeezed = (text: string): string => foldText(text).replace(/\s+/g, ' ').trim();

/** National code: the first two segments, without the suffix of an agency (national-portal.md §6.2). Another shape stays as it is. */
export const stemOf = (code: string): string => /^\d\.\d{6}(?=\.|$)/.exec(code)?.[0] ?? code;

const FREE = new Set(['không', 'không có', 'không thu', 'không thu phí', 'không mất phí', 'miễn phí', 'miễn']);
/** Digits, with groups of three where a separator is used at all; so 1.5 is no amount. */
const AMOUNT = /^(\d+|\d{1,3}(?:([.,\s])\d{3})(?:\2\d{3})*)(?:\s*(?:đồng|đ|vnđ|vnd))?$/u;
const VND = /^(?:đồng|đ|vnđ|vnd)(?![\p{L}])/u;

/**
 * An amount in đồng: "Không" is 0, "200.000" is 200000, any other text is null with a quirk.
 * @param currency DONVI, empty where the party leaves it out; anything but đồng makes the amount unreadable
 */
export const parseAmount = (text: string | null, currency: string | null, quirks: Quirks): number | null => {
  if (text === null) return quirks.add('AMOUNT_MISSING');
  const folded = squeezed(text);
  if (FREE.has(folded)) return 0;
  const digits = AMOUNT.exec(folded)?.[1]?.replace(/[.,\s]/g, '');
  const amount = digits === undefined ? Number.NaN : Number(digits);
  if (!Number.isSafeInteger(amount)) return quirks.add('AMOUNT_UNREADABLE');
  if (currency !== null && amount !== 0 && !VND.test(squeezed(currency))) return quirks.add('CURRENCY_UNKNOWN');
  return amount;
};

/** MAPHILEPHI comes with a stray quote in real data (`1'`, national-portal.md §4.4). */
export const parseFeeCode = (text: string | null, quirks: Quirks): string | null => {
  if (text === null) return null;
  const clean = text.replace(/^['"`’]+|['"`’]+$/g, '').trim();
  if (clean !== text) quirks.add('FEE_CODE_QUOTED');
  return clean === '' ? null : clean;
};

const UNITS: Readonly<Record<string, TimeUnit>> = {
  'ngày làm việc': 'WORKING_DAY', 'ngày': 'DAY', 'giờ': 'HOUR', 'tháng': 'MONTH',
  working_day: 'WORKING_DAY', day: 'DAY', hour: 'HOUR', month: 'MONTH',
};

/** One of the four units, whatever its case and spaces. */
export const parseUnit = (text: string | null, quirks: Quirks): TimeUnit | null => {
  if (text === null) return quirks.add('TIME_UNIT_MISSING');
  const folded = squeezed(text);
  return (Object.hasOwn(UNITS, folded) ? UNITS[folded] : undefined) ?? quirks.add('TIME_UNIT_UNKNOWN');
};

const NUMBERS = /\d+(?:[.,]\d+)?/g;

/** The number of a time limit; a text with none or several ("5 - 10") has no amount that could be counted. */
export const parseDuration = (text: string | null, quirks: Quirks): number | null => {
  if (text === null) return quirks.add('TIME_MISSING');
  const found = text.match(NUMBERS) ?? [];
  const [only] = found;
  if (only === undefined || found.length > 1) return quirks.add('TIME_UNREADABLE');
  if (only !== text) quirks.add('TIME_IN_WORDS');
  return Number(only.replace(',', '.'));
};

/** Number of originals or copies. */
export const parseCount = (text: string | null, quirks: Quirks): number | null => {
  if (text === null) return null;
  return /^\d{1,6}$/.test(text) ? Number(text) : quirks.add('QUANTITY_UNREADABLE');
};

const DATES = [
  /^(?<day>\d{1,2})[/-](?<month>\d{1,2})[/-](?<year>\d{4})/,
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})/,
  /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})(?:\d{6})?$/,
];

/** A date as `yyyy-MM-dd`. The form on the wire is not documented, so the three seen in Vietnamese systems are read. */
export const parseDate = (text: string | null, quirks: Quirks): string | null => {
  if (text === null) return null;
  const groups = DATES.map((form) => form.exec(text)?.groups).find((match) => match !== undefined);
  const iso = groups === undefined ? '' : `${groups['year']}-${groups['month']?.padStart(2, '0')}-${groups['day']?.padStart(2, '0')}`;
  const instant = new Date(`${iso}T00:00:00Z`);
  // Date rolls 31 February over instead of refusing it.
  const isReal = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(iso);
  return isReal ? iso : quirks.add('DATE_UNREADABLE');
};

/** Keywords of a text, separated by commas, semicolons or lines. */
export const parseKeywords = (text: string | null): readonly string[] =>
  (text ?? '').split(/[,;\n]/).map((word) => word.trim()).filter((word) => word !== '');
