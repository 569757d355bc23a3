import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PAYMENT_STATES } from '../../../src/payments/payment.js';
import type { PaymentState } from '../../../src/payments/payment.js';
import { compare } from '../../../src/payments/reconciliation-compare.js';
import type { Compared, OurPayment, OurRefund } from '../../../src/payments/reconciliation-compare.js';
import { dayAfter, isDay, vietnamMidnight, vietnamMinutes } from '../../../src/payments/reconciliation-day.js';
import type { StatementLine } from '../../../src/payments/statement-reader-port.js';

const DAY = '2026-11-22';
const FROM = vietnamMidnight(DAY);
const TO = vietnamMidnight(dayAfter(DAY));
const NOON = new Date(FROM.getTime() + 12 * 3_600_000);

const payment = (change: Partial<OurPayment> = {}): OurPayment => ({ id: '1', reference: 'OG1', gateway: 'vnpay', state: 'PAID', amountVnd: 100, gatewayTransaction: 'T1', paidAt: NOON, ...change });
const line = (change: Partial<StatementLine> = {}): StatementLine => ({ line: 2, kind: 'PAYMENT', reference: 'OG1', gatewayTransaction: 'T1', amountVnd: 100, state: 'paid', at: NOON, ...change });
const refund = (change: Partial<OurRefund> = {}): OurRefund => ({ paymentId: '1', reference: 'OG1', amountVnd: 30, state: 'DONE', gatewayTransaction: null, isExpected: true, isByHand: false, ...change });
const given = (payments: readonly OurPayment[], lines: readonly StatementLine[], over: Partial<Compared> = {}): Compared =>
  ({ gateway: 'vnpay', payments: new Map(payments.map((each) => [each.reference, each])), refunds: [], lines, from: FROM, to: TO, nearby: new Set(), ...over });
const found = (payments: readonly OurPayment[], lines: readonly StatementLine[], over: Partial<Compared> = {}): readonly string[] =>
  compare(given(payments, lines, over)).differences.map(({ class: each, kind, action }) => `${each} ${kind} ${action}`);

describe('ours against theirs', () => {
  it('finds nothing where both say the same', () => {
    expect(compare(given([payment()], [line()]))).toEqual({ differences: [], matched: 1 });
    expect(compare(given([], []))).toEqual({ differences: [], matched: 0 });
  });

  it.each<readonly [string, readonly OurPayment[], readonly StatementLine[], readonly string[]]>([
    ['money of which we know nothing', [], [line()], ['MISSING_HERE PAYMENT PERSON']],
    ['nothing for money without a reference whose number we have', [payment()], [line({ reference: null })], []],
    ['money without a reference under a number of another gateway', [payment({ gateway: 'mb-bank' })], [line({ reference: null })], ['MISSING_HERE PAYMENT PERSON']],
    ['money without a reference', [], [line({ reference: null })], ['MISSING_HERE PAYMENT PERSON']],
    ['money under a reference of another gateway', [payment({ gateway: 'mb-bank' })], [line()], ['MISSING_HERE PAYMENT PERSON']],
    ['nothing for what failed there and is not known here', [], [line({ state: 'failed' })], []],
    ['money of which they say nothing', [payment()], [], ['MISSING_THERE PAYMENT PERSON']],
    ['money that came at the end of the day', [payment({ paidAt: new Date(TO.getTime() - 60_000) })], [], ['MISSING_THERE PAYMENT NEXT_STATEMENT']],
    ['money that came at its beginning', [payment({ paidAt: FROM })], [], ['MISSING_THERE PAYMENT NEXT_STATEMENT']],
    ['nothing for the money of another day', [payment({ paidAt: TO })], [], []],
    ['nothing for another gateway\'s money', [payment({ gateway: 'mb-bank' })], [], []],
    ['another amount', [payment()], [line({ amountVnd: 90 })], ['AMOUNT PAYMENT TO_APPLY']],
    ['another amount of what is not paid here', [payment({ state: 'AWAITING', paidAt: null })], [line({ amountVnd: 90 })], ['AMOUNT PAYMENT TO_APPLY']],
    ['a transaction of another number', [payment()], [line({ gatewayTransaction: 'T2' })], ['DUPLICATE PAYMENT TO_APPLY']],
    ['money that came twice', [payment()], [line(), line({ line: 3, gatewayTransaction: 'T2' })], ['DUPLICATE PAYMENT TO_APPLY']],
    ['money that came twice, of which we booked what the bank has second', [payment({ gatewayTransaction: 'T2' })], [line(), line({ line: 3, gatewayTransaction: 'T2' })], ['DUPLICATE PAYMENT TO_APPLY']],
    ['money that came twice and never was paid here', [payment({ state: 'EXPIRED', paidAt: null, gatewayTransaction: null })], [line(), line({ line: 3, gatewayTransaction: 'T2' })], ['STATE PAYMENT TO_APPLY', 'DUPLICATE PAYMENT TO_APPLY']],
    ['nothing for one line in two files', [payment()], [line(), line({ line: 3 })], []],
    ['money that we took for lost', [payment({ state: 'EXPIRED', paidAt: null })], [line()], ['STATE PAYMENT TO_APPLY']],
    ['a failure of what is open', [payment({ state: 'UNKNOWN', paidAt: null })], [line({ state: 'failed' })], ['STATE PAYMENT TO_APPLY']],
    ['a failure of what is paid', [payment()], [line({ state: 'failed' })], ['STATE PAYMENT TO_APPLY']],
    ['nothing for a failure of what went back', [payment({ state: 'REFUNDED' })], [line({ state: 'failed' })], []],
    ['a dispute', [payment()], [line({ state: 'disputed' })], ['STATE PAYMENT TO_APPLY']],
    ['nothing for a dispute that is known', [payment({ state: 'DISPUTED' })], [line({ state: 'disputed' })], []],
    ['a dispute that was won there', [payment({ state: 'DISPUTED' })], [line()], ['STATE PAYMENT TO_APPLY']],
    ['nothing for a failure of what is over here', [payment({ state: 'CANCELLED', paidAt: null })], [line({ state: 'failed' })], []],
    ['nothing for money whose amount they do not say', [payment()], [line({ amountVnd: null })], []],
    ['nothing for a failure whose amount is another', [payment({ state: 'FAILED', paidAt: null })], [line({ state: 'failed', amountVnd: 90 })], []],
    ['a dispute of which we know nothing', [], [line({ state: 'disputed' })], ['MISSING_HERE PAYMENT PERSON']],
    ['a dispute of money that came before, under another number', [payment({ state: 'DISPUTED' })], [line(), line({ line: 3, state: 'disputed', gatewayTransaction: 'T2' })], ['STATE PAYMENT TO_APPLY', 'DUPLICATE PAYMENT TO_APPLY']],
    ['a failure before the money came, which is no money twice', [payment()], [line({ state: 'failed', gatewayTransaction: 'T0' }), line({ line: 3 })], ['STATE PAYMENT TO_APPLY']],
    ['a refund of which we know nothing, though its payment is known', [payment()], [line({ kind: 'REFUND', gatewayTransaction: 'R1', amountVnd: 30 }), line({ line: 3 })], ['MISSING_HERE REFUND PERSON']],
    ['money of which only a refund is told', [payment()], [line({ kind: 'REFUND', gatewayTransaction: 'R1', amountVnd: 30 })], ['MISSING_HERE REFUND PERSON', 'MISSING_THERE PAYMENT PERSON']],
    ['nothing for money whose number we do not have', [payment({ gatewayTransaction: null })], [line()], []],
    ['nothing for money whose number they do not have', [payment()], [line({ gatewayTransaction: null })], []],
    ['nothing for what is not there and not paid here', [payment({ state: 'EXPIRED', paidAt: null })], [line({ state: 'not-found' })], []],
    ['what is not there and paid here', [payment()], [line({ state: 'not-found' })], ['STATE PAYMENT TO_APPLY']],
    ['contested money of which they say nothing', [payment({ state: 'DISPUTED' })], [], ['MISSING_THERE PAYMENT PERSON']],
    ['nothing for money that went before it was ours', [payment({ state: 'FAILED' })], [], []],
    ['nothing for money of which we do not know when it came', [payment({ paidAt: null })], [], []],
    ['nothing for the money of the day before', [payment({ paidAt: new Date(FROM.getTime() - 1) })], [], []],
    ['money that came half an hour after midnight', [payment({ paidAt: new Date(FROM.getTime() + 1_800_000) })], [], ['MISSING_THERE PAYMENT PERSON']],
    ['money that came half an hour before midnight', [payment({ paidAt: new Date(TO.getTime() - 1_800_000) })], [], ['MISSING_THERE PAYMENT PERSON']],
    ['what is pending there and paid here', [payment()], [line({ state: 'pending' })], ['STATE PAYMENT TO_APPLY']],
  ])('finds %s', (_what, payments, lines, expected) => {
    expect(found(payments, lines)).toEqual(expected);
  });

  it('does not miss what a statement of the day before or after has', () => {
    expect(found([payment()], [], { nearby: new Set(['OG1']) })).toEqual([]);
  });

  it.each(['pending', 'not-found'] as const)('takes what is %s there for what is open here, or over without money', (theirs) => {
    const agreeing = PAYMENT_STATES.filter((state) => found([payment({ state, paidAt: null })], [line({ state: theirs })]).length === 0);
    expect(agreeing).toEqual(['CREATED', 'AWAITING', 'UNKNOWN', 'FAILED', 'EXPIRED', 'CANCELLED']);
  });

  it('takes what is paid, disputed or failed there for what says the same here', () => {
    const agreeing = (theirs: StatementLine['state']): readonly string[] => PAYMENT_STATES.filter((state) => found([payment({ state, paidAt: null })], [line({ state: theirs })]).length === 0);
    expect([agreeing('paid'), agreeing('disputed'), agreeing('failed')]).toEqual([['PAID', 'REFUNDING', 'REFUNDED'], ['DISPUTED'], ['FAILED', 'EXPIRED', 'CANCELLED', 'REFUNDED']]);
  });

  it('says both sides of a refund that differs, and does not take another payment\'s for it', () => {
    const told = line({ kind: 'REFUND', amountVnd: 30, gatewayTransaction: 'R1' });
    const others = { class: 'MISSING_THERE', kind: 'REFUND', action: 'PERSON', paymentId: '1', gatewayTransaction: null, oursVnd: 30, theirsVnd: null, oursState: 'DONE', theirsState: null };
    const base = { kind: 'REFUND', paymentId: '1', reference: 'OG1', gatewayTransaction: 'R1', theirsVnd: 30, theirsState: 'paid' };
    const of = (refunds: readonly OurRefund[]) => compare(given([payment({ paidAt: null })], [told], { refunds })).differences;
    expect(of([refund({ state: 'APPROVED', isExpected: false })])).toEqual([{ ...base, class: 'STATE', action: 'WATCHED', oursVnd: 30, oursState: 'APPROVED' }]);
    expect(of([refund({ reference: 'OG2' })])).toEqual([{ ...base, class: 'MISSING_HERE', action: 'PERSON', oursVnd: null, oursState: null }, { ...others, reference: 'OG2' }]);
  });

  it('says both sides of a difference', () => {
    expect(compare(given([payment({ state: 'EXPIRED' })], [line({ gatewayTransaction: 'T9' })])).differences).toEqual([{
      class: 'STATE', kind: 'PAYMENT', action: 'TO_APPLY', paymentId: '1', reference: 'OG1', gatewayTransaction: 'T9', oursVnd: 100, theirsVnd: 100, oursState: 'EXPIRED', theirsState: 'paid',
    }]);
  });

  it.each<readonly [string, readonly OurRefund[], readonly StatementLine[], readonly string[]]>([
    ['nothing for a refund that both have', [refund()], [line({ kind: 'REFUND', amountVnd: 30 })], []],
    ['a refund of which we know nothing', [], [line({ kind: 'REFUND', amountVnd: 30 })], ['MISSING_HERE REFUND PERSON']],
    ['a refund that was given twice', [refund()], [line({ kind: 'REFUND', amountVnd: 30 }), line({ kind: 'REFUND', amountVnd: 30, line: 3 })], ['MISSING_HERE REFUND PERSON']],
    ['nothing for two refunds of one amount', [refund(), refund()], [line({ kind: 'REFUND', amountVnd: 30 }), line({ kind: 'REFUND', amountVnd: 30, line: 3 })], []],
    ['a refund under way', [refund({ state: 'PROCESSING', isExpected: false })], [line({ kind: 'REFUND', amountVnd: 30 })], ['STATE REFUND WATCHED']],
    ['a refund that a person is to carry', [refund({ state: 'BY_HAND', isExpected: false })], [line({ kind: 'REFUND', amountVnd: 30 })], ['STATE REFUND PERSON']],
    ['a refund that persons gave back instead', [refund({ isExpected: false, isByHand: true })], [line({ kind: 'REFUND', amountVnd: 30 })], ['DUPLICATE REFUND PERSON']],
    ['nothing where persons gave one back and the gateway another', [refund({ isExpected: false, isByHand: true }), refund()], [line({ kind: 'REFUND', amountVnd: 30 })], []],
    ['a refund that was refused here', [refund({ state: 'REFUSED', isExpected: false })], [line({ kind: 'REFUND', amountVnd: 30 })], ['MISSING_HERE REFUND PERSON']],
    ['a refund of another amount, from both sides', [refund()], [line({ kind: 'REFUND', amountVnd: 31 })], ['MISSING_HERE REFUND PERSON', 'MISSING_THERE REFUND PERSON']],
    ['a refund of which they say nothing', [refund()], [], ['MISSING_THERE REFUND PERSON']],
    ['nothing for a refund by hand, which no gateway knows', [refund({ isExpected: false })], [], []],
  ])('finds %s', (_what, refunds, lines, expected) => {
    expect(found([payment({ paidAt: new Date(0) })], lines, { refunds })).toEqual(expected);
  });

  it('takes every pair of states for the same, or names it; a line of money is never passed over', () => {
    fc.assert(fc.property(fc.constantFrom(...PAYMENT_STATES), fc.constantFrom<StatementLine['state']>('paid', 'pending', 'failed', 'disputed'), (state: PaymentState, theirs) => {
      const { differences, matched } = compare(given([payment({ state })], [line({ state: theirs })]));
      expect(differences.filter(({ kind }) => kind === 'PAYMENT').length + matched).toBe(1);
      const isMoneyHere = ['PAID', 'REFUNDING', 'REFUNDED', 'DISPUTED'].includes(state);
      if ((theirs === 'paid' || theirs === 'disputed') && !isMoneyHere) expect(differences).toHaveLength(1);
      if ((theirs === 'failed' || theirs === 'pending') && ['PAID', 'REFUNDING', 'DISPUTED'].includes(state)) expect(differences).toHaveLength(1);
    }));
  });

  it('is quick with a full day', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => payment({ id: String(index + 1), reference: `OG${String(index)}`, gatewayTransaction: `T${String(index)}` }));
    const lines = many.map(({ reference, gatewayTransaction }, index) => line({ line: index + 2, reference, gatewayTransaction }));
    expect(compare(given(many, lines))).toEqual({ differences: [], matched: 20_000 });
  });
});

describe('a day in Vietnam', () => {
  it('begins seven hours before that of the world', () => {
    expect(vietnamMidnight('2026-03-01')).toEqual(new Date('2026-02-28T17:00:00Z'));
    expect(dayAfter('2026-02-28')).toBe('2026-03-01');
    expect(dayAfter('2026-01-01', -1)).toBe('2025-12-31');
    expect(vietnamMinutes(new Date('2026-02-28T17:01:59Z'))).toBe(1);
    expect(vietnamMinutes(new Date('2026-02-28T16:59:59Z'))).toBe(24 * 60 - 1);
  });

  it('is one of the calendar', () => {
    expect(['2024-02-29', '2026-11-22'].map(isDay)).toEqual([true, true]);
    expect(['2026-02-30', '2026-13-01', '2026-2-3', '2026-11-22 ', 'x2026-11-22', '+002026-11-22', '2026-11-22T00:00:00Z', ''].map(isDay)).not.toContain(true);
  });
});
