import { describe, expect, it } from '@jest/globals';
import { OPEN_PAYMENT_STATES, PAYMENT_STATES, mayPaymentMove } from '../../../src/payments/payment.js';
import type { PaymentSource } from '../../../src/payments/payment.js';

const SOURCES: readonly PaymentSource[] = ['open', 'callback', 'query', 'statement', 'clock', 'portal', 'operator', 'refund'];

/** Written down a second time on purpose: what may become of citizens' money, and on whose word. */
const LEGAL: Readonly<Record<string, string>> = {
  'CREATED AWAITING': 'open callback query', 'CREATED UNKNOWN': 'open clock', 'CREATED FAILED': 'open callback query statement clock',
  'CREATED PAID': 'callback query statement', 'CREATED DISPUTED': 'callback query statement',
  'AWAITING PAID': 'callback query statement operator', 'AWAITING FAILED': 'callback query statement operator', 'AWAITING DISPUTED': 'callback query statement',
  'AWAITING EXPIRED': 'query clock', 'AWAITING CANCELLED': 'portal operator',
  'UNKNOWN AWAITING': 'callback query', 'UNKNOWN PAID': 'callback query statement operator', 'UNKNOWN FAILED': 'callback query statement operator',
  'UNKNOWN DISPUTED': 'callback query statement', 'UNKNOWN EXPIRED': 'query',
  'PAID REFUNDING': 'operator refund', 'PAID DISPUTED': 'query statement operator',
  'FAILED PAID': 'callback query statement operator', 'FAILED DISPUTED': 'callback query statement',
  'EXPIRED PAID': 'callback query statement operator', 'EXPIRED DISPUTED': 'callback query statement',
  'CANCELLED PAID': 'callback query statement operator', 'CANCELLED DISPUTED': 'callback query statement',
  'REFUNDING PAID': 'refund', 'REFUNDING REFUNDED': 'refund',
  'DISPUTED PAID': 'callback query statement operator', 'DISPUTED FAILED': 'query statement operator',
};

describe('moves of a payment', () => {
  it.each(PAYMENT_STATES)('from %s are the listed ones and no other', (from) => {
    for (const to of PAYMENT_STATES) {
      expect({ from, to, by: SOURCES.filter((by) => mayPaymentMove(from, to, by)).join(' ') }).toEqual({ from, to, by: LEGAL[`${from} ${to}`] ?? '' });
    }
  });

  it('hold fees while money may come, or is contested', () => {
    expect(PAYMENT_STATES.filter((state) => OPEN_PAYMENT_STATES.includes(state))).toEqual(['CREATED', 'AWAITING', 'UNKNOWN', 'DISPUTED']);
  });
});
