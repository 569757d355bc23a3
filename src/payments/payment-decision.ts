import type { GatewayWord } from './payment-gateway-port.js';
import { CITIZEN, REFUND_DUE, arrivalOf, disputedAt, takeFrom } from './ledger.js';
import type { Posting } from './ledger.js';
import { REFUND_STUCK } from './refund.js';
import { mayPaymentMove } from './payment.js';
import type { Payment, PaymentSource, PaymentState } from './payment.js';

/** What a decision looks at; a row of the store has more. */
export type DecidedPayment = Pick<Payment, 'state' | 'amountVnd' | 'paidVnd' | 'refundedVnd' | 'surplus' | 'personReason' | 'gateway' | 'gatewayTransaction' | 'accountId' | 'createdAt' | 'sentAt' | 'expiresAt'>
  & { readonly moneyGoes: 'transit' | 'direct' };

export interface WordContext {
  readonly source: PaymentSource;
  readonly now: Date;
  /** From then on, counted from the last moment at which money can have been taken, `not-found` is proof. */
  readonly settleMs: number;
  /** Whether this payment may have its fee items: owed unchanged, and neither paid nor held by another. */
  readonly itemsFree: boolean;
  /** The payment's balances in the ledger. */
  readonly holdings: ReadonlyMap<string, number>;
}

/** What the one who told is told: `already` is a repeat, `amount` and `state` are refusals. */
export type WordAnswer = 'confirmed' | 'already' | 'amount' | 'state';

export type RecordReason = 'repeat' | 'pending' | 'over' | 'too-early' | 'amount' | 'contradiction' | 'other-transaction' | 'illegal-move';

interface Decided {
  readonly answer: WordAnswer;
  /** As it is after this; null while no person must look. */
  readonly personReason: string | null;
  /** The gateway is to be asked at once: its words do not fit each other. */
  readonly askSoon: boolean;
}

export interface MoveDecision extends Decided {
  readonly kind: 'move';
  readonly to: PaymentState;
  readonly surplus: boolean;
  readonly paidVnd: number;
  readonly postings: readonly Posting[];
  /** `paid`: they count as paid by this payment. `held`: no other payment of them may be opened. `freed`: they are owed again. `kept`: as before. */
  readonly items: 'paid' | 'held' | 'freed' | 'kept';
}

export interface RecordDecision extends Decided {
  readonly kind: 'record';
  readonly reason: RecordReason;
}

export type Decision = MoveDecision | RecordDecision;

const TARGETS: Readonly<Record<Exclude<GatewayWord['says'], 'not-found'>, PaymentState>> = { paid: 'PAID', pending: 'AWAITING', failed: 'FAILED', disputed: 'DISPUTED' };
const MONEY_TAKEN: readonly PaymentState[] = ['PAID', 'REFUNDING', 'REFUNDED', 'DISPUTED'];
const GOING_BACK: readonly PaymentState[] = ['REFUNDING', 'REFUNDED'];
/** Reasons that an answer to our own question, or a person, puts at rest. */
const SETTLED_BY_ANSWER: ReadonlySet<string> = new Set(['amount', 'contradiction', 'not-opened']);
const AUTHORITATIVE: ReadonlySet<PaymentSource> = new Set(['query', 'statement', 'operator']);

/** Decides what a gateway's word, or an operator's on its behalf, does to a payment. Pure. */
export const decide = (payment: DecidedPayment, word: GatewayWord, context: WordContext): Decision => {
  if (word.says === 'not-found') return decideNotFound(payment, context);
  const to = TARGETS[word.says];
  if ((word.says === 'paid' || word.says === 'disputed') && !isOurAmount(payment, word)) {
    return record(payment, 'amount', { answer: 'amount', personReason: 'amount', askSoon: context.source === 'callback' });
  }
  if (payment.state === to || (word.says === 'paid' && GOING_BACK.includes(payment.state))) return decideRepeat(payment, word, context);
  if (mayPaymentMove(payment.state, to, context.source)) return move(payment, to, context);
  return decideIllegal(payment, word.says, context);
};

/** Money is never booked on a word that does not say how much: an amount that could not be read would pass for ours. */
const isOurAmount = ({ state, amountVnd }: DecidedPayment, word: GatewayWord): boolean =>
  word.amountVnd === amountVnd || (word.amountVnd === null && MONEY_TAKEN.includes(state));

const decideIllegal = (payment: DecidedPayment, says: GatewayWord['says'], context: WordContext): Decision => {
  if (says === 'pending' || (says === 'failed' && !MONEY_TAKEN.includes(payment.state))) return record(payment, 'over', { answer: 'confirmed' });
  // After a refund many gateways call the payment failed or reversed; the money is accounted for.
  if (GOING_BACK.includes(payment.state)) return record(payment, 'illegal-move', { answer: 'state' });
  return record(payment, 'contradiction', { answer: 'state', personReason: payment.personReason ?? 'contradiction', askSoon: context.source === 'callback' });
};

/** A person must look before anything else at a payment whose outcome nobody could find out; the fees stay held. */
export const isGivenUp = (payment: { readonly state: PaymentState; readonly giveUpAt: Date | null }, now: Date): boolean =>
  payment.giveUpAt !== null && payment.giveUpAt <= now && (payment.state === 'AWAITING' || payment.state === 'UNKNOWN');

/**
 * Whether a person may say that what made others look is dealt with. Not while money or fees hang on it: a surplus is decided, a dispute ends
 * by the gateway's word, and an outcome that nobody could find out is settled by two persons.
 */
export const mayCloseCase = (payment: Pick<Payment, 'state' | 'surplus' | 'personReason'> & { readonly giveUpAt: Date | null }, now: Date): boolean =>
  payment.personReason !== null && payment.personReason !== 'unknown' && payment.state !== 'DISPUTED' && !isGivenUp(payment, now)
  && !(payment.surplus && payment.state !== 'REFUNDED') && !(payment.state === 'REFUNDING' && payment.personReason === REFUND_STUCK);

/** The last moment at which this payment's money can have been taken, with time for the gateway to know of it. */
export const provableAt = ({ state, createdAt, sentAt, expiresAt }: Pick<Payment, 'state' | 'createdAt' | 'sentAt' | 'expiresAt'>, settleMs: number): Date => {
  const from = state === 'UNKNOWN' ? (sentAt ?? createdAt) : expiresAt;
  return new Date(from.getTime() + settleMs);
};

const record = (payment: DecidedPayment, reason: RecordReason, over: Pick<Decided, 'answer'> & Partial<Decided>): RecordDecision =>
  ({ kind: 'record', reason, personReason: payment.personReason, askSoon: false, ...over });

const decideNotFound = (payment: DecidedPayment, context: WordContext): Decision => {
  if (payment.state !== 'UNKNOWN' && payment.state !== 'AWAITING') return record(payment, 'over', { answer: 'confirmed' });
  const proven = context.source === 'query' && provableAt(payment, context.settleMs) <= context.now;
  return proven ? move(payment, 'EXPIRED', context) : record(payment, 'too-early', { answer: 'confirmed' });
};

const decideRepeat = (payment: DecidedPayment, word: GatewayWord, context: WordContext): Decision => {
  const other = word.says === 'paid' && payment.gatewayTransaction !== null && word.gatewayTransaction !== null && word.gatewayTransaction !== payment.gatewayTransaction;
  // Another transaction under the same reference may be a second charge.
  if (other) return record(payment, 'other-transaction', { answer: 'already', personReason: payment.personReason ?? 'paid-twice' });
  return record(payment, word.says === 'pending' ? 'pending' : 'repeat', {
    answer: word.says === 'pending' || word.says === 'failed' ? 'confirmed' : 'already', personReason: reasonAfter(payment, context.source),
  });
};

const reasonAfter = ({ personReason }: DecidedPayment, source: PaymentSource): string | null => {
  if (personReason === null || personReason === 'unknown') return null;
  return AUTHORITATIVE.has(source) && SETTLED_BY_ANSWER.has(personReason) ? null : personReason;
};

const move = (payment: DecidedPayment, to: PaymentState, context: WordContext): MoveDecision => {
  const base = { kind: 'move', to, surplus: payment.surplus, paidVnd: payment.paidVnd, askSoon: false, answer: 'confirmed', personReason: reasonAfter(payment, context.source) } as const;
  if (to === 'PAID') return paid(payment, context, base);
  if (to === 'DISPUTED') return disputed(payment, context, base);
  if (to === 'FAILED' && payment.state === 'DISPUTED') return disputeLost(payment, context, base);
  return { ...base, postings: [], items: to === 'FAILED' || to === 'EXPIRED' ? 'freed' : 'kept' };
};

type Base = Omit<MoveDecision, 'postings' | 'items'>;

const paid = (payment: DecidedPayment, context: WordContext, base: Base): MoveDecision => {
  const wasDisputed = payment.state === 'DISPUTED';
  const arrival = arrivalOf(payment);
  // After a lost dispute a part that was given back before still counts as paid.
  const amountVnd = wasDisputed ? heldAt(context, disputedAt(payment.gateway)) : payment.amountVnd - payment.paidVnd;
  const arrived: Posting = wasDisputed
    ? { kind: 'DISPUTE_WON', from: disputedAt(payment.gateway), to: arrival, amountVnd }
    : { kind: 'PAID', from: CITIZEN, to: arrival, amountVnd };
  const paidVnd = wasDisputed ? payment.paidVnd : payment.amountVnd;
  if (context.itemsFree && !payment.surplus) return { ...base, paidVnd, postings: [arrived], items: 'paid' };
  return {
    ...base, paidVnd, surplus: true, personReason: 'surplus', items: 'kept',
    postings: [arrived, { kind: 'SURPLUS', from: arrival, to: REFUND_DUE, amountVnd }],
  };
};

const heldAt = ({ holdings }: WordContext, account: string): number => holdings.get(account) ?? 0;

const disputed = (payment: DecidedPayment, context: WordContext, base: Base): MoveDecision => {
  const to = { kind: 'DISPUTED', account: disputedAt(payment.gateway) } as const;
  if (payment.state !== 'PAID') {
    return {
      ...base, paidVnd: payment.amountVnd, personReason: 'disputed', items: context.itemsFree ? 'held' : 'kept',
      postings: [{ kind: 'DISPUTED', from: CITIZEN, to: to.account, amountVnd: payment.amountVnd - payment.paidVnd }],
    };
  }
  const due = heldAt(context, REFUND_DUE);
  const left = payment.paidVnd - payment.refundedVnd;
  const postings = due >= left ? [{ kind: 'DISPUTED', from: REFUND_DUE, to: to.account, amountVnd: left } as const] : takeFrom(context.holdings, left, to);
  return { ...base, personReason: 'disputed', items: 'kept', postings };
};

const disputeLost = (payment: DecidedPayment, context: WordContext, base: Base): MoveDecision => {
  const from = disputedAt(payment.gateway);
  return {
    ...base, paidVnd: payment.refundedVnd, surplus: false, personReason: null, items: 'freed',
    postings: [{ kind: 'DISPUTE_LOST', from, to: CITIZEN, amountVnd: heldAt(context, from) }],
  };
};
