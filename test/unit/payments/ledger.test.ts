import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arrivalOf, disputedAt, takeFrom } from '../../../src/payments/ledger.js';
import type { Posting } from '../../../src/payments/ledger.js';
import { postAll } from '../../../src/payments/ledger-store.js';

const TO = { kind: 'REFUND_DECIDED', account: 'REFUND_DUE' } as const;

describe('money that is taken from where it lies', () => {
  it('comes from the agency first, then from gateways by name, and from nowhere that has nothing', () => {
    const holdings = new Map([['AGENCY/1', 0], ['TRANSIT/b', 5], ['AGENCY/2', 5], ['TRANSIT/a', 5]]);
    expect(takeFrom(holdings, 12, TO).map(({ from, amountVnd }) => [from, amountVnd])).toEqual([['AGENCY/2', 5], ['TRANSIT/a', 5], ['TRANSIT/b', 2]]);
    expect(takeFrom(holdings, 5, TO).map(({ from }) => from)).toEqual(['AGENCY/2']);
    expect(takeFrom(holdings, 0, TO)).toEqual([]);
  });

  it('never is money that is due back or contested already', () => {
    expect(() => takeFrom(new Map([['REFUND_DUE', 5], ['DISPUTED/a', 5]]), 1, TO)).toThrow(/holds less/);
    expect(takeFrom(new Map([['DISPUTED/a', 5], ['AGENCY/1', 5]]), 5, TO)).toEqual([{ kind: 'REFUND_DECIDED', from: 'AGENCY/1', to: 'REFUND_DUE', amountVnd: 5 }]);
  });

  it('is the amount, neither more than lies anywhere, or is refused', () => {
    const holdings = fc.dictionary(fc.constantFrom('AGENCY/1', 'AGENCY/2', 'TRANSIT/a', 'TRANSIT/b', 'REFUND_DUE', 'DISPUTED/a'), fc.integer({ min: 0, max: 100 }), { noNullPrototype: true });
    fc.assert(fc.property(holdings, fc.integer({ min: 0, max: 300 }), (held, amountVnd) => {
      const free = Object.entries(held).filter(([account]) => /^(AGENCY|TRANSIT)/.test(account)).reduce((sum, [, each]) => sum + each, 0);
      const take = (): readonly Posting[] => takeFrom(new Map(Object.entries(held)), amountVnd, TO);
      if (free < amountVnd) {
        expect(take).toThrow(RangeError);
        return;
      }
      expect(take().reduce((sum, posting) => sum + posting.amountVnd, 0)).toBe(amountVnd);
      for (const posting of take()) expect(posting.amountVnd > 0 && posting.amountVnd <= (held[posting.from] ?? 0)).toBe(true);
    }));
  });
});

describe('accounts', () => {
  it('are where a gateway\'s money arrives, and where it is held back', () => {
    expect([arrivalOf({ moneyGoes: 'transit', gateway: 'vnpay', accountId: '7' }), arrivalOf({ moneyGoes: 'direct', gateway: 'mb-bank', accountId: '7' }), disputedAt('vnpay')])
      .toEqual(['TRANSIT/vnpay', 'AGENCY/7', 'DISPUTED/vnpay']);
  });
});

describe('postings', () => {
  it('are written in their order, with the refund that they are of, and none of nothing', async () => {
    const written: unknown[] = [];
    const client = { query: ({ values }: { values: readonly unknown[] }) => Promise.resolve(written.push(values)) };
    const posting = (amountVnd: number): Posting => ({ kind: 'PAID', from: 'CITIZEN', to: 'TRANSIT/a', amountVnd });
    await postAll(client as never, { paymentId: '1' }, [posting(0), posting(2), posting(1)]);
    await postAll(client as never, { paymentId: '1', refundId: '9' }, [posting(3)]);
    expect(written).toEqual([['PAID', 'CITIZEN', 'TRANSIT/a', 2, '1', null], ['PAID', 'CITIZEN', 'TRANSIT/a', 1, '1', null], ['PAID', 'CITIZEN', 'TRANSIT/a', 3, '1', '9']]);
  });
});
