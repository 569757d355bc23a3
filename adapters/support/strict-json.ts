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
      if (isFollowedByColon(text, end + 1)) addKey(open.at(-1), text.slice(index, end + 1));
      index = end;
    } else if (code === 123 || code === 91) {
      open.push(code === 123 ? new Set() : null);
      if (open.length > maxDepth) throw unreadable('json-too-deep');
    } else if (code === 125 || code === 93) {
      open.pop();
    }
  }
};

/**
 * JSON of a party: one value, within size and depth, no key twice in an object, no name that JavaScript objects reserve.
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
  checkStructure(text, limits.maxDepth);
  return value;
};
