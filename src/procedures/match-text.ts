import { foldText } from '../agencies/fold-text.js';

const TONES = /[\u0300\u0301\u0303\u0309\u0323]/g;
const DASHES = /[\u2010-\u2015\u2212]/g;
const QUOTES = /[\u201c\u201d\u201e\u00ab\u00bb]/g;

/** `hoà` and `hòa` are two spellings of one syllable: the tone goes behind the letters, wherever it was written. */
const toneLast = (word: string): string => {
  const tones = word.match(TONES);
  return tones === null ? word : word.replace(TONES, '') + tones.join('');
};

/** Two names are the same when this is: whatever their encoding, case, spacing, dashes, quotes, final stop or place of a tone mark. */
export const nameKey = (name: string): string =>
  name.normalize('NFKC').toLowerCase().replace(DASHES, '-').replace(QUOTES, '"').replace(/\s*([-,;:/()"])\s*/g, '$1').trim().replace(/[.;,]+$/, '')
    .split(/\s+/).map((word) => toneLast(word.normalize('NFD'))).join(' ');

/** Trigrams of the words without marks, each word with a space around it: what is misspelt still shares most of them. */
export const trigramsOf = (name: string): ReadonlySet<string> => {
  const grams = new Set<string>();
  for (const word of foldText(name).split(/[^\p{L}\p{N}]+/u)) {
    if (word === '') continue;
    const padded = `  ${word} `;
    for (let start = 0; start + 3 <= padded.length; start += 1) grams.add(padded.slice(start, start + 3));
  }
  return grams;
};

/** Dice's coefficient: 1 for equal sets, 0 for sets without a common member. */
export const dice = (shared: number, left: number, right: number): number => (left + right === 0 ? 0 : (2 * shared) / (left + right));

/** Likeness of two names, 0 to 1. */
export const likeness = (left: string, right: string): number => {
  const grams = trigramsOf(left);
  const others = trigramsOf(right);
  let shared = 0;
  for (const gram of grams) if (others.has(gram)) shared += 1;
  return dice(shared, grams.size, others.size);
};
