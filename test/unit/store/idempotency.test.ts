import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, fingerprintOf } from '../../../src/store/idempotency.js';

const KEY = Buffer.alloc(32, 7);

describe('fingerprints', () => {
  it('are the same for the same content in another order, form or spelling of absence', () => {
    const one = { code: 'a', owner: { name: 'Nguyễn', phone: null }, at: new Date('2026-03-15T00:00:00Z'), list: [1, 2] };
    const other = { list: [1, 2], at: new Date('2026-03-15T00:00:00Z'), owner: { name: 'Nguyễn'.normalize('NFD') }, code: 'a', note: undefined };
    expect(fingerprintOf(KEY, 'upsert', one)).toBe(fingerprintOf(KEY, 'upsert', other));
  });

  it('differ by operation, key and order of a list', () => {
    const prints = [fingerprintOf(KEY, 'a', [1, 2]), fingerprintOf(KEY, 'b', [1, 2]), fingerprintOf(KEY, 'a', [2, 1]), fingerprintOf(Buffer.alloc(32, 8), 'a', [1, 2])];
    expect(new Set(prints).size).toBe(4);
  });

  it('tell any two different JSON values apart', () => {
    fc.assert(fc.property(fc.json(), fc.json(), (left, right) => {
      const same = canonicalJson(JSON.parse(left)) === canonicalJson(JSON.parse(right));
      expect(fingerprintOf(KEY, 'a', JSON.parse(left)) === fingerprintOf(KEY, 'a', JSON.parse(right))).toBe(same);
    }));
  });
});
