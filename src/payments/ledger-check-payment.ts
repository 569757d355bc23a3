import type { CheckedPayment, CheckedRefund, LedgerEntry } from './ledger-check-records.js';
import type { LedgerFault, LedgerFaultKind } from './ledger-check-faults.js';
import { sideOf } from './ledger-check-rules.js';
import type { LedgerSide } from './ledger-check-rules.js';

const UNPAID: ReadonlySet<string> = new Set(['CREATED', 'AWAITING', 'UNKNOWN', 'FAILED', 'EXPIRED', 'CANCELLED', 'REFUNDED']);
/** Decided, and the money has not gone back yet. */
const UNDER_WAY: ReadonlySet<string> = new Set(['APPROVED', 'PROCESSING', 'BY_HAND']);

const sumOf = (entries: readonly LedgerEntry[]): number => entries.reduce((sum, { amountVnd }) => sum + amountVnd, 0);

const sideSums = (entries: readonly LedgerEntry[]): Readonly<Record<LedgerSide, number>> => {
  const sums = { CITIZEN: 0, TRANSIT: 0, AGENCY: 0, REFUND_DUE: 0, DISPUTED: 0 };
  for (const { account, amountVnd } of entries) sums[sideOf(account)] += amountVnd;
  return sums;
};

/** Whether one payment's entries agree with what its row and its refunds say. The faults, each at the entry that shows it first. Pure. */
export const checkPayment = (payment: CheckedPayment): readonly LedgerFault[] => {
  const { entries, reference } = payment;
  const last = entries.at(-1) ?? null;
  const faultAt = (kind: LedgerFaultKind, entry: LedgerEntry | null = last): LedgerFault => ({ kind, entryId: entry?.id ?? null, transactionId: entry?.transactionId ?? null, reference });
  const stray = entries.find((entry) => entry.paymentId !== payment.id || !isItsAccount(payment, entry.account));
  const negative = firstNegative(entries);
  return [
    ...(stray === undefined ? [] : [faultAt('WRONG_ACCOUNT', stray)]),
    ...(negative === null ? [] : [faultAt('NEGATIVE', negative)]),
    ...(isPaidAmountRight(payment) ? [] : [faultAt('PAID_AMOUNT')]),
    ...(isRefundedAmountRight(payment) ? [] : [faultAt('REFUNDED_AMOUNT')]),
    ...(areHoldingsRight(payment) ? [] : [faultAt('HOLDINGS')]),
    ...payment.refunds.filter((refund) => !isRefundRight(payment, refund)).map(({ id }) => faultAt('REFUND', entries.findLast(({ refundId }) => refundId === id) ?? last)),
  ];
};

const isItsAccount = ({ gateway, accountId }: CheckedPayment, account: string): boolean =>
  account === 'CITIZEN' || account === 'REFUND_DUE' || account === `TRANSIT/${gateway}` || account === `DISPUTED/${gateway}` || account === `AGENCY/${accountId}`;

/** Money leaves no account of a payment to which it never came. */
const firstNegative = (entries: readonly LedgerEntry[]): LedgerEntry | null => {
  const balances = new Map<string, number>();
  for (const entry of entries) {
    const balance = (balances.get(entry.account) ?? 0) + entry.amountVnd;
    balances.set(entry.account, balance);
    if (entry.account === 'CITIZEN' ? balance > 0 : balance < 0) return entry;
  }
  return null;
};

const isPaidAmountRight = ({ entries, paidVnd }: CheckedPayment): boolean => {
  const given = -sumOf(entries.filter(({ account, amountVnd }) => account === 'CITIZEN' && amountVnd < 0));
  const chargedBack = sumOf(entries.filter(({ account, kind }) => account === 'CITIZEN' && kind === 'DISPUTE_LOST'));
  return given - chargedBack === paidVnd;
};

const isRefundedAmountRight = ({ entries, refundedVnd, refunds }: CheckedPayment): boolean => {
  const inLedger = sumOf(entries.filter(({ account, kind }) => account === 'CITIZEN' && kind === 'REFUNDED'));
  const done = refunds.filter(({ state }) => state === 'DONE').reduce((sum, { amountVnd }) => sum + amountVnd, 0);
  return inLedger === refundedVnd && done === refundedVnd;
};

const areHoldingsRight = ({ state, surplus, paidVnd, refundedVnd, entries, refunds }: CheckedPayment): boolean => {
  const { TRANSIT, AGENCY, REFUND_DUE, DISPUTED } = sideSums(entries);
  const left = paidVnd - refundedVnd;
  // No side is below zero here, or it has its own fault.
  if (UNPAID.has(state)) return left === 0 && TRANSIT + AGENCY + REFUND_DUE + DISPUTED === 0;
  if (state === 'DISPUTED') return DISPUTED === left && TRANSIT + AGENCY + REFUND_DUE === 0;
  const underWay = refunds.filter((refund) => UNDER_WAY.has(refund.state)).reduce((sum, { amountVnd }) => sum + amountVnd, 0);
  const isKnown = state === 'PAID' ? underWay === 0 : state === 'REFUNDING' && underWay > 0;
  return isKnown && DISPUTED === 0 && REFUND_DUE === (surplus ? left : underWay) && TRANSIT + AGENCY + REFUND_DUE === left;
};

/** A refund takes its money from where it lies, or from what is due already; it goes to the citizen, or back. */
const isRefundRight = ({ entries }: CheckedPayment, { id, state, amountVnd }: CheckedRefund): boolean => {
  const own = entries.filter(({ refundId }) => refundId === id);
  const into = (kind: string): number => sumOf(own.filter((entry) => entry.kind === kind && entry.amountVnd > 0));
  const decided = into('REFUND_DECIDED');
  const isDone = state === 'DONE';
  if (into('REFUNDED') !== (isDone ? amountVnd : 0)) return false;
  if (state === 'REQUESTED' || state === 'DECLINED') return own.length === 0;
  return (decided === 0 || decided === amountVnd) && into('REFUND_REFUSED') === (state === 'REFUSED' ? decided : 0);
};
