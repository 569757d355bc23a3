import { foldText } from '../agencies/fold-text.js';
import type { PlaceLevel } from './postal-address.js';

/** What kind of place a name says that it is; each as people write it, folded. Longest first, for `thi xa` begins like `t`. */
const KINDS: Readonly<Record<PlaceLevel, Readonly<Record<string, string>>>> = {
  PROVINCE: { 'thanh pho': 'city', 't p': 'city', tinh: 'province', tp: 'city', t: 'province' },
  DISTRICT: { 'thanh pho': 'city', 'thi xa': 'town', huyen: 'rural', quan: 'urban', 't p': 'city', 't x': 'town', tp: 'city', tx: 'town', h: 'rural', q: 'urban' },
  COMMUNE: { 'thi tran': 'township', 'dac khu': 'zone', phuong: 'ward', 't t': 'township', xa: 'commune', tt: 'township', dk: 'zone', p: 'ward', x: 'commune' },
};
/** Short forms are no prefix when the name is glued to them: many names begin with these letters. */
const MIN_GLUED = 4;
/** Other names of provinces that people write. */
const ALIASES: Readonly<Record<string, string>> = { hcm: 'hochiminh', tphcm: 'hochiminh', saigon: 'hochiminh' };

/** Marks, capitals and punctuation gone, one space between words; an apostrophe parts no word (Ea H'leo), a zero before a number says nothing. */
const wordsOf = (text: string): string => foldText(text).replace(/['’ʼ`´]/g, '').replace(/[^a-z0-9]+/g, ' ').trim().replace(/\b0+(?=\d)/g, '');

/** The same with its marks. */
const markedWordsOf = (text: string): string => text.normalize('NFC').toLowerCase().replace(/['’ʼ`´]/g, '').replace(/[^\p{L}\p{N}]+/gu, ' ').trim().replace(/(^| )0+(?=\d)/g, '$1');

const compact = (words: string): string => words.replaceAll(' ', '');

/** `Quy Nhơn` and `Qui Nhơn`, `Mỹ` and `Mĩ` are one. */
const withI = (words: string): string => words.replace(/(qu|[bcdghklmnpqrstvx])y\b/g, '$1i');

/** A name taken apart. */
export interface PlaceName {
  /** Kind of place, where it says one. */
  readonly kind: string | null;
  /** Folded, without its kind, without spaces. */
  readonly core: string;
  /** The name without its kind, marks kept. */
  readonly marked: string;
  /** Each spelling by which it may be known. */
  readonly keys: readonly string[];
  /** Less sure: with a kind taken off that was written together with the name. */
  readonly gluedKeys: readonly string[];
}

const kindOf = (words: string, kinds: Readonly<Record<string, string>>): { readonly prefix: string; readonly rest: string } | null => {
  for (const prefix of Object.keys(kinds)) {
    if (!words.startsWith(prefix)) continue;
    const rest = words.slice(prefix.length);
    // `P5` and `quan1`: a number needs no space.
    if (/^( |\d)/.test(rest)) return { prefix, rest: wordsOf(rest) };
  }
  return null;
};

const gluedRests = (whole: string, kinds: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(kinds).map(compact).filter((prefix) => prefix.length >= MIN_GLUED && whole.startsWith(prefix) && whole.length > prefix.length).map((prefix) => whole.slice(prefix.length));

/** `Phường Phường Đúc` is known as itself and as `Phường Đúc`; `Q.1`, `Quận 1`, `quan 01` are one. */
export const readPlaceName = (level: PlaceLevel, text: string): PlaceName => {
  const kinds = KINDS[level];
  const words = wordsOf(text);
  const found = kindOf(words, kinds);
  const rest = found?.rest ?? words;
  const spellings = [words, rest].flatMap((spelling) => [compact(spelling), compact(withI(spelling))]);
  const aliases = level === 'PROVINCE' ? spellings.flatMap((key) => ALIASES[key] ?? []) : [];
  const marked = markedWordsOf(text).split(' ');
  const dropped = found === null ? 0 : found.prefix.split(' ').length;
  return {
    kind: found === null ? null : kinds[found.prefix] ?? null, core: compact(rest), marked: marked.slice(marked.length > dropped ? dropped : 0).join(' '),
    keys: [...new Set([...spellings, ...aliases])].filter((key) => key !== ''), gluedKeys: gluedRests(compact(words), kinds),
  };
};

/** Folded names from the province down. */
export const placePath = (parentPath: string | null, name: string): string => (parentPath === null ? wordsOf(name) : `${parentPath}/${wordsOf(name)}`);

/** Letters to add, drop, change or swap with a neighbour (optimal string alignment). */
export const editsBetween = (left: string, right: string): number => {
  let before: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1] ? 0 : 1;
      let cost = Math.min((last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + same);
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = last;
    last = next;
  }
  return last[right.length] ?? 0;
};

/** Someone is still typing: what begins like this counts as nearer. */
const BEGINNING = 0.3;

/** 1 for the same, about 0 for nothing in common, by folded cores; above 1 never matters. */
export const likeness = (written: string, name: string): number => {
  const longest = Math.max(written.length, name.length);
  if (longest === 0 || written === '') return 0;
  return 1 - editsBetween(written, name) / longest + (name.startsWith(written) ? BEGINNING : 0);
};
