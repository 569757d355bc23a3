import { describe, expect, it } from '@jest/globals';
import { checkPayment } from '../../../src/payments/ledger-check-payment.js';
import type { CheckedPayment } from '../../../src/payments/ledger-check-records.js';
import { AGENCY, DISPUTED, ledgerOf, owner, paid, TRANSIT } from './checked-ledgers.js';
import type { Owner, Step } from './checked-ledgers.js';

const DUE = 'REFUND_DUE';
const give = (amountVnd: number, refundId: string, from = TRANSIT): Step => ['REFUND_DECIDED', from, DUE, amountVnd, refundId];
const back = (amountVnd: number, refundId: string): Step => ['REFUNDED', DUE, 'CITIZEN', amountVnd, refundId];
const refund = (id: string, amountVnd: number, state: string) => ({ id, amountVnd, state });

const checked = (change: Partial<Owner>): CheckedPayment => {
  const [payment] = ledgerOf([owner(1, change)]).payments;
  if (payment === undefined) throw new Error('There is one');
  return payment;
};
const faultsOf = (change: Partial<Owner>): readonly string[] => checkPayment(checked(change)).map(({ kind }) => kind);
const placesOf = (change: Partial<Owner>): readonly string[] => checkPayment(checked(change)).map(({ kind, entryId, transactionId }) => `${kind} ${String(entryId)} ${String(transactionId)}`);

describe('a payment that agrees with the ledger', () => {
  it.each(['CREATED', 'AWAITING', 'UNKNOWN', 'FAILED', 'EXPIRED', 'CANCELLED'])('has no money while it is %s', (state) => {
    expect(faultsOf({ state, paidVnd: 0, steps: [] })).toEqual([]);
    expect(faultsOf({ state, steps: [paid] })).toEqual(['HOLDINGS']);
  });

  it.each(['APPROVED', 'PROCESSING', 'BY_HAND'])('has set aside what a refund that is %s will take', (state) => {
    expect(faultsOf({ state: 'REFUNDING', refunds: [refund('5', 30, state)], steps: [paid, give(30, '5')] })).toEqual([]);
    expect(faultsOf({ state: 'PAID', refunds: [refund('5', 30, state)], steps: [paid, give(30, '5')] })).toEqual(['HOLDINGS']);
  });

  it.each<readonly [string, Partial<Owner>]>([
    ['went back from what was due already', { state: 'REFUNDED', surplus: true, refundedVnd: 100, refunds: [refund('5', 100, 'DONE')], steps: [paid, ['SURPLUS', TRANSIT, DUE, 100], back(100, '5')] }],
    ['was asked back, and it was not granted', { refunds: [refund('5', 30, 'DECLINED'), refund('6', 30, 'REQUESTED')] }],
    ['is contested after it was paid out', { state: 'DISPUTED', steps: [paid, ['PAID_OUT', TRANSIT, AGENCY, 100], ['DISPUTED', AGENCY, DISPUTED, 100]] }],
    ['is contested after it was due back', { state: 'DISPUTED', surplus: true, steps: [paid, ['SURPLUS', TRANSIT, DUE, 100], ['DISPUTED', DUE, DISPUTED, 100]] }],
  ])('%s', (_what, change) => {
    expect(faultsOf(change)).toEqual([]);
  });
});

describe('a payment that does not', () => {
  it.each<readonly [string, Partial<Owner>, readonly string[]]>([
    ['says that it was paid, and failed', { state: 'FAILED', steps: [] }, ['PAID_AMOUNT', 'HOLDINGS']],
    ['failed, and has money on its way and due back', { state: 'FAILED', paidVnd: 0, steps: [paid, ['SURPLUS', TRANSIT, DUE, 50]] }, ['PAID_AMOUNT', 'HOLDINGS']],
    ['failed, and has money on its way and paid out', { state: 'FAILED', paidVnd: 0, steps: [paid, ['PAID_OUT', TRANSIT, AGENCY, 50]] }, ['PAID_AMOUNT', 'HOLDINGS']],
    ['failed, and has money on its way and contested', { state: 'FAILED', paidVnd: 0, steps: [paid, ['DISPUTED', TRANSIT, DISPUTED, 50]] }, ['PAID_AMOUNT', 'HOLDINGS']],
    ['is contested, in part', { state: 'DISPUTED', steps: [paid, ['DISPUTED', TRANSIT, DISPUTED, 40]] }, ['HOLDINGS']],
    ['is contested, for less than lies there', { state: 'DISPUTED', paidVnd: 90, steps: [paid, ['DISPUTED', TRANSIT, DISPUTED, 100]] }, ['PAID_AMOUNT', 'HOLDINGS']],
    ['is contested, and more is paid out and on its way', { state: 'DISPUTED', steps: [['PAID', 'CITIZEN', TRANSIT, 150], ['DISPUTED', TRANSIT, DISPUTED, 100], ['PAID_OUT', TRANSIT, AGENCY, 25]] }, ['PAID_AMOUNT', 'HOLDINGS']],
    ['is contested, and more is due back and on its way', { state: 'DISPUTED', steps: [['PAID', 'CITIZEN', TRANSIT, 150], ['DISPUTED', TRANSIT, DISPUTED, 100], ['SURPLUS', TRANSIT, DUE, 25]] }, ['PAID_AMOUNT', 'HOLDINGS']],
    ['is in no state that we know', { state: 'LOST' }, ['HOLDINGS']],
    ['is in no state that we know, with a refund under way', { state: 'LOST', refunds: [refund('5', 30, 'APPROVED')], steps: [paid, give(30, '5')] }, ['HOLDINGS']],
    ['goes back, without a refund', { state: 'REFUNDING' }, ['HOLDINGS']],
    ['is paid, and more is contested', { steps: [['PAID', 'CITIZEN', TRANSIT, 150], ['DISPUTED', TRANSIT, DISPUTED, 50]] }, ['PAID_AMOUNT', 'HOLDINGS']],
    ['gave back what the ledger does not know', { state: 'REFUNDED', refundedVnd: 100, refunds: [refund('5', 100, 'DONE')] }, ['REFUNDED_AMOUNT', 'HOLDINGS', 'REFUND']],
    ['gave back more than came', { state: 'REFUNDED', refundedVnd: 150, refunds: [refund('5', 150, 'DONE')], steps: [paid, give(150, '5'), back(150, '5')] }, ['NEGATIVE', 'HOLDINGS']],
    ['set money aside for a refund that was declined', { refunds: [refund('5', 30, 'DECLINED')], steps: [paid, give(30, '5')] }, ['HOLDINGS', 'REFUND']],
    ['set money aside for a refund that nobody approved', { refunds: [refund('5', 30, 'REQUESTED')], steps: [paid, give(30, '5')] }, ['HOLDINGS', 'REFUND']],
    ['set aside less than a refund will take', { state: 'REFUNDING', refunds: [refund('5', 30, 'PROCESSING')], steps: [paid, give(20, '5')] }, ['HOLDINGS', 'REFUND']],
    ['keeps aside what a refused refund would have taken', { refunds: [refund('5', 30, 'REFUSED')], steps: [paid, give(30, '5')] }, ['HOLDINGS', 'REFUND']],
    ['took back what was set aside for a refund that is under way', { state: 'REFUNDING', refunds: [refund('5', 30, 'PROCESSING')], steps: [paid, give(30, '5'), ['REFUND_REFUSED', DUE, TRANSIT, 30, '5']] }, ['HOLDINGS', 'REFUND']],
  ])('%s', (_what, change, expected) => {
    expect(faultsOf(change)).toEqual(expected);
  });

  it('is named at the entry that shows it', () => {
    expect(placesOf({ paidVnd: 90, steps: [paid, ['PAID_OUT', TRANSIT, AGENCY, 100]] })).toEqual(['PAID_AMOUNT 4 2', 'HOLDINGS 4 2']);
    expect(placesOf({ steps: [['PAID_OUT', TRANSIT, AGENCY, 100], paid] })).toEqual(['NEGATIVE 1 1']);
    expect(placesOf({ state: 'FAILED', steps: [] })).toEqual(['PAID_AMOUNT null null', 'HOLDINGS null null']);
    // Each refund went back with the other's amount: all sums are right.
    expect(placesOf({ state: 'REFUNDED', refundedVnd: 100, refunds: [refund('5', 60, 'DONE'), refund('6', 40, 'DONE')], steps: [paid, give(40, '5'), back(40, '5'), give(60, '6'), back(60, '6')] })).toEqual(['REFUND 6 3', 'REFUND 10 5']);
    expect(placesOf({ state: 'REFUNDED', refundedVnd: 100, refunds: [refund('5', 100, 'DONE')] })).toEqual(['REFUNDED_AMOUNT 2 1', 'HOLDINGS 2 1', 'REFUND 2 1']);
  });

  it('has an entry of another payment', () => {
    const payment = checked({});
    const [first, ...others] = payment.entries;
    expect(checkPayment({ ...payment, entries: [{ ...first, paymentId: '2' } as never, ...others] })).toEqual([{ kind: 'WRONG_ACCOUNT', entryId: '1', transactionId: '1', reference: payment.reference }]);
  });
});
