import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FeeItem } from '../../../src/payments/payment.js';
import { correctionOf, itemsWithin, statesBefore } from '../../../src/receipts/receipt.js';

const item = (key: string, amountVnd: number): FeeItem => ({ key, kind: 'FEE', name: key, amountVnd });

describe('the correction of a receipt', () => {
  it.each([
    [58_000, 58_000, false, null], [0, 58_000, false, { kind: 'cancel' }], [0, 58_000, true, { kind: 'person', reason: 'adjusted-before' }],
    [8_000, 58_000, false, { kind: 'adjust' }], [8_000, 58_000, true, { kind: 'adjust' }], [58_000, 8_000, true, { kind: 'person', reason: 'paid-again' }],
  ])('of %d due and %d said, adjusted %s', (dueVnd, saidVnd, isAdjusted, expected) => {
    expect(correctionOf({ dueVnd, saidVnd }, isAdjusted)).toEqual(expected);
  });
});

describe('fees within an amount', () => {
  it('stay whole in their order as long as the money lasts', () => {
    const items = [item('a', 8_000), item('b', 50_000)];
    expect(itemsWithin(items, 58_000)).toEqual(items);
    expect(itemsWithin(items, 18_000)).toEqual([item('a', 8_000), item('b', 10_000)]);
    expect(itemsWithin(items, 8_000)).toEqual([item('a', 8_000)]);
  });

  it('sum to it, and none is empty', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 10 ** 9 }), { minLength: 1, maxLength: 20 }), fc.double({ min: 0.000_001, max: 1, noNaN: true }), (amounts, share) => {
      const whole = amounts.reduce((sum, amount) => sum + amount, 0);
      const part = Math.max(1, Math.floor(whole * share));
      const kept = itemsWithin(amounts.map((amount, index) => item(String(index), amount)), part);
      expect(kept.reduce((sum, { amountVnd }) => sum + amountVnd, 0)).toBe(part);
      expect(kept.every(({ amountVnd, key }) => amountVnd > 0 && amountVnd <= (amounts[Number(key)] ?? 0))).toBe(true);
    }));
  });
});

describe('moves of a receipt', () => {
  it('never bring a cancelled one back, nor issue what is not owed', () => {
    expect(statesBefore('OWED')).toEqual(['REFUSED']);
    expect(statesBefore('ISSUED')).toEqual(['OWED', 'CANCELLING']);
    expect(statesBefore('CANCELLED')).toEqual(['CANCELLING', 'ISSUED']);
  });
});
