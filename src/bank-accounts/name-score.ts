import { foldText } from '../agencies/fold-text.js';
import { ABBREVIATIONS, COMMON_WORDS, KINDS, PLACES } from './name-words.js';

export type NameVerdict = 'MATCHED' | 'SIMILAR' | 'DIFFERENT';

export interface NameComparison {
  /** 0 to 1, two digits. */
  readonly score: number;
  readonly verdict: NameVerdict;
}

const MATCHED_FROM = 0.95;
const SIMILAR_FROM = 0.7;
const COMMON_WEIGHT = 0.15;
/** Highest score of names that differ in such a way. */
const CAPS = { ORDER: 0.9, PLACE: 0.8, KIND: 0.65, SUBSTITUTED: 0.6, NUMBER: 0.5, CUT: 0.9 } as const;
/** Shorter than this, a beginning in common is chance. */
const CUT_FROM = 15;
/** Readings of one name; two abbreviations with two readings each make four. */
const MAX_READINGS = 16;

/** Two spellings of one sound at the end of a syllable: Mỹ and Mĩ, Quý and Quí. */
const withOneI = (word: string): string => word.replace(/^([bcdghklmnpqrstvx]+|qu)y$/, '$1i');

/** Words of a name: without marks, case and punctuation, digits apart from letters. */
const wordsOf = (name: string): readonly string[] =>
  foldText(name.normalize('NFKC')).replace(/&/g, ' va ').replace(/(\p{L})(?=\d)|(\d)(?=\p{L})/gu, '$1$2 ').replace(/[^a-z0-9]+/g, ' ').trim().split(' ').filter(Boolean);

/** Numbers compare without leading zeros: Phường 01 is Phường 1. */
const plain = (word: string): string => withOneI(word.replace(/^0+(?=\d)/, ''));

/** Each way of writing the abbreviations out. */
const readingsOf = (name: string): readonly (readonly string[])[] => {
  let readings: readonly (readonly string[])[] = [[]];
  for (const word of wordsOf(name)) {
    const ways = Object.hasOwn(ABBREVIATIONS, word) ? [...(ABBREVIATIONS[word] ?? []), word] : [word];
    readings = readings.flatMap((reading) => ways.map((way) => [...reading, ...way.split(' ').map(plain)])).slice(0, MAX_READINGS * ways.length);
  }
  return readings.slice(0, MAX_READINGS * 4);
};

const weightOf = (word: string): number => (COMMON_WORDS.has(word) ? COMMON_WEIGHT : 1);
const sum = (words: readonly string[]): number => words.reduce((total, word) => total + weightOf(word), 0);

/** What of `words` is not among `others`, each occurrence counting once. */
const without = (words: readonly string[], others: readonly string[]): readonly string[] => {
  const left = [...others];
  return words.filter((word) => {
    const place = left.indexOf(word);
    if (place < 0) return true;
    left.splice(place, 1);
    return false;
  });
};

const phraseIn = (words: readonly string[], phrases: readonly string[]): string | null => {
  const text = ` ${words.join(' ')} `;
  const found = phrases.map((phrase) => ({ phrase, at: text.indexOf(` ${phrase.split(' ').map(plain).join(' ')} `) })).filter(({ at }) => at >= 0);
  return found.sort((left, right) => left.at - right.at)[0]?.phrase ?? null;
};

const differ = (left: string | null, right: string | null): boolean => left !== null && right !== null && left !== right;

/** How much two readings may have in common at most, by the way in which they differ. */
const capOf = (left: readonly string[], right: readonly string[]): number => {
  const [leftOnly, rightOnly] = [without(left, right), without(right, left)];
  const isTelling = (word: string): boolean => !COMMON_WORDS.has(word);
  const isNumber = (word: string): boolean => /^\d+$/.test(word);
  const caps: number[] = [1];
  if (leftOnly.some(isNumber) && rightOnly.some(isNumber)) caps.push(CAPS.NUMBER);
  if (leftOnly.some(isTelling) && rightOnly.some(isTelling)) caps.push(CAPS.SUBSTITUTED);
  if (differ(phraseIn(left, KINDS), phraseIn(right, KINDS))) caps.push(CAPS.KIND);
  if (differ(phraseIn(left, PLACES), phraseIn(right, PLACES))) caps.push(CAPS.PLACE);
  if (leftOnly.length + rightOnly.length > 0) caps.push(CAPS.CUT);
  else if (left.join(' ') !== right.join(' ')) caps.push(CAPS.ORDER);
  return Math.min(...caps);
};

/** Of two readings: the share of what they have in common, common words counting little, within the cap. */
const scoreOf = (left: readonly string[], right: readonly string[]): number => {
  const [a, b] = [left.join(''), right.join('')];
  if (a === b) return 1;
  const shared = (2 * (sum(left) - sum(without(left, right)))) / (sum(left) + sum(right));
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  // Banks cut long names, and some write them without spaces.
  const isCut = short.length >= CUT_FROM && long.startsWith(short) && !/^\d$/.test(long[short.length] ?? '');
  return isCut ? CAPS.CUT : Math.min(capOf(left, right), shared);
};

/** Compares the name of an account's holder as declared with the one that its bank gives. */
export const compareNames = (declared: string, told: string): NameComparison => {
  const [left, right] = [readingsOf(declared), readingsOf(told)];
  const best = Math.max(0, ...left.flatMap((one) => right.map((other) => (one.length === 0 || other.length === 0 ? 0 : scoreOf(one, other)))));
  const score = Math.round(best * 100) / 100;
  return { score, verdict: score >= MATCHED_FROM ? 'MATCHED' : score >= SIMILAR_FROM ? 'SIMILAR' : 'DIFFERENT' };
};
