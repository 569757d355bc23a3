import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { amountInWords } from '../../../adapters/vnpt-receipt/amount-in-words.js';

const DIGITS = ['không', 'một', 'hai', 'ba', 'bốn', 'năm', 'sáu', 'bảy', 'tám', 'chín'];
const UNITS: Readonly<Record<string, number>> = { ...Object.fromEntries(DIGITS.map((word, value) => [word, value])), mốt: 1, tư: 4, lăm: 5 };

/** An independent way back: words to number, one after the other. */
const numberOf = (text: string): number => {
  let billions = 0;
  let whole = 0;
  let group = 0;
  let pending = 0;
  const endGroup = (factor: number): void => {
    whole += (group + pending) * factor;
    group = 0;
    pending = 0;
  };
  for (const word of text.toLowerCase().split(' ')) {
    if (Object.hasOwn(UNITS, word)) pending = UNITS[word] ?? 0;
    else if (word === 'mười') group += 10;
    else if (word === 'mươi') { group += pending * 10; pending = 0; }
    else if (word === 'trăm') { group += pending * 100; pending = 0; }
    else if (word === 'nghìn') endGroup(1_000);
    else if (word === 'triệu') endGroup(1_000_000);
    else if (word === 'tỷ') { endGroup(1); billions = (billions + whole) * 1_000_000_000; whole = 0; }
    else if (word !== 'linh' && word !== 'đồng') throw new Error(`no word of a number: ${word}`);
  }
  endGroup(1);
  return billions + whole;
};

describe('an amount in words', () => {
  it.each([
    [0, 'Không đồng'], [1, 'Một đồng'], [10, 'Mười đồng'], [11, 'Mười một đồng'], [14, 'Mười bốn đồng'], [15, 'Mười lăm đồng'], [20, 'Hai mươi đồng'], [21, 'Hai mươi mốt đồng'],
    [24, 'Hai mươi tư đồng'], [25, 'Hai mươi lăm đồng'], [101, 'Một trăm linh một đồng'], [105, 'Một trăm linh năm đồng'], [115, 'Một trăm mười lăm đồng'],
    [1_000, 'Một nghìn đồng'], [1_005, 'Một nghìn không trăm linh năm đồng'], [8_000, 'Tám nghìn đồng'], [58_000, 'Năm mươi tám nghìn đồng'],
    [1_250_500, 'Một triệu hai trăm năm mươi nghìn năm trăm đồng'], [2_000_021, 'Hai triệu không trăm hai mươi mốt đồng'],
    [1_000_000_000, 'Một tỷ đồng'], [1_000_000_001, 'Một tỷ không trăm linh một đồng'], [12_000_000_000_000, 'Mười hai nghìn tỷ đồng'],
    [999_999_999_999, 'Chín trăm chín mươi chín tỷ chín trăm chín mươi chín triệu chín trăm chín mươi chín nghìn chín trăm chín mươi chín đồng'],
  ])('reads %d', (amount, words) => {
    expect(amountInWords(amount)).toBe(words);
  });

  it('tells every amount apart, and nothing but it', () => {
    fc.assert(fc.property(fc.oneof(fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 0, max: 2 ** 31 }), fc.maxSafeNat()), (amount) => {
      expect(numberOf(amountInWords(amount))).toBe(amount);
      expect(amountInWords(amount)).toMatch(/^\p{Lu}[\p{Ll} ]+ đồng$/u);
      expect(amountInWords(amount)).not.toContain('  ');
    }), { numRuns: 2_000 });
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses %d', (amount) => {
    expect(() => amountInWords(amount)).toThrow(RangeError);
  });
});
