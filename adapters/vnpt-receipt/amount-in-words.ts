const DIGITS = ['không', 'một', 'hai', 'ba', 'bốn', 'năm', 'sáu', 'bảy', 'tám', 'chín'] as const;
/** Of groups of three digits, counted from the right within one `tỷ`. */
const GROUPS = ['', 'nghìn', 'triệu'] as const;
const BILLION = 1_000_000_000;

const digit = (value: number): string => DIGITS[value] ?? '';

/** 1 after "mươi" is "mốt", 4 is "tư", and 5 after any ten "lăm". */
const unitsAfter = (tens: number, units: number): string => {
  if (units === 1 && tens > 1) return 'mốt';
  if (units === 4 && tens > 1) return 'tư';
  return units === 5 ? 'lăm' : digit(units);
};

const belowHundred = (value: number, isLed: boolean): readonly string[] => {
  const tens = Math.floor(value / 10);
  const units = value % 10;
  if (value === 0) return [];
  if (tens === 0) return isLed ? ['linh', digit(units)] : [digit(units)];
  return [...(tens === 1 ? ['mười'] : [digit(tens), 'mươi']), ...(units === 0 ? [] : [unitsAfter(tens, units)])];
};

/** `isLed`: something larger was said before, so that a missing hundred is said, too. */
const belowThousand = (value: number, isLed: boolean): readonly string[] => {
  const hundreds = Math.floor(value / 100);
  const isSaid = hundreds > 0 || isLed;
  return [...(isSaid ? [digit(hundreds), 'trăm'] : []), ...belowHundred(value % 100, isSaid)];
};

const belowBillion = (value: number, isLed: boolean): readonly string[] => {
  const words: string[] = [];
  for (const [index, name] of [...GROUPS.entries()].reverse()) {
    const group = Math.floor(value / 1_000 ** index) % 1_000;
    if (group > 0) words.push(...belowThousand(group, isLed || words.length > 0), ...(name === '' ? [] : [name]));
  }
  return words;
};

const wordsOf = (value: number): readonly string[] => {
  if (value < BILLION) return belowBillion(value, false);
  const billions = [...wordsOf(Math.floor(value / BILLION)), 'tỷ'];
  return value % BILLION === 0 ? billions : [...billions, ...belowBillion(value % BILLION, true)];
};

/**
 * A sum as it is written on a Vietnamese receipt, such as "Năm mươi tám nghìn đồng".
 * @param amountVnd whole, 0 to 2^53 − 1
 * @throws RangeError for anything else
 */
export const amountInWords = (amountVnd: number): string => {
  if (!Number.isSafeInteger(amountVnd) || amountVnd < 0) throw new RangeError('No amount of money');
  const text = [...(amountVnd === 0 ? [digit(0)] : wordsOf(amountVnd)), 'đồng'].join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};
