import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FileLinks } from '../../../src/files/file-links.js';
import type { FileTarget } from '../../../src/files/file-target.js';

const NOW = new Date('2026-03-15T10:00:00Z');
const HOUR_MS = 3_600_000;
const OLD_KEY = Buffer.alloc(32, 1);
const NEW_KEY = Buffer.alloc(32, 2);
const linksWith = (...keys: Buffer[]): FileLinks => new FileLinks({ keys, publicUrl: 'https://gateway.example/', ttlMs: HOUR_MS });
const tokenOf = (url: string): string => url.slice('https://gateway.example/files/'.length);
const TARGET: FileTarget = { source: 'dossier-result', rowId: '42', index: 3 };

describe('file links', () => {
  it('give back what they were made for', () => {
    const links = linksWith(NEW_KEY);
    fc.assert(fc.property(
      fc.constantFrom<FileTarget['source']>('dossier-document', 'dossier-result', 'report-document'), fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), fc.integer({ min: 0, max: 65_535 }),
      (source, id, index) => {
        const target = { source, rowId: id.toString(), index };
        expect(links.verify(tokenOf(links.sign(target, NOW)), NOW)).toEqual(target);
      }));
  });

  it('end at their time', () => {
    const links = linksWith(NEW_KEY);
    const token = tokenOf(links.sign(TARGET, NOW));
    expect(links.verify(token, new Date(NOW.getTime() + HOUR_MS - 1))).toEqual(TARGET);
    expect(links.verify(token, new Date(NOW.getTime() + HOUR_MS))).toBeNull();
  });

  it('do not survive a change of any character, a cut or an addition', () => {
    const links = linksWith(NEW_KEY);
    const token = tokenOf(links.sign(TARGET, NOW));
    const altered = Array.from(token, (character, index) => token.slice(0, index) + (character === 'A' ? 'Q' : 'A') + token.slice(index + 1));
    // The last character carries two unused bits; a change in them alone names the same bytes.
    const changed = altered.filter((text) => !Buffer.from(text, 'base64url').equals(Buffer.from(token, 'base64url')));
    expect(changed.length).toBeGreaterThanOrEqual(token.length - 1);
    expect([...changed, token.slice(1), `${token}A`, '', 'x'.repeat(50)].map((text) => links.verify(text, NOW)).every((found) => found === null)).toBe(true);
  });

  it('made under the older key are good while it is configured, and new ones use the newer', () => {
    const old = tokenOf(linksWith(OLD_KEY).sign(TARGET, NOW));
    expect(linksWith(NEW_KEY, OLD_KEY).verify(old, NOW)).toEqual(TARGET);
    expect(linksWith(NEW_KEY).verify(old, NOW)).toBeNull();
    expect(linksWith(NEW_KEY).verify(tokenOf(linksWith(NEW_KEY, OLD_KEY).sign(TARGET, NOW)), NOW)).toEqual(TARGET);
  });

  it('need keys that cannot be guessed', () => {
    expect(() => linksWith()).toThrow(RangeError);
    expect(() => linksWith(Buffer.alloc(31))).toThrow(RangeError);
  });
});
