/** The only code that is known to mean success; every published client checks for it. */
const ANSWERED = '00';

export type LookupVerdict = 'answer' | 'not-found' | 'unlisted';

/** Codes for "no such account" are not published, so configuration lists those that were seen. An unlisted one is neither yes nor no. */
export const lookupVerdict = (code: string, notFoundCodes: readonly string[]): LookupVerdict => {
  if (code === ANSWERED) return 'answer';
  return notFoundCodes.includes(code) ? 'not-found' : 'unlisted';
};
