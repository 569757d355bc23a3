import { LedgerChecker } from '../../src/payments/ledger-check.js';
import type { LedgerRecord } from '../../src/payments/ledger-check.js';
import { OPEN_PAYMENT_STATES } from '../../src/payments/payment.js';
import type { PaymentState } from '../../src/payments/payment.js';
import type { TheirOrder } from './payments-tills.js';

export interface OurPayment {
  readonly id: string;
  readonly reference: string;
  readonly gateway: string;
  readonly state: PaymentState;
  readonly amountVnd: number;
  readonly paidVnd: number;
  readonly refundedVnd: number;
  readonly surplus: boolean;
  readonly personReason: string | null;
  /** Balance of REFUND_DUE in the ledger. */
  readonly refundDueVnd: number;
  readonly fees: readonly string[];
  /** Opened after this one, by the same call at another gateway. */
  readonly hasSuccessor: boolean;
  /** States of its refunds. */
  readonly refunds: readonly string[];
}

export interface OurFee {
  readonly id: string;
  readonly openPayment: string | null;
  readonly paidBy: string | null;
}

/** Everything that the judgement looks at, as it lies after the run. */
export interface Books {
  readonly theirs: readonly TheirOrder[];
  readonly payments: readonly OurPayment[];
  readonly fees: readonly OurFee[];
  readonly ledger: readonly LedgerRecord[];
  /** References, and banks' numbers, that wait for a person as unmatched money. */
  readonly unmatched: readonly string[];
  /** References that the portal was told of. */
  readonly told: ReadonlySet<string>;
}

export type BreachKind = 'not-booked' | 'not-taken' | 'amount' | 'charged-twice' | 'refund' | 'unresolved' | 'fee' | 'ledger' | 'totals' | 'untold';

export interface Breach {
  readonly kind: BreachKind;
  /** Null where it is about no one payment. */
  readonly reference: string | null;
  readonly detail: string;
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** What was taken and is not with a person as money that fits nothing. */
const bookable = ({ taken, numbers, reference }: TheirOrder, unmatched: readonly string[]): number => sum(taken.filter((_, index) => !unmatched.includes(numbers?.[index] ?? reference)));

const bookableOf = (order: TheirOrder | undefined, unmatched: readonly string[]): number => (order === undefined ? 0 : bookable(order, unmatched));

/** What was taken is booked, to the đồng, and nothing else is. */
const againstTheirs = ({ theirs, payments, unmatched }: Books): readonly Breach[] => {
  const ours = new Map(payments.map((payment) => [payment.reference, payment]));
  const known = new Map(theirs.map((order) => [order.reference, order]));
  const taken = theirs.flatMap((order): readonly Breach[] => {
    const payment = ours.get(order.reference);
    const takenVnd = bookable(order, unmatched);
    if (takenVnd > 0 && (payment?.paidVnd ?? 0) === 0) return [{ kind: 'not-booked', reference: order.reference, detail: `${order.party} took ${String(takenVnd)} (${order.state}), ours is ${payment?.state ?? 'not there'}` }];
    if (takenVnd > 0 && payment?.paidVnd !== takenVnd) return [{ kind: 'amount', reference: order.reference, detail: `${order.party} took ${String(takenVnd)}, booked ${String(payment?.paidVnd)}` }];
    if (sum(order.givenBack) !== (payment?.refundedVnd ?? 0)) return [{ kind: 'refund', reference: order.reference, detail: `${order.party} gave back ${String(sum(order.givenBack))}, booked ${String(payment?.refundedVnd)}` }];
    return [];
  });
  const booked = payments.filter(({ reference, paidVnd }) => paidVnd > 0 && bookableOf(known.get(reference), unmatched) === 0);
  return [...taken, ...booked.map(({ reference, gateway, paidVnd }): Breach => ({ kind: 'not-taken', reference, detail: `booked ${String(paidVnd)}, and ${gateway} took nothing` }))];
};

/** Holds a fee's money for good: neither a surplus, nor gone back, nor in dispute. */
const keeps = ({ state, surplus, paidVnd, refundedVnd }: OurPayment): boolean => (state === 'PAID' || state === 'REFUNDING') && !surplus && paidVnd > refundedVnd;

/** One charge a fee, or the others are due back. */
const eachFee = ({ payments, fees }: Books): readonly Breach[] => {
  const breaches: Breach[] = [];
  const byId = new Map(payments.map((payment) => [payment.id, payment]));
  for (const fee of fees) {
    const keepers = payments.filter((payment) => payment.fees.includes(fee.id) && keeps(payment));
    const [keeper] = keepers;
    if (keepers.length > 1) breaches.push({ kind: 'charged-twice', reference: keepers[1]?.reference ?? null, detail: `fee ${fee.id} is paid by ${keepers.map(({ reference }) => reference).join(' and ')}` });
    else if (keeper !== undefined && fee.paidBy !== keeper.id) breaches.push({ kind: 'fee', reference: keeper.reference, detail: `it holds the money of fee ${fee.id}, which is paid by ${fee.paidBy ?? 'none'}` });
    const payer = fee.paidBy === null ? undefined : byId.get(fee.paidBy);
    if (fee.paidBy !== null && (payer === undefined || payer.paidVnd === 0 || payer.surplus)) breaches.push({ kind: 'fee', reference: payer?.reference ?? null, detail: `fee ${fee.id} counts as paid by it, without its money` });
    const open = fee.openPayment === null ? undefined : byId.get(fee.openPayment);
    if (fee.openPayment !== null && (open === undefined || !OPEN_PAYMENT_STATES.includes(open.state))) breaches.push({ kind: 'fee', reference: open?.reference ?? null, detail: `fee ${fee.id} is held by it, which is over` });
  }
  const owing = payments.filter(({ surplus, state, paidVnd, refundedVnd, refundDueVnd }) => surplus && (state === 'PAID' || state === 'REFUNDING') && refundDueVnd !== paidVnd - refundedVnd);
  return [...breaches, ...owing.map(({ reference }): Breach => ({ kind: 'charged-twice', reference, detail: 'paid over, and not due back' }))];
};

/** Nothing hangs: it is over, or a person has it. */
const eachOutcome = ({ payments, told }: Books): readonly Breach[] => payments.flatMap((payment): readonly Breach[] => {
  const { reference, state, personReason, surplus, refundedVnd, paidVnd, refunds, hasSuccessor } = payment;
  const needsPerson = OPEN_PAYMENT_STATES.includes(state) || (surplus && state === 'PAID' && paidVnd > refundedVnd);
  return [
    ...(needsPerson && personReason === null ? [{ kind: 'unresolved', reference, detail: `it is ${state}${surplus ? ' and a surplus' : ''}, and no person knows` } as const] : []),
    ...(refunds.some((one) => one === 'APPROVED' || one === 'PROCESSING') ? [{ kind: 'unresolved', reference, detail: `a refund of it hangs: ${refunds.join(', ')}` } as const] : []),
    ...(hasSuccessor || told.has(reference) ? [] : [{ kind: 'untold', reference, detail: 'the portal repeated its calls until they were answered, and never heard of it' } as const]),
  ];
});

/** Σ = 0, and the ledger as a whole says what the parties say as a whole. */
const wholeLedger = ({ ledger, theirs, unmatched }: Books): readonly Breach[] => {
  const checker = new LedgerChecker();
  for (const record of ledger) checker.add(record);
  const { faults, totals } = checker.end();
  const takenVnd = sum(theirs.map((order) => bookable(order, unmatched)));
  const backVnd = sum(theirs.flatMap(({ givenBack }) => givenBack));
  return [
    ...faults.map(({ kind, reference, transactionId }): Breach => ({ kind: 'ledger', reference, detail: `${kind}, transaction ${transactionId ?? 'none'}` })),
    ...(totals.paidVnd - totals.chargedBackVnd === takenVnd ? [] : [{ kind: 'totals', reference: null, detail: `the parties took ${String(takenVnd)}, the ledger says ${String(totals.paidVnd - totals.chargedBackVnd)}` } as const]),
    ...(totals.refundedVnd === backVnd ? [] : [{ kind: 'totals', reference: null, detail: `the parties gave back ${String(backVnd)}, the ledger says ${String(totals.refundedVnd)}` } as const]),
  ];
};

/** Judges a run from the parties' ledgers and our rows. Pure; nothing is a breach where the list is empty. */
export const checkBooks = (books: Books): readonly Breach[] => [...againstTheirs(books), ...eachFee(books), ...eachOutcome(books), ...wholeLedger(books)];
