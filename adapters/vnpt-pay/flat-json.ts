import { unreadable } from '../support/signals.js';
import { parseStrictJson } from '../support/strict-json.js';

const LIMITS = { maxChars: 200_000, maxDepth: 1 };
const MEMBER = /"((?:[^"\\]|\\.)*)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,}]+))/g;

const unescaped = (text: string): string => (text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text);

/**
 * An object of texts, numbers and nulls, in the order in which it came and with its numbers to the letter: they are signed so. Null is empty.
 * JSON.parse would turn 18 digits into another number, and put a name made of digits first.
 * @throws SignalError of kind `unreadable`
 */
export const readFlatJson = (text: string): ReadonlyMap<string, string> => {
  const value = parseStrictJson(text, LIMITS);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable('json-shape');
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, bare = ''] of text.matchAll(MEMBER)) {
    if (bare === 'true' || bare === 'false') throw unreadable('json-shape');
    fields.set(unescaped(name), quoted === undefined ? (bare === 'null' ? '' : bare) : unescaped(quoted));
  }
  return fields;
};
