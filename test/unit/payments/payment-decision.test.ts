import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide, provableAt } from '../../../src/payments/payment-decision.js';
import type { GatewayWord } from '../../../src/payments/payment-gateway-port.js';
import { PAYMENT_STATES, mayPaymentMove } from '../../../src/payments/payment.js';
import type { PaymentSource, PaymentState } from '../../../src/payments/payment.js';
import { context, CREATED_AT, decided, payment, PROVABLE, SETTLE_MS, TAKEN, word } from './told-payments.js';

const SAYS: readonly GatewayWord['says'][] = ['paid', 'pending', 'failed', 'disputed', 'not-found'];
const SOURCES: readonly PaymentSource[] = ['callback', 'query', 'statement', 'operator'];
const TARGETS: Readonly<Record<GatewayWord['says'], PaymentState>> = { paid: 'PAID', pending: 'AWAITING', failed: 'FAILED', disputed: 'DISPUTED', 'not-found': 'EXPIRED' };

describe('a decision about a word', () => {
  const every = PAYMENT_STATES.flatMap((state) => SAYS.flatMap((says) => SOURCES.map((source) => [state, says, source] as const)));

  it.each(every)('from %s on "%s" by %s moves along a listed edge, or is recorded', (state, says, source) => {
    const decision = decided({ state }, { says }, { source });
    const to = TARGETS[says];
    const isLegal = mayPaymentMove(state, to, source) && !(says === 'not-found' && source !== 'query') && !(says === 'paid' && (state === 'REFUNDING' || state === 'REFUNDED'));
    expect(decision.kind).toBe(isLegal && state !== to ? 'move' : 'record');
    if (decision.kind === 'move') expect(decision.to).toBe(to);
  });

  it.each([['paid', 1], ['paid', 50_001], ['disputed', 49_999]] as const)('never applies "%s" of another amount, and asks', (says, amountVnd) => {
    for (const state of PAYMENT_STATES) expect(decided({ state }, { says, amountVnd })).toMatchObject({ kind: 'record', reason: 'amount', answer: 'amount', personReason: 'amount', askSoon: true });
  });

  it.each(['callback', 'query', 'statement'] as const)('books no money of which a word by %s does not say how much, and needs no amount where it is booked', (source) => {
    for (const says of ['paid', 'disputed'] as const) {
      for (const state of PAYMENT_STATES.filter((each) => !TAKEN.includes(each))) {
        expect(decided({ state }, { says, amountVnd: null }, { source })).toMatchObject({ kind: 'record', reason: 'amount', answer: 'amount', personReason: 'amount' });
      }
    }
    expect(decided({ state: 'PAID' }, { amountVnd: null }, { source })).toMatchObject({ kind: 'record', reason: 'repeat' });
    expect(decided({ state: 'DISPUTED' }, { amountVnd: null }, { source })).toMatchObject({ kind: 'move', to: 'PAID' });
  });

  it('books money where it goes', () => {
    expect(decided({}, {})).toMatchObject({ kind: 'move', to: 'PAID', paidVnd: 50_000, items: 'paid', postings: [{ kind: 'PAID', from: 'CITIZEN', to: 'TRANSIT/acme', amountVnd: 50_000 }] });
    expect(decided({ moneyGoes: 'direct' }, {})).toMatchObject({ postings: [{ to: 'AGENCY/7' }] });
  });

  it('answers a repeat as such, and shows another transaction under the same reference to a person', () => {
    const paid = { state: 'PAID', gatewayTransaction: 'T1' } as const;
    expect(decided(paid, {})).toMatchObject({ kind: 'record', reason: 'repeat', answer: 'already', personReason: null });
    expect(decided(paid, { gatewayTransaction: null })).toMatchObject({ reason: 'repeat', answer: 'already' });
    expect(decided(paid, { gatewayTransaction: 'T2' })).toMatchObject({ reason: 'other-transaction', answer: 'already', personReason: 'paid-twice' });
    expect(decided({ state: 'FAILED' }, { says: 'failed' })).toMatchObject({ reason: 'repeat', answer: 'confirmed' });
  });

  it('keeps a late success: for its fees where they are free, else as a surplus that is due back', () => {
    for (const state of ['FAILED', 'EXPIRED', 'CANCELLED'] as const) {
      expect(decided({ state }, {})).toMatchObject({ to: 'PAID', surplus: false, items: 'paid' });
      expect(decided({ state }, {}, { itemsFree: false })).toMatchObject({
        to: 'PAID', surplus: true, items: 'kept', personReason: 'surplus', answer: 'confirmed',
        postings: [{ kind: 'PAID', from: 'CITIZEN', to: 'TRANSIT/acme' }, { kind: 'SURPLUS', from: 'TRANSIT/acme', to: 'REFUND_DUE' }],
      });
    }
  });

  it('does not believe "not found" before the gateway must know', () => {
    const before = new Date(PROVABLE.getTime() - 1);
    expect(decided({}, { says: 'not-found' }, { source: 'query', now: before })).toMatchObject({ kind: 'record', reason: 'too-early' });
    expect(decided({}, { says: 'not-found' }, { source: 'query' })).toMatchObject({ kind: 'move', to: 'EXPIRED', items: 'freed' });
    expect(provableAt(payment({ state: 'UNKNOWN' }), SETTLE_MS)).toEqual(new Date('2026-03-15T10:30:00Z'));
    expect(provableAt(payment({ state: 'UNKNOWN', sentAt: null }), SETTLE_MS)).toEqual(new Date('2026-03-15T10:30:00Z'));
  });

  it('shows what contradicts money taken to a person, and asks', () => {
    expect(decided({ state: 'PAID' }, { says: 'failed' })).toMatchObject({ reason: 'contradiction', answer: 'state', personReason: 'contradiction', askSoon: true });
    expect(decided({ state: 'PAID' }, { says: 'failed' }, { source: 'query' })).toMatchObject({ askSoon: false });
    expect(decided({ state: 'REFUNDED' }, { says: 'failed' })).toMatchObject({ reason: 'illegal-move', answer: 'state', personReason: null });
    expect(decided({ state: 'PAID', personReason: 'contradiction' }, {}, { source: 'query' })).toMatchObject({ reason: 'repeat', personReason: null });
    expect(decided({ state: 'PAID', personReason: 'contradiction' }, {})).toMatchObject({ personReason: 'contradiction' });
    expect(decided({ state: 'EXPIRED' }, { says: 'failed' })).toMatchObject({ reason: 'over', answer: 'confirmed' });
  });

  it.each([['paid', 'PAID'], ['disputed', 'DISPUTED']] as const)('books what is left when "%s" follows a lost dispute of a payment that was given back in part', (says, to) => {
    expect(decided({ state: 'FAILED', paidVnd: 20_000, refundedVnd: 20_000 }, { says })).toMatchObject({ to, paidVnd: 50_000, postings: [{ from: 'CITIZEN', amountVnd: 30_000 }] });
  });

  it('takes disputed money from where it lies, and brings it back or gives it up', () => {
    const subject = payment({ state: 'PAID', paidVnd: 50_000, refundedVnd: 20_000 });
    const split = new Map([['TRANSIT/acme', 10_000], ['AGENCY/7', 20_000]]);
    expect(decide(subject, word({ says: 'disputed' }), context(subject, { source: 'query', holdings: split }))).toMatchObject({
      to: 'DISPUTED', items: 'kept', postings: [{ from: 'AGENCY/7', amountVnd: 20_000 }, { from: 'TRANSIT/acme', amountVnd: 10_000 }],
    });
    expect(() => decide(subject, word({ says: 'disputed' }), context(subject, { source: 'query', holdings: new Map() }))).toThrow(RangeError);
    expect(decided({ state: 'FAILED' }, { says: 'disputed' }, { itemsFree: false })).toMatchObject({ to: 'DISPUTED', items: 'kept' });
    expect(decided({ state: 'DISPUTED' }, { says: 'failed' }, { source: 'query' })).toMatchObject({ to: 'FAILED', paidVnd: 0, items: 'freed', postings: [{ kind: 'DISPUTE_LOST', from: 'DISPUTED/acme', to: 'CITIZEN', amountVnd: 50_000 }] });
    expect(decided({ state: 'DISPUTED' }, { says: 'paid' }, { itemsFree: false })).toMatchObject({ to: 'PAID', surplus: true, postings: [{ kind: 'DISPUTE_WON' }, { kind: 'SURPLUS' }] });
  });
});

describe('any sequence of words', () => {
  const words = fc.array(fc.record({
    says: fc.constantFrom(...SAYS), source: fc.constantFrom(...SOURCES), amountVnd: fc.constantFrom(50_000, 50_000, 50_000, null, 1), itemsFree: fc.boolean(),
    laterMs: fc.integer({ min: 0, max: 3_600_000 }), gatewayTransaction: fc.constantFrom('T1', 'T1', 'T2', null),
  }), { maxLength: 25 });

  it('books money once, loses none, and balances after each step', () => {
    fc.assert(fc.property(words, fc.constantFrom<PaymentState>('CREATED', 'AWAITING', 'UNKNOWN'), fc.constantFrom<'transit' | 'direct'>('transit', 'direct'), (said, state, moneyGoes) => {
      let now = CREATED_AT.getTime();
      let subject = payment({ state, moneyGoes });
      const ledger = new Map<string, number>();
      let charged = 0;
      let moneyWasTaken = false;
      for (const { source, itemsFree, laterMs, ...rest } of said) {
        now += laterMs;
        const decision = decide(subject, word(rest), { source, itemsFree, now: new Date(now), settleMs: SETTLE_MS, holdings: new Map([...ledger].filter(([account, held]) => account !== 'CITIZEN' && held > 0)) });
        if (decision.kind === 'record') {
          subject = { ...subject, personReason: decision.personReason };
          continue;
        }
        expect(mayPaymentMove(subject.state, decision.to, source)).toBe(true);
        for (const { from, to, amountVnd, kind } of decision.postings) {
          ledger.set(from, (ledger.get(from) ?? 0) - amountVnd);
          ledger.set(to, (ledger.get(to) ?? 0) + amountVnd);
          if (from === 'CITIZEN') charged += 1;
          if (kind === 'DISPUTE_LOST') charged -= 1;
        }
        moneyWasTaken = decision.to === 'PAID' || decision.to === 'DISPUTED' || (moneyWasTaken && decision.to !== 'FAILED');
        subject = { ...subject, state: decision.to, surplus: decision.surplus, paidVnd: decision.paidVnd, personReason: decision.personReason };
        expect(charged).toBe(moneyWasTaken ? 1 : 0);
        expect([...ledger.values()].reduce((sum, held) => sum + held, 0)).toBe(0);
        expect(0 - (ledger.get('CITIZEN') ?? 0)).toBe(subject.paidVnd);
        expect([...ledger].filter(([account, held]) => account !== 'CITIZEN' && held < 0)).toEqual([]);
        if (subject.state === 'PAID') expect(ledger.get(subject.surplus ? 'REFUND_DUE' : moneyGoes === 'transit' ? 'TRANSIT/acme' : 'AGENCY/7')).toBe(50_000);
      }
    }), { numRuns: 2_000 });
  });

  it('ends in money booked once a true "paid" was heard, unless the gateway took it back', () => {
    fc.assert(fc.property(words, fc.array(fc.constantFrom<GatewayWord['says']>('pending', 'failed', 'not-found', 'paid'), { maxLength: 10 }), (before, after) => {
      let subject = payment({ state: 'AWAITING' });
      const hear = (said: Partial<GatewayWord>, source: PaymentSource): void => {
        const decision = decide(subject, word(said), context(subject, { source }));
        if (decision.kind === 'move') subject = { ...subject, state: decision.to, surplus: decision.surplus, paidVnd: decision.paidVnd };
      };
      for (const { says } of before.filter(({ says: said }) => said !== 'disputed')) hear({ says }, 'callback');
      hear({ says: 'paid' }, 'callback');
      for (const says of after) hear({ says }, 'query');
      expect(subject.state).toBe('PAID');
    }));
  });
});
