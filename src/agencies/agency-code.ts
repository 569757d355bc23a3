/** QCVN 102:2016: level-1 code last. Source: national-portal.md §6.1. */
const OLD_FORM = /^\d{3}\.\d{2}\.\d{2}\.([A-Z]\d{2})$/;
/** Decision 20/2020: level-1 code first; the depth limit is a guess of that source. */
const NEW_FORM = /^([A-Z]\d{2})(?:\.\d{2,3}){0,6}$/;

/** Which rule a code was given under; `000.12.34.H42` and `H42.12.34` are different codes, and neither is computable from the other. */
export type CodeEpoch = 'QCVN_102_2016' | 'DECISION_20_2020';

/** Null when it is no agency code of either epoch. */
export const epochOf = (code: string): CodeEpoch | null => {
  if (OLD_FORM.test(code)) return 'QCVN_102_2016';
  return NEW_FORM.test(code) ? 'DECISION_20_2020' : null;
};

/** Level-1 code of the authority that an agency code belongs to, or null when it is no agency code of either epoch. */
export const levelOneOf = (agencyCode: string): string | null => (OLD_FORM.exec(agencyCode) ?? NEW_FORM.exec(agencyCode))?.[1] ?? null;

/** Levenshtein's distance; above `limit` any number above it. */
export const editDistance = (left: string, right: string, limit: number): number => {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...left].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...right].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
};
