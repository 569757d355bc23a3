import { randomBytes } from 'node:crypto';

/** Crockford's base 32: nothing that is misread, or misheard over the telephone. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_LENGTH = 13;
const PREFIX = 'OG';
const REFERENCE = /^OG[0-9A-HJKMNP-TV-Z]{13}$/;
/** Every start is tried: the text before may end in the same letters. */
const CANDIDATE = /(?=([O0]G[0-9A-Z]{13}))/g;
/** How people retype what they read. */
const MISREAD: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1', U: 'V' };

/** 65 random bits behind the prefix: nobody guesses another's, and two never meet. */
export const newReference = (): string => PREFIX + [...randomBytes(RANDOM_LENGTH)].map((byte) => ALPHABET.charAt(byte & 31)).join('');

/** Number of a refund, known to the gateway by it. */
export const newRefundId = (): string => `RF${[...randomBytes(16)].map((byte) => ALPHABET.charAt(byte & 31)).join('')}`;

export const isReference = (text: string): boolean => REFERENCE.test(text);

/** References that may stand in the text of a transfer, whatever its bank did to case, spaces, marks and punctuation. */
export const referencesIn = (content: string): readonly string[] => {
  const folded = content.normalize('NFD').replaceAll(/\p{M}/gu, '').toUpperCase().replaceAll(/[^0-9A-Z]/g, '');
  const found = [...folded.matchAll(CANDIDATE)].map((match) => PREFIX + (match[1] ?? '').slice(PREFIX.length).replaceAll(/[OILU]/g, (letter) => MISREAD[letter] ?? letter));
  return [...new Set(found)];
};
