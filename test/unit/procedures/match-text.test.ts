import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codeFor, readProcedureCode } from '../../../src/procedures/match-code.js';
import { dice, likeness, nameKey, trigramsOf } from '../../../src/procedures/match-text.js';

describe('names', () => {
  it('have one key in every spelling of the same text', () => {
    const key = nameKey('Thủ tục đăng ký – khai tử');
    for (const other of ['THỦ TỤC  ĐĂNG KÝ - KHAI TỬ.', 'thủ tục đăng ký-khai tử', 'Thủ tục đăng ký — khai tử'.normalize('NFD')]) expect(nameKey(other)).toBe(key);
    expect(nameKey('Thu tuc dang ky - khai tu')).not.toBe(key);
  });

  it('are alike from 0 to 1, the same either way, and 1 for themselves', () => {
    const text = fc.string({ unit: fc.constantFrom(...'abcđêơ ') , maxLength: 40 });
    fc.assert(fc.property(text, text, (left, right) => {
      const score = likeness(left, right);
      expect(score).toBe(likeness(right, left));
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(likeness(left, left)).toBe(trigramsOf(left).size === 0 ? 0 : 1);
    }));
  });

  it('are measured by their trigrams, without marks', () => {
    expect([...trigramsOf('Đất')]).toEqual(['  d', ' da', 'dat', 'at ']);
    expect(likeness('Cấp giấy phép', 'cap giay phep')).toBe(1);
    expect(dice(1, 2, 2)).toBe(0.5);
  });
});

describe('procedure codes', () => {
  it.each([
    ['1.001193', { stem: '1.001193', suffix: null, levelOne: null, wellFormed: true }],
    [' 1.001193.000.00.00.h42 ', { stem: '1.001193', suffix: '000.00.00.H42', levelOne: 'H42', wellFormed: true }],
    ['2.002621.H56', { stem: '2.002621', suffix: 'H56', levelOne: 'H56', wellFormed: true }],
    ['1001193', { stem: '1.001193', suffix: null, levelOne: null, wellFormed: false }],
    ['1,001193', { stem: '1.001193', suffix: null, levelOne: null, wellFormed: false }],
    ['1.0011934', null], ['BYT-285', null], ['', null],
  ])('reads %j', (code, expected) => expect(readProcedureCode(code)).toEqual(expected));

  it('are suggested in the form that is in use', () => {
    expect(codeFor('1.001193', readProcedureCode('1.5'), 'H42')).toBe('1.001193');
    expect(codeFor('1.001193', readProcedureCode('1.000001.H25'), 'H42')).toBe('1.001193.H42');
    expect(codeFor('1.001193', readProcedureCode('1.000001.000.00.00.H25'), 'H42')).toBe('1.001193.000.00.00.H42');
  });
});
