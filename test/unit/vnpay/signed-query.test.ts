import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSignedQuery } from '../../../adapters/vnpay/signed-query.js';

const read = (text: string) => readSignedQuery(Buffer.from(text, 'latin1'));
const parametersOf = (count: number): string => Array.from({ length: count }, (_, index) => `p${String(index)}=1`).join('&');

describe('a signed query', () => {
  it('is taken apart: what is signed, in the order of names, and the hash of it', () => {
    const query = read('vnp_b=x+y%26&vnp_a=%C3%A1&vnp_empty=&vnp_bare&vnp_SecureHash=AB12&vnp_SecureHashType=SHA512');
    if (typeof query === 'string') throw new Error(query);
    expect([...query.fields]).toEqual([['vnp_b', 'x y&'], ['vnp_a', 'á'], ['vnp_empty', ''], ['vnp_bare', '']]);
    expect([query.canonical, query.hash]).toEqual(['vnp_a=%C3%A1&vnp_b=x+y%26', 'AB12']);
    expect(read('vnp_a=1=2')).toMatchObject({ canonical: 'vnp_a=1%3D2', hash: '' });
  });

  it.each(['', '&', 'a=1&', '=1', 'a=1&=2', 'a=%', 'a=%zz', '%zz=a', 'a=%FF', ' a=1', 'a=1\n', 'a=\u00e1', 'a=\u007f', '\na=1', 'a=1 2'])('that can be read in more than one way, as %j, has no shape', (text) => {
    expect(read(text)).toBe('shape');
  });

  it('has a hundred parameters at the most, and no name twice, however it is written', () => {
    expect(read(parametersOf(100))).toMatchObject({ hash: '' });
    expect(read(parametersOf(101))).toBe('shape');
    expect([read('a=1&a=1'), read('a=1&%61=2'), read('vnp_SecureHash=1&vnp_SecureHash=1')]).toEqual(['duplicate-parameter', 'duplicate-parameter', 'duplicate-parameter']);
  });

  it('comes back from what any names and values are written as', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.startsWith('vnp_SecureHash'));
    fc.assert(fc.property(fc.dictionary(name, fc.string({ unit: 'grapheme' }), { minKeys: 1, noNullPrototype: true }), (fields) => {
      const query = read(new URLSearchParams(Object.entries(fields)).toString());
      expect(typeof query === 'string' ? query : Object.fromEntries(query.fields)).toEqual(fields);
    }));
  });
});
