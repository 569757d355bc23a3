import { isReservedName } from './reserved-names.js';
import { unreadable } from './signals.js';

export interface JsonLimits {
  readonly maxChars: number;
  readonly maxDepth: number;
}

export const DEFAULT_JSON_LIMITS: JsonLimits = { maxChars: 5_000_000, maxDepth: 32 };

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;

/** Index of the closing quote of the string that opens at `start`. The text is known to be JSON. */
const endOfString = (text: string, start: number): number => {
  let index = start + 1;
  for (;;) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    index += code === BACKSLASH ? 2 : 1;
  }
};

const isFollowedByColon = (text: string, from: number): boolean => {
  let index = from;
  while (text.charCodeAt(index) <= 32) index += 1;
  return text.charCodeAt(index) === COLON;
};

const LONE_SURROGATE = /\p{Surrogate}/u;

/** A lone half of a character becomes another one as soon as it is stored, so what was compared and what was kept would differ. */
const checkString = (quoted: string): void => {
  if (quoted.includes('\\u') && LONE_SURROGATE.test(JSON.parse(quoted) as string)) throw unreadable('json-lone-surrogate');
};

/** Characters of a number; the text is known to be JSON, so nothing else follows without one that is not. */
const IN_NUMBER: ReadonlySet<number> = new Set([...'-+.0123456789eE'].map((character) => character.charCodeAt(0)));

/** @returns index of the number's last character. 1e999 is Infinity to JSON.parse, and null when written again. */
const checkNumber = (text: string, start: number): number => {
  let end = start;
  while (IN_NUMBER.has(text.charCodeAt(end))) end += 1;
  if (!Number.isFinite(Number(text.slice(start, end)))) throw unreadable('json-not-finite');
  return end - 1;
};

const isNumberStart = (code: number): boolean => code === 45 || (code >= 48 && code <= 57);

const addKey = (keys: Set<string> | null | undefined, quoted: string): void => {
  const key = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (isReservedName(key)) throw unreadable('json-reserved-name');
  if (keys?.has(key) === true) throw unreadable('json-duplicate-key');
  keys?.add(key);
};

/** Walks text that JSON.parse has accepted, and refuses what JSON.parse lets pass silently. */
const checkStructure = (text: string, maxDepth: number): void => {
  const open: (Set<string> | null)[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      const end = endOfString(text, index);
      const quoted = text.slice(index, end + 1);
      checkString(quoted);
      if (isFollowedByColon(text, end + 1)) addKey(open.at(-1), quoted);
      index = end;
    } else if (isNumberStart(code)) {
      index = checkNumber(text, index);
    } else if (code === 123 || code === 91) {
      open.push(code === 123 ? new Set() : null);
      if (open.length > maxDepth) throw unreadable('json-too-deep');
    } else if (code === 125 || code === 93) {
      open.pop();
    }
  }
};

/**
 * JSON of a party: one value, within size and depth, no key twice in an object, no name that JavaScript objects reserve, no number
 * beyond what JavaScript holds, no half of a character.
 * @throws SignalError of kind `unreadable`, code `json-…` or `empty-reply`
 */
export const parseStrictJson = (text: string, limits: JsonLimits = DEFAULT_JSON_LIMITS): unknown => {
  if (text.trim() === '') throw unreadable('empty-reply');
  if (text.length > limits.maxChars) throw unreadable('json-too-large');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('json-invalid');
  }
  if (LONE_SURROGATE.test(text)) throw unreadable('json-lone-surrogate');
  checkStructure(text, limits.maxDepth);
  return value;
};
