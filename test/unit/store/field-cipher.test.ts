import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SealedFieldError } from '../../../src/errors/sealed-field-error.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';

const key = (id: string) => ({ id, key: randomBytes(32) });
const k1 = key('k1');
const k2 = key('k2');

describe('FieldCipher', () => {
  it('opens what it sealed, whatever the text', () => {
    const cipher = new FieldCipher([k1]);
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
      expect(cipher.open(cipher.seal(text, context), context)).toBe(text);
    }));
  });

  it('never gives the same token twice, past the end of its pool of nonces too', () => {
    const cipher = new FieldCipher([k1]);
    expect(new Set(Array.from({ length: 1_000 }, () => cipher.seal('same', 'field'))).size).toBe(1_000);
  });

  it('refuses a token of another field, and one with any character changed', () => {
    const cipher = new FieldCipher([k1]);
    const token = cipher.seal('Nguyễn Văn Thử', 'code\nowner.name');
    expect(() => cipher.open(token, 'code\nowner.phone')).toThrow(SealedFieldError);
    for (let index = 3; index < token.length - 1; index += 1) {
      const altered = token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);
      expect(() => cipher.open(altered, 'code\nowner.name')).toThrow(SealedFieldError);
    }
  });

  it('opens under older keys and seals under the first; a key that is gone is said so', () => {
    const old = new FieldCipher([k1]).seal('text', 'field');
    const both = new FieldCipher([k2, k1]);
    expect(both.open(old, 'field')).toBe('text');
    expect(both.seal('text', 'field')).toMatch(/^k2\./);
    expect(() => new FieldCipher([k2]).open(old, 'field')).toThrow('unknown-key');
    expect(() => both.open('nonsense', 'field')).toThrow('malformed');
  });

  it.each([[[]], [[{ id: 'k1', key: randomBytes(16) }]], [[{ id: 'k.1', key: randomBytes(32) }]], [[k1, k1]]])('refuses unfit keys', (keys) => {
    expect(() => new FieldCipher(keys)).toThrow(RangeError);
  });
});
