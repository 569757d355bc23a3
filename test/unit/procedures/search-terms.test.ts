import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nationalCodeOf, parseCatalogueFilter } from '../../../src/procedures/catalogue-input.js';
import { searchQueryOf, searchTermsOf } from '../../../src/procedures/search-terms.js';
import { sampleProcedure } from '../../support/scripted-catalogue.js';

describe('search terms', () => {
  it('are words without marks, and a code whole and in parts', () => {
    expect(searchTermsOf(sampleProcedure(7, { name: 'Đăng ký khai sinh', keywords: ['Trẻ em'], fields: [], publishingAgency: null })))
      .toEqual(['1', '000007', '1.000007', 'dang', 'ky', 'khai', 'sinh', 'tre', 'em']);
  });

  it('are asked for by their beginnings, however the text is composed or spelled', () => {
    expect(searchQueryOf('  ĐĂNG  ký ')).toBe(`'dang':* & 'ky':*`);
    expect(searchQueryOf('đăng ký'.normalize('NFD'))).toBe(searchQueryOf('dang ky'));
    expect(searchQueryOf('1.0000')).toBe(`'1.0000':*`);
    expect(searchQueryOf('…!')).toBeNull();
  });

  it('never hold what a tsquery would read as more than a word', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      expect(searchQueryOf(text) ?? `'a':*`).toMatch(/^'[\p{L}\p{N}.]+':\*( & '[\p{L}\p{N}.]+':\*)*$/u);
    }));
  });

  it('are refused when there are none', () => {
    expect(() => parseCatalogueFilter({ text: '?!' })).toThrow('filter.text');
    expect(() => parseCatalogueFilter({ text: 'a'.repeat(501) })).toThrow('filter.text');
    expect(parseCatalogueFilter({ text: ' ', level: null, isPublic: false })).toEqual({ isPublic: false });
  });
});

describe('a national code', () => {
  it.each([['1.001193', '1.001193'], [' 1.001193.000.00.00.H42 ', '1.001193'], ['1.001193.H42', '1.001193'], ['abc', 'abc']])('of %s is %s', (code, national) => {
    expect(nationalCodeOf(code)).toBe(national);
  });
});
