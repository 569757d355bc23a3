import { HASH_FIELD, HASH_FIELDS } from './wire.js';
import { canonicalQuery } from './signature.js';

export interface SignedQuery {
  /** Parameters but for the hash. */
  readonly fields: ReadonlyMap<string, string>;
  /** Exactly what the hash must be of. */
  readonly canonical: string;
  readonly hash: string;
}

const MOST_PARAMETERS = 100;

/** Form decoding that refuses what it cannot read: a `%` that is none, or bytes that are not UTF-8. */
const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
};

const pairOf = (part: string): readonly [string, string] | null => {
  const cut = part.indexOf('=');
  const name = decoded(cut < 0 ? part : part.slice(0, cut));
  const value = decoded(cut < 0 ? '' : part.slice(cut + 1));
  return name === null || value === null || name === '' ? null : [name, value];
};

/**
 * Takes a raw query apart. A name that comes twice refuses it: two readers could choose differently, and one of them checks the hash.
 * @returns a stable reason where it cannot be read in one way only
 */
export const readSignedQuery = (bytes: Buffer): SignedQuery | 'shape' | 'duplicate-parameter' => {
  const raw = bytes.toString('latin1');
  if (!/^[\x21-\x7e]+$/.test(raw)) return 'shape';
  const parts = raw.split('&');
  if (parts.length > MOST_PARAMETERS) return 'shape';
  const all = new Map<string, string>();
  for (const part of parts) {
    const pair = pairOf(part);
    if (pair === null) return 'shape';
    if (all.has(pair[0])) return 'duplicate-parameter';
    all.set(...pair);
  }
  const fields = new Map([...all].filter(([name]) => !HASH_FIELDS.has(name)));
  return { fields, canonical: canonicalQuery(fields), hash: all.get(HASH_FIELD) ?? '' };
};
