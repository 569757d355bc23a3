/** Without marks, in lower case, one space between words: what a person types who has no Vietnamese keyboard. `đ` is a letter of its own. */
export const foldText = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd').replaceAll('Đ', 'D').toLowerCase().trim().replace(/\s+/g, ' ');
