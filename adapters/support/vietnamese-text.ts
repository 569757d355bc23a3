/** Text as it is compared: NFC and lower case. Real servers mix NFC and NFD (national-portal.md §11.2). */
export const foldText = (text: string): string => text.normalize('NFC').toLowerCase();

/** Does `text` hold any of the phrases? The phrases must be folded already. */
export const holdsAny = (text: string, foldedPhrases: readonly string[]): boolean => {
  const folded = foldText(text);
  return foldedPhrases.some((phrase) => folded.includes(phrase));
};

/** Cuts at a number of code points, never inside one. Text of at most `limit` UTF-16 units is returned as it is. */
export const cutByCodePoint = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  let points = 0;
  let index = 0;
  while (index < text.length && points < limit) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
    points += 1;
  }
  return text.slice(0, index);
};
