import { describe, expect, it } from '@jest/globals';
import { isGivenUp, mayCloseCase } from '../../../src/payments/payment-decision.js';
import type { DecidedPayment, MoveDecision, RecordDecision, WordContext } from '../../../src/payments/payment-decision.js';
import type { GatewayWord } from '../../../src/payments/payment-gateway-port.js';
import { PAYMENT_STATES } from '../../../src/payments/payment.js';
import { decided } from './told-payments.js';

type Given = readonly [payment: Partial<DecidedPayment>, word: Partial<GatewayWord>, context: Partial<WordContext>];

const QUERY = { source: 'query' } as const;
const NOW = new Date('2026-03-15T12:00:00Z');
const LATER = new Date(NOW.getTime() + 1);

describe('a word that changes nothing', () => {
  it.each<readonly [string, Given, Partial<RecordDecision>]>([
    ['waits still', [{}, { says: 'pending' }, {}], { reason: 'pending', answer: 'confirmed' }],
    ['waits, of what is paid', [{ state: 'PAID' }, { says: 'pending' }, {}], { reason: 'over', answer: 'confirmed' }],
    ['failed, of what is cancelled', [{ state: 'CANCELLED' }, { says: 'failed' }, {}], { reason: 'over', answer: 'confirmed' }],
    ['failed, of what goes back', [{ state: 'REFUNDING' }, { says: 'failed' }, {}], { reason: 'illegal-move', answer: 'state' }],
    ['disputed, of what went back', [{ state: 'REFUNDED' }, { says: 'disputed' }, {}], { reason: 'illegal-move', answer: 'state' }],
    ['disputed, heard from the gateway unasked, of what is paid', [{ state: 'PAID' }, { says: 'disputed' }, {}], { reason: 'contradiction', answer: 'state', personReason: 'contradiction', askSoon: true }],
    ['paid, from a person, of what nobody was sent to pay', [{ state: 'CREATED' }, {}, { source: 'operator' }], { reason: 'contradiction', answer: 'state', personReason: 'contradiction' }],
    ['failed, of what is paid and shown to a person already', [{ state: 'PAID', personReason: 'surplus' }, { says: 'failed' }, QUERY], { reason: 'contradiction', answer: 'state', personReason: 'surplus' }],
    ['paid, of what goes back', [{ state: 'REFUNDING' }, {}, {}], { reason: 'repeat', answer: 'already' }],
    ['paid, of what went back, without an amount', [{ state: 'REFUNDED' }, { amountVnd: null }, {}], { reason: 'repeat', answer: 'already' }],
    ['paid, of what goes back, without an amount', [{ state: 'REFUNDING' }, { amountVnd: null }, {}], { reason: 'repeat', answer: 'already' }],
    ['disputed again, under another number', [{ state: 'DISPUTED', gatewayTransaction: 'T1' }, { says: 'disputed', gatewayTransaction: 'T2' }, QUERY], { reason: 'repeat', answer: 'already' }],
    ['paid under another number, shown to a person already', [{ state: 'PAID', gatewayTransaction: 'T1', personReason: 'surplus' }, { gatewayTransaction: 'T2' }, {}], { reason: 'other-transaction', answer: 'already', personReason: 'surplus' }],
    ['another amount, to a question', [{}, { amountVnd: 1 }, QUERY], { reason: 'amount', answer: 'amount', personReason: 'amount' }],
    ['not found, of what is paid', [{ state: 'PAID' }, { says: 'not-found' }, QUERY], { reason: 'over', answer: 'confirmed' }],
    ['not found, from a file', [{}, { says: 'not-found' }, { source: 'statement' }], { reason: 'too-early', answer: 'confirmed' }],
  ])('%s', (_what, [payment, word, context], expected) => {
    expect(decided(payment, word, context)).toEqual({ kind: 'record', personReason: null, askSoon: false, ...expected });
  });
});

describe('a word that moves a payment', () => {
  const posted = (kind: string, from: string, to: string, amountVnd: number) => ({ kind, from, to, amountVnd });

  it.each<readonly [string, Given, Partial<Omit<MoveDecision, 'postings'>> & { readonly postings?: unknown }]>([
    ['the citizen can pay', [{ state: 'CREATED' }, { says: 'pending', amountVnd: 1 }, {}], { to: 'AWAITING', items: 'kept' }],
    ['it failed, whatever amount is named', [{}, { says: 'failed', amountVnd: 1 }, {}], { to: 'FAILED', items: 'freed' }],
    ['it failed before anybody could pay', [{ state: 'UNKNOWN' }, { says: 'failed' }, {}], { to: 'FAILED', items: 'freed' }],
    ['it was never there', [{ state: 'UNKNOWN' }, { says: 'not-found' }, QUERY], { to: 'EXPIRED', items: 'freed' }],
    ['money is held back before it was ours', [{}, { says: 'disputed' }, {}], { to: 'DISPUTED', items: 'held', paidVnd: 50_000, personReason: 'disputed', postings: [posted('DISPUTED', 'CITIZEN', 'DISPUTED/acme', 50_000)] }],
    ['money is held back that was ours', [{ state: 'PAID' }, { says: 'disputed' }, QUERY], { to: 'DISPUTED', items: 'kept', paidVnd: 50_000, personReason: 'disputed', postings: [posted('DISPUTED', 'TRANSIT/acme', 'DISPUTED/acme', 50_000)] }],
    ['money is held back that was due back', [{ state: 'PAID', surplus: true }, { says: 'disputed' }, QUERY], { to: 'DISPUTED', items: 'kept', surplus: true, paidVnd: 50_000, personReason: 'disputed', postings: [posted('DISPUTED', 'REFUND_DUE', 'DISPUTED/acme', 50_000)] }],
    ['money that was held back is lost', [{ state: 'DISPUTED', surplus: true, personReason: 'disputed' }, { says: 'failed' }, QUERY], { to: 'FAILED', items: 'freed', postings: [posted('DISPUTE_LOST', 'DISPUTED/acme', 'CITIZEN', 50_000)] }],
    ['money that was held back comes for its fees', [{ state: 'DISPUTED' }, {}, {}], { to: 'PAID', items: 'paid', paidVnd: 50_000, postings: [posted('DISPUTE_WON', 'DISPUTED/acme', 'TRANSIT/acme', 50_000)] }],
    ['money that was held back stays due back', [{ state: 'DISPUTED', surplus: true }, {}, {}], { to: 'PAID', items: 'kept', surplus: true, paidVnd: 50_000, personReason: 'surplus', postings: [posted('DISPUTE_WON', 'DISPUTED/acme', 'TRANSIT/acme', 50_000), posted('SURPLUS', 'TRANSIT/acme', 'REFUND_DUE', 50_000)] }],
  ])('%s', (_what, [payment, word, context], expected) => {
    expect(decided(payment, word, context)).toEqual({ kind: 'move', answer: 'confirmed', askSoon: false, personReason: null, surplus: false, paidVnd: 0, postings: [], ...expected });
  });
});

describe('why a person had to look', () => {
  const after = (personReason: string, source: WordContext['source']): string | null => decided({ personReason }, {}, { source }).personReason;

  it('is at rest once the gateway was asked, told in its statement, or a person decided', () => {
    for (const reason of ['amount', 'contradiction', 'not-opened']) {
      expect([after(reason, 'query'), after(reason, 'statement'), after(reason, 'operator'), after(reason, 'callback')]).toEqual([null, null, null, reason]);
    }
  });

  it('is at rest as soon as anybody tells, where nobody knew the outcome', () => {
    expect([after('unknown', 'callback'), after('unknown', 'query')]).toEqual([null, null]);
  });

  it('stays where it is about something else', () => {
    expect([after('paid-twice', 'query'), after('refund-refused', 'operator')]).toEqual(['paid-twice', 'refund-refused']);
  });
});

describe('a payment that is given up', () => {
  it('is open, and its time is over', () => {
    expect(PAYMENT_STATES.filter((state) => isGivenUp({ state, giveUpAt: NOW }, NOW))).toEqual(['AWAITING', 'UNKNOWN']);
    expect([isGivenUp({ state: 'AWAITING', giveUpAt: LATER }, NOW), isGivenUp({ state: 'AWAITING', giveUpAt: null }, NOW)]).toEqual([false, false]);
  });
});

describe('a case that a person may close', () => {
  const closable = (change: Partial<Parameters<typeof mayCloseCase>[0]> = {}): boolean => mayCloseCase({ state: 'PAID', surplus: false, personReason: 'paid-twice', giveUpAt: null, ...change }, NOW);

  it('is any on which neither money nor fees hang', () => {
    expect(PAYMENT_STATES.filter((state) => closable({ state }))).toEqual(PAYMENT_STATES.filter((state) => state !== 'DISPUTED'));
    expect([closable({ personReason: null }), closable({ personReason: 'unknown' })]).toEqual([false, false]);
  });

  it('is none whose outcome nobody could find out', () => {
    expect([closable({ state: 'UNKNOWN', giveUpAt: NOW }), closable({ state: 'UNKNOWN', giveUpAt: LATER }), closable({ giveUpAt: NOW })]).toEqual([false, true, true]);
  });

  it('is none of money that is due back, until it went back', () => {
    expect(PAYMENT_STATES.filter((state) => closable({ state, surplus: true }))).toEqual(['REFUNDED']);
  });

  it('is none of a refund that is stuck, while it is', () => {
    expect(PAYMENT_STATES.filter((state) => closable({ state, personReason: 'refund-stuck' }))).toEqual(PAYMENT_STATES.filter((state) => state !== 'DISPUTED' && state !== 'REFUNDING'));
  });
});
