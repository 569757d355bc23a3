import { foldText } from '../agencies/fold-text.js';
import type { NationalProcedure } from './procedure.js';

/** Letters and digits; a point only between them, so that `1.001193` is one word. */
const WORD = /[\p{L}\p{N}]+(?:\.[\p{L}\p{N}]+)*/gu;
/** PostgreSQL refuses longer lexemes; nobody searches for them. */
const MAX_WORD = 100;
/** More words than that narrow nothing. */
const MAX_QUERY_WORDS = 12;

const wordsOf = (text: string): string[] => (foldText(text).match(WORD) ?? []).filter((word) => word.length <= MAX_WORD);

/** What a record is found by: its code (whole and by its parts), the words of its names and keywords, without marks. */
export const searchTermsOf = ({ code, name, keywords, fields, publishingAgency }: NationalProcedure): readonly string[] => [
  ...new Set([...code.toLowerCase().split('.'), ...wordsOf([code, name, ...keywords, ...fields.map((field) => field.name), publishingAgency?.name ?? ''].join(' '))].filter((word) => word !== '')),
];

/** Text of a tsquery that finds records with all words, each by its beginning; null when the text holds no word. */
export const searchQueryOf = (text: string): string | null => {
  const words = [...new Set(wordsOf(text))].slice(0, MAX_QUERY_WORDS);
  return words.length === 0 ? null : words.map((word) => `'${word}':*`).join(' & ');
};
