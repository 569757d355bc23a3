import type { PaymentState } from './payment.js';
import type { RefundState } from './refund.js';
import type { StatementKind, StatementLine } from './statement-reader-port.js';

/**
 * MISSING_HERE: the gateway has something that we do not know. MISSING_THERE: we have money of which the gateway says nothing. AMOUNT,
 * STATE: both know it, and say it differently. DUPLICATE: the gateway has it more than once.
 */
export const DIFFERENCE_CLASSES = ['MISSING_HERE', 'MISSING_THERE', 'AMOUNT', 'STATE', 'DUPLICATE'] as const;
export type DifferenceClass = (typeof DIFFERENCE_CLASSES)[number];

/**
 * TO_APPLY: the gateway's word is to be tried on the payment; it ends as APPLIED, or as RECORDED with the payment, for a person.
 * NEXT_STATEMENT: so close to midnight that the next day's statement may have it. WATCHED: a refund under way, which the watcher asks
 * for. WAITS: the payout is kept, and posted as far as the money is no longer owed back. PERSON: somebody must find out.
 */
export const DIFFERENCE_ACTIONS = ['TO_APPLY', 'APPLIED', 'RECORDED', 'NEXT_STATEMENT', 'WATCHED', 'WAITS', 'PERSON'] as const;
export type DifferenceAction = (typeof DIFFERENCE_ACTIONS)[number];

export interface OurPayment {
  readonly id: string;
  readonly reference: string;
  readonly gateway: string;
  readonly state: PaymentState;
  readonly amountVnd: number;
  readonly gatewayTransaction: string | null;
  readonly paidAt: Date | null;
}

export interface OurRefund {
  readonly paymentId: string;
  readonly reference: string;
  readonly amountVnd: number;
  readonly state: RefundState;
  readonly gatewayTransaction: string | null;
  /** It ended on the day of the run, through the gateway: the statement must have it. */
  readonly isExpected: boolean;
  /** The gateway had it, and persons gave the money back instead: a line of it is money that left twice. */
  readonly isByHand: boolean;
}

export interface Difference {
  readonly class: DifferenceClass;
  readonly kind: StatementKind;
  readonly action: DifferenceAction;
  readonly paymentId: string | null;
  readonly reference: string | null;
  readonly gatewayTransaction: string | null;
  readonly oursVnd: number | null;
  readonly theirsVnd: number | null;
  readonly oursState: string | null;
  readonly theirsState: string | null;
}

export interface Compared {
  readonly gateway: string;
  /** By reference: those that lines name, and those of the day. */
  readonly payments: ReadonlyMap<string, OurPayment>;
  readonly refunds: readonly OurRefund[];
  readonly lines: readonly StatementLine[];
  /** Start and end of the day. */
  readonly from: Date;
  readonly to: Date;
  /** References that the statements of the days before and after have. */
  readonly nearby: ReadonlySet<string>;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Lines that say what we say. */
  readonly matched: number;
}

const BOOKED: ReadonlySet<string> = new Set(['PAID', 'REFUNDING', 'REFUNDED']);
const OVER: ReadonlySet<string> = new Set(['FAILED', 'EXPIRED', 'CANCELLED']);
const OPEN: ReadonlySet<string> = new Set(['CREATED', 'AWAITING', 'UNKNOWN']);
const MIDNIGHT_MS = 30 * 60_000;

/** Ours against theirs, both ways. Pure. */
export const compare = (given: Compared): Comparison => {
  const of = { ...given, lines: named(given) };
  const firstMoney = firstMoneyOf(of);
  const payments = of.lines.filter(({ kind }) => kind === 'PAYMENT').map((line) => comparePayment(of, line, firstMoney));
  const refunds = compareRefunds(of);
  const found = [...payments, ...refunds];
  return { differences: [...found.flatMap((each) => each ?? []), ...missingThere(of)], matched: found.filter((each) => each === null).length };
};

/** A line whose text names nothing is known by its number, where that is one that we have booked. */
const named = ({ lines, payments, gateway }: Compared): readonly StatementLine[] => {
  const byNumber = new Map([...payments.values()].flatMap((payment) => (payment.gateway === gateway && payment.gatewayTransaction !== null ? [[payment.gatewayTransaction, payment.reference] as const] : [])));
  return lines.map((line) => (line.kind === 'PAYMENT' && line.reference === null ? { ...line, reference: byNumber.get(line.gatewayTransaction ?? '') ?? null } : line));
};

const difference = (found: DifferenceClass, action: DifferenceAction, { payment, line }: { readonly payment: OurPayment | null; readonly line: StatementLine }): Difference => ({
  class: found, kind: line.kind, action, paymentId: payment?.id ?? null, reference: line.reference, gatewayTransaction: line.gatewayTransaction,
  oursVnd: payment?.amountVnd ?? null, theirsVnd: line.amountVnd, oursState: payment?.state ?? null, theirsState: line.state,
});

/** A payment that another gateway opened is not the one that this gateway means. */
const ownOf = ({ payments, gateway }: Compared, reference: string | null): OurPayment | null => {
  const payment = reference === null ? undefined : payments.get(reference);
  return payment?.gateway === gateway ? payment : null;
};

/** Null: they agree. */
const comparePayment = (of: Compared, line: StatementLine, firstMoney: ReadonlyMap<string, StatementLine>): Difference | null => {
  const payment = ownOf(of, line.reference);
  const tellsMoney = isMoney(line);
  if (payment === null) return tellsMoney ? difference('MISSING_HERE', 'PERSON', { payment, line }) : null;
  const pair = { payment, line };
  // The first of several is judged by itself; each further one is money that came once more.
  if (tellsMoney && firstMoney.get(payment.reference)?.gatewayTransaction !== line.gatewayTransaction) return difference('DUPLICATE', 'TO_APPLY', pair);
  if (tellsMoney && line.amountVnd !== null && line.amountVnd !== payment.amountVnd) return difference('AMOUNT', 'TO_APPLY', pair);
  if (line.state === 'paid' && BOOKED.has(payment.state)) return isSameTransaction(payment, line) ? null : difference('DUPLICATE', 'TO_APPLY', pair);
  return isSameState(payment.state, line.state) ? null : difference('STATE', 'TO_APPLY', pair);
};

const isMoney = ({ state }: StatementLine): boolean => state === 'paid' || state === 'disputed';

/** By reference, the line that tells of the money that we have booked; else the first that tells of any. Two transfers may reach us in another order than the bank's. */
const firstMoneyOf = ({ lines, payments }: Compared): ReadonlyMap<string, StatementLine> => {
  const first = new Map<string, StatementLine>();
  for (const line of lines) {
    if (line.kind !== 'PAYMENT' || line.reference === null || !isMoney(line)) continue;
    const isBooked = line.gatewayTransaction !== null && payments.get(line.reference)?.gatewayTransaction === line.gatewayTransaction;
    if (isBooked || !first.has(line.reference)) first.set(line.reference, line);
  }
  return first;
};

const isSameTransaction = (payment: OurPayment, line: StatementLine): boolean =>
  payment.gatewayTransaction === null || line.gatewayTransaction === null || payment.gatewayTransaction === line.gatewayTransaction;

const isSameState = (ours: PaymentState, theirs: StatementLine['state']): boolean => {
  if (theirs === 'disputed') return ours === 'DISPUTED';
  if (theirs === 'failed') return OVER.has(ours) || ours === 'REFUNDED';
  // Not decided there, or unknown there: what is over here may still be pending there, and holds no money.
  if (theirs === 'pending' || theirs === 'not-found') return OPEN.has(ours) || OVER.has(ours);
  return false;
};

/** Refunds are told apart by their amount: gateways name them by numbers of their own. */
const compareRefunds = (of: Compared): readonly (Difference | null)[] => {
  const left = [...of.refunds];
  const take = (line: StatementLine, fits: (refund: OurRefund) => boolean): OurRefund | null => {
    const index = left.findIndex((refund) => refund.reference === line.reference && refund.amountVnd === line.amountVnd && fits(refund));
    return index < 0 ? null : left.splice(index, 1)[0] ?? null;
  };
  const judged = of.lines.filter(({ kind }) => kind === 'REFUND').map((line): Difference | null => {
    const payment = ownOf(of, line.reference);
    if (take(line, ({ state, isByHand }) => state === 'DONE' && !isByHand) !== null) return null;
    const open = take(line, ({ state }) => state === 'APPROVED' || state === 'PROCESSING' || state === 'BY_HAND');
    const twice = open === null ? take(line, ({ isByHand }) => isByHand) : null;
    if (twice !== null) return { ...difference('DUPLICATE', 'PERSON', { payment, line }), oursVnd: twice.amountVnd, oursState: twice.state };
    const base = difference(open === null ? 'MISSING_HERE' : 'STATE', open === null || open.state === 'BY_HAND' ? 'PERSON' : 'WATCHED', { payment, line });
    return { ...base, oursVnd: open?.amountVnd ?? null, oursState: open?.state ?? null };
  });
  const unsaid = left.filter(({ isExpected }) => isExpected).map((refund): Difference => ({
    class: 'MISSING_THERE', kind: 'REFUND', action: 'PERSON', paymentId: refund.paymentId, reference: refund.reference, gatewayTransaction: refund.gatewayTransaction,
    oursVnd: refund.amountVnd, theirsVnd: null, oursState: refund.state, theirsState: null,
  }));
  return [...judged, ...unsaid];
};

const missingThere = ({ payments, lines, from, to, nearby, gateway }: Compared): readonly Difference[] => {
  const told = new Set(lines.filter(({ kind }) => kind === 'PAYMENT').map(({ reference }) => reference));
  return [...payments.values()].filter((payment) => isOfDay(payment, from, to) && payment.gateway === gateway && !told.has(payment.reference) && !nearby.has(payment.reference)).map((payment) => ({
    class: 'MISSING_THERE', kind: 'PAYMENT', action: isNearMidnight(payment, from, to) ? 'NEXT_STATEMENT' : 'PERSON', paymentId: payment.id, reference: payment.reference,
    gatewayTransaction: payment.gatewayTransaction, oursVnd: payment.amountVnd, theirsVnd: null, oursState: payment.state, theirsState: null,
  }));
};

/** Its money came, as we think, on the day. */
const isOfDay = ({ paidAt, state }: OurPayment, from: Date, to: Date): boolean => (BOOKED.has(state) || state === 'DISPUTED') && paidAt !== null && paidAt >= from && paidAt < to;

const isNearMidnight = ({ paidAt }: OurPayment, from: Date, to: Date): boolean =>
  paidAt !== null && (paidAt.getTime() - from.getTime() < MIDNIGHT_MS || to.getTime() - paidAt.getTime() < MIDNIGHT_MS);
