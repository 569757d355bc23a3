import type { InputProblem } from '../errors/gateway-error.js';
import { unreadableText } from '../readable-text.js';
import { breach, problemAt } from './rule-breach.js';
import type { RuleBreach } from './rule-breach.js';

/** A text that the registry's wire will cut: stored whole, sent shortened. */
export interface Truncation {
  readonly field: string;
  /** Longest text that the registry keeps, and length of what was given, in code points. */
  readonly limit: number;
  readonly length: number;
}

export interface TextRule {
  /** Newlines and tabs are kept; CR LF becomes LF. */
  readonly multiline?: boolean;
  /** The registry cuts what is longer. */
  readonly cutAt?: number;
  /** Longer is refused: a code that is cut is another code. */
  readonly max?: number;
}

/** No field of the wire is a book; beyond this it is a mistake (a file's content in a name). In code points. */
const ABSURD_LENGTH = 20_000;
const MAX_LIST_LENGTH = 500;
const FILE_REFERENCE = /^[\p{L}\p{M}\p{N}._-]+(?:\/[\p{L}\p{M}\p{N}._-]+)*$/u;
const FILE_REFERENCE_MAX = 500;
const FIRST_YEAR = 1990;
const LAST_YEAR = 2100;
/** Clocks of the portal and ours may differ by this much. */
const FUTURE_TOLERANCE_MS = 5 * 60_000;

export const codePoints = (text: string): number => [...text].length;

/** Reads the fields of one input object after the other and collects what is wrong, under each field's path. */
export class InputReader {
  readonly problems: InputProblem[] = [];
  readonly truncations: Truncation[] = [];
  readonly now: Date;

  constructor(now: Date) {
    this.now = now;
  }

  refuse(field: string, found: RuleBreach | null): void {
    if (found !== null) this.problems.push(problemAt(field, found));
  }

  /** NFC, without spaces at the ends. Refused when empty, absurdly long or not text. */
  text(field: string, value: string, rule: TextRule = {}): string {
    const text = this.#clean(field, value, rule);
    if (text === '') this.refuse(field, breach('REQUIRED', 'Bắt buộc nhập', 'A value is required'));
    return text;
  }

  /** As `text`; null, absent and empty mean "not stated". */
  optionalText(field: string, value: string | null | undefined, rule: TextRule = {}): string | null {
    if (value === null || value === undefined) return null;
    return this.#clean(field, value, rule) || null;
  }

  /** A relative key in the portal's file store: no way up, no root, no scheme. */
  fileReference(field: string, value: string): string {
    const reference = value.normalize('NFC');
    const safe = reference.length <= FILE_REFERENCE_MAX && FILE_REFERENCE.test(reference) && !reference.split('/').some((part) => /^\.+$/.test(part));
    if (!safe) this.refuse(field, breach('FILE_REFERENCE_SHAPE', 'Khoá tệp phải là đường dẫn tương đối an toàn', 'A file reference is a safe relative key'));
    return reference;
  }

  /** An instant that the wire can write; `past` refuses what lies ahead of our clock. */
  instant(field: string, value: Date, tense: 'past' | 'any'): Date {
    const year = value.getUTCFullYear();
    if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) {
      this.refuse(field, breach('DATE_RANGE', 'Thời điểm nằm ngoài khoảng cho phép', 'The instant is out of range'));
    } else if (tense === 'past' && value.getTime() > this.now.getTime() + FUTURE_TOLERANCE_MS) {
      this.refuse(field, breach('IN_FUTURE', 'Thời điểm ở tương lai', 'The instant is in the future'));
    }
    return value;
  }

  optionalInstant(field: string, value: Date | null | undefined, tense: 'past' | 'any'): Date | null {
    return value === null || value === undefined ? null : this.instant(field, value, tense);
  }

  amountVnd(field: string, value: number): number {
    if (!Number.isSafeInteger(value) || value < 0) {
      this.refuse(field, breach('AMOUNT_VND', 'Số tiền là số nguyên đồng, không âm', 'An amount is a whole number of VND, not negative'));
    }
    return value;
  }

  /** Reads each member under `field[i]`. */
  list<Input, Output>(field: string, values: readonly Input[] | null | undefined, read: (value: Input, path: string) => Output): readonly Output[] {
    if (values === null || values === undefined) return [];
    if (values.length > MAX_LIST_LENGTH) {
      this.refuse(field, breach('TOO_MANY', `Nhiều nhất ${String(MAX_LIST_LENGTH)} mục`, `At most ${String(MAX_LIST_LENGTH)} members`));
      return [];
    }
    return values.map((value, index) => read(value, `${field}[${String(index)}]`));
  }

  #clean(field: string, value: string, rule: TextRule): string {
    const raw = rule.multiline === true ? value.replaceAll('\r\n', '\n') : value;
    const found = unreadableText(raw, rule.multiline === true);
    if (found !== null) {
      this.refuse(field, found);
      return '\ufffd';
    }
    const text = raw.normalize('NFC').trim();
    this.#measure(field, text, rule);
    return text;
  }

  #measure(field: string, text: string, rule: TextRule): void {
    const { cutAt = ABSURD_LENGTH, max = ABSURD_LENGTH } = rule;
    if (text.length <= Math.min(cutAt, max)) return;
    const length = codePoints(text);
    if (length > max) this.refuse(field, breach('TOO_LONG', `Dài quá ${String(max)} ký tự`, `Longer than ${String(max)} characters`));
    else if (length > cutAt) this.truncations.push({ field, limit: cutAt, length });
  }
}
