import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutByCodePoint, foldText, holdsAny } from '../../../adapters/support/vietnamese-text.js';
import { fromWallClock, toWallClock } from '../../../adapters/support/wall-clock.js';

describe('wall clock of Vietnam', () => {
  it.each([['2026-03-15T01:30:00Z', '20260315083000'], ['2026-12-31T17:00:00Z', '20270101000000'], ['2024-02-28T17:00:01.999Z', '20240229000001']])(
    '%s is %s', (instant, text) => { expect(toWallClock(new Date(instant))).toBe(text); });

  it('goes there and back', () => {
    const instants = fc.date({ min: new Date('1976-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(fc.property(instants, (instant) => {
      expect(fromWallClock(toWallClock(instant))?.getTime()).toBe(Math.floor(instant.getTime() / 1000) * 1000);
    }));
  });

  it('agrees with the time zone database', () => {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Ho_Chi_Minh', dateStyle: 'short', timeStyle: 'medium' });
    fc.assert(fc.property(fc.date({ min: new Date('1976-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }), (instant) => {
      expect(toWallClock(instant)).toBe(format.format(instant).replace(/\D/g, ''));
    }));
  });

  it.each(['20260230000000', '20261301000000', '20260315240000', '20260315', '', '2026-03-15', '20260315083060'])('refuses %p', (text) => {
    expect(fromWallClock(text)).toBeNull();
  });
});

describe('Vietnamese text', () => {
  it('compares whatever the Unicode form or case', () => {
    fc.assert(fc.property(fc.constantFrom('Hồ sơ ĐÃ TỒN TẠI', 'hồ sơ đã tồn tại'), fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'), (text, form) => {
      expect(holdsAny(text.normalize(form), [foldText('đã tồn tại')])).toBe(true);
    }));
    expect(holdsAny('da ton tai', [foldText('đã tồn tại')])).toBe(false);
  });

  it('cuts by code point', () => {
    expect(cutByCodePoint('a😀b', 2)).toBe('a😀');
    expect(cutByCodePoint('😀😀', 1)).toBe('😀');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, limit) => {
      expect(cutByCodePoint(text, limit)).toBe([...text].slice(0, limit).join(''));
    }));
  });
});
