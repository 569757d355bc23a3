import type { Queryable } from '../store/database.js';
import { REFUND_DUE, arrivalOf } from './ledger.js';
import { decide, provableAt } from './payment-decision.js';
import type { Decision, MoveDecision } from './payment-decision.js';
import type { GatewayWord, PaymentGateway } from './payment-gateway-port.js';
import { LATE_EVERY_MS } from './payment-limits.js';
import { OPEN_PAYMENT_STATES, mayPaymentMove } from './payment.js';
import type { PaymentSource, PaymentState } from './payment.js';
import type { HeldItem, PaymentRow } from './payment-rows.js';
import type { FeedEvent, LockedPayment, PaymentStore } from './payment-store.js';

/** Who told, how, and when we heard it. */
export interface Hearing {
  readonly source: PaymentSource;
  /** `party/<name>`, `client/<name>`, `operator/<name>` or `gateway`. */
  readonly actor: string;
  readonly now: Date;
  readonly callbackId?: string;
}

export interface Heard {
  readonly decision: Decision;
  /** As it was before. */
  readonly payment: PaymentRow;
}

/** A move that no gateway's word decides: the clock's, the portal's, an operator's, or that of a refund. */
export interface OwnMove extends Pick<MoveDecision, 'to'>, Partial<Pick<MoveDecision, 'personReason' | 'surplus' | 'paidVnd' | 'postings'>> {
  /** Absent: they stay as they are, and are not locked. */
  readonly items?: Exclude<MoveDecision['items'], 'kept'>;
  readonly refundedVnd?: number;
  readonly refundId?: string;
  readonly reason: string | null;
  readonly code?: string | null;
  readonly amountVnd?: number | null;
  readonly gatewayTransaction?: string | null;
  readonly askAt?: Date | null;
  readonly hearing: Hearing;
}

/** Something about a payment that moves nothing. */
export interface Note {
  readonly reason: string;
  /** As it is from now on. */
  readonly personReason: string | null;
  readonly askAt?: Date | null;
  readonly hearing: Hearing;
}

/** Runs inside the transaction that makes a payment paid and its fees with it. */
export type OnPaid = (client: Queryable, payment: PaymentRow) => Promise<void>;

export interface PaymentBookDeps {
  readonly store: PaymentStore;
  readonly gateways: ReadonlyMap<string, PaymentGateway>;
  readonly onPaid: readonly OnPaid[];
  readonly observe: (moved: { readonly gateway: string; readonly from: PaymentState; readonly to: PaymentState; readonly source: PaymentSource; readonly reason: string | null }) => void;
}

/** A wire time that is absurd is the gateway's clock, not the citizen's payment; the books then carry ours. */
const CREDIBLE_MS = 3 * 86_400_000;
/** What is disputed moves in days. */
const DISPUTED_EVERY_MS = 3_600_000;
const DEFAULT_SETTLE_MS = 30 * 60_000;
const MAY_COME_LATE: ReadonlySet<PaymentState> = new Set(['EXPIRED', 'CANCELLED']);
const IS_OVER: ReadonlySet<PaymentState> = new Set(['EXPIRED', 'CANCELLED', 'FAILED']);

const UNINTERESTING: ReadonlySet<string> = new Set(['pending', 'too-early', 'over']);

/**
 * It is over, and its gateway told of money otherwise than it was opened: that it knows nothing, or waits, is no answer to that. An answer
 * with another amount may be a slip of the gateway.
 */
const isContradictedBy = ({ state, personReason }: PaymentRow, { reason }: { readonly reason: string }, { says }: GatewayWord): boolean =>
  IS_OVER.has(state) && (reason === 'amount' || ((personReason === 'amount' || personReason === 'contradiction') && (says === 'pending' || says === 'not-found')));

/** Whether the payment may have its items: owed as when it was opened, and no other has them. */
export const areFree = (paymentId: string, items: readonly HeldItem[]): boolean =>
  items.every((item) => !item.dropped && item.amountVnd === item.openedVnd && (item.paidBy ?? paymentId) === paymentId && (item.openPayment ?? paymentId) === paymentId);

/** The one place where payments move: row, fee items, ledger, history and feed change together, in the caller's transaction. */
export class PaymentBook {
  readonly #deps: PaymentBookDeps;

  constructor(deps: PaymentBookDeps) {
    this.#deps = deps;
  }

  /** Applies what a gateway says, or records why not. Null: the reference is none of ours. */
  async hear(client: Queryable, reference: string, of: { readonly word: GatewayWord; readonly hearing: Hearing }): Promise<Heard | null> {
    const locked = await this.#deps.store.lockWhole(client, reference);
    return locked === null ? null : this.hearLocked(client, locked, of);
  }

  /** The same of a payment that the caller has locked in this transaction. */
  async hearLocked(client: Queryable, { payment, items, holdings }: LockedPayment, of: { readonly word: GatewayWord; readonly hearing: Hearing }): Promise<Heard> {
    const { gateways } = this.#deps;
    const { word, hearing } = of;
    const decision = decide(payment, word, {
      source: hearing.source, now: hearing.now, settleMs: gateways.get(payment.gateway)?.windows.settleMs ?? DEFAULT_SETTLE_MS,
      itemsFree: areFree(payment.id, items), holdings,
    });
    const said = { code: word.code, amountVnd: word.amountVnd, gatewayTransaction: word.gatewayTransaction, gatewayAt: word.paidAt };
    if (decision.kind === 'move') await this.#write(client, payment, { ...said, ...decision, reason: word.text, hearing, refundedVnd: payment.refundedVnd, transaction: transactionAfter(payment, word, decision) });
    else await this.#record(client, payment, { decision, word, hearing });
    return { decision, payment };
  }

  /** Moves a locked payment. Throws RangeError for an illegal move: callers check before. */
  async move(client: Queryable, payment: PaymentRow, to: OwnMove): Promise<void> {
    if (!mayPaymentMove(payment.state, to.to, to.hearing.source)) throw new RangeError(`Payment ${payment.reference} may not go from ${payment.state} to ${to.to} by ${to.hearing.source}`);
    if (to.items !== undefined) await this.#deps.store.lockItems(client, payment.id);
    await this.#write(client, payment, {
      personReason: payment.personReason, surplus: payment.surplus, paidVnd: payment.paidVnd, refundedVnd: payment.refundedVnd, items: 'kept', postings: [], askSoon: false,
      code: null, amountVnd: null, gatewayTransaction: null, gatewayAt: null, transaction: to.gatewayTransaction ?? payment.gatewayTransaction, ...to,
    });
  }

  /** On a row that is locked. */
  async note(client: Queryable, payment: PaymentRow, note: Note): Promise<void> {
    const { hearing } = note;
    await this.#deps.store.write(client, payment.id, {
      change: { ...payment, personReason: note.personReason, askAt: note.askAt === undefined ? payment.askAt : note.askAt }, items: 'kept', postings: [], refundId: null,
      event: {
        source: hearing.source, fromState: payment.state, toState: payment.state, applied: false, reason: note.reason, code: null, amountVnd: null,
        gatewayTransaction: null, gatewayAt: null, actor: hearing.actor, callbackId: hearing.callbackId ?? null,
      },
      tells: personTold(payment, note.personReason),
    });
  }

  /** A surplus on a locked row, with locked items, pays its fees after all. It stays paid, so no edge is gone along. */
  async keepSurplus(client: Queryable, payment: PaymentRow, hearing: Hearing): Promise<void> {
    const { store, onPaid } = this.#deps;
    const after = { ...payment, surplus: false, personReason: null };
    await store.write(client, payment.id, {
      change: after, items: 'paid', refundId: null, tells: [{ type: 'payment.paid', reason: 'surplus-kept' }],
      postings: [{ kind: 'SURPLUS_KEPT', from: REFUND_DUE, to: arrivalOf(payment), amountVnd: payment.paidVnd }],
      event: {
        source: hearing.source, fromState: payment.state, toState: payment.state, applied: true, reason: 'surplus-kept', code: null, amountVnd: payment.paidVnd,
        gatewayTransaction: null, gatewayAt: null, actor: hearing.actor, callbackId: null,
      },
    });
    for (const hook of onPaid) await hook(client, after);
  }

  async #write(client: Queryable, payment: PaymentRow, of: Written): Promise<void> {
    const { store, onPaid, observe } = this.#deps;
    const { hearing, to } = of;
    const turnedPaid = to === 'PAID' && payment.state !== 'REFUNDING';
    const after = {
      state: to, surplus: of.surplus, personReason: of.personReason, paidVnd: of.paidVnd, refundedVnd: of.refundedVnd, gatewayTransaction: of.transaction,
      paidAt: turnedPaid ? payment.paidAt ?? crediblePaidAt(of.gatewayAt, payment, hearing.now) : payment.paidAt,
      askAt: of.askAt === undefined ? this.#askAfter({ ...payment, state: to }, of.askSoon, hearing) : of.askAt,
    };
    await store.write(client, payment.id, {
      change: after, items: of.items, postings: of.postings, refundId: of.refundId ?? null,
      event: {
        source: hearing.source, fromState: payment.state, toState: to, applied: true, reason: of.reason, code: of.code, amountVnd: of.amountVnd,
        gatewayTransaction: of.gatewayTransaction, gatewayAt: of.gatewayAt, actor: hearing.actor, callbackId: hearing.callbackId ?? null,
      },
      tells: [feedEventOf(payment.state, to, of), ...personTold(payment, of.personReason)],
    });
    if (turnedPaid && of.items === 'paid') for (const hook of onPaid) await hook(client, { ...payment, ...after });
    observe({ gateway: payment.gateway, from: payment.state, to, source: hearing.source, reason: of.personReason });
  }

  async #record(client: Queryable, payment: PaymentRow, of: { readonly decision: Extract<Decision, { kind: 'record' }>; readonly word: GatewayWord; readonly hearing: Hearing }): Promise<void> {
    const { store, observe } = this.#deps;
    const { decision, word, hearing } = of;
    const gatewayTransaction = payment.gatewayTransaction ?? (decision.reason === 'repeat' ? word.gatewayTransaction : null);
    const askAt = this.#lateAsk(payment, of) ?? this.#askAfter(payment, decision.askSoon, hearing);
    // Questions that bring nothing new are many; only what tells something is history.
    const isNews = hearing.source !== 'query' || !UNINTERESTING.has(decision.reason);
    await store.write(client, payment.id, {
      change: { ...payment, personReason: decision.personReason, gatewayTransaction, askAt }, items: 'kept', postings: [], refundId: null,
      event: isNews ? {
        source: hearing.source, fromState: payment.state, toState: payment.state, applied: false, reason: decision.reason, code: word.code, amountVnd: word.amountVnd,
        gatewayTransaction: word.gatewayTransaction, gatewayAt: word.paidAt, actor: hearing.actor, callbackId: hearing.callbackId ?? null,
      } : null,
      tells: isNews ? personTold(payment, decision.personReason) : [],
    });
    if (!isNews) return;
    observe({ gateway: payment.gateway, from: payment.state, to: payment.state, source: hearing.source, reason: decision.reason });
  }

  /** A citizen may be paying what is over for us: while its gateway does not know, or says that it waits, it is asked on, for money without a callback is found so only. */
  #lateAsk(payment: PaymentRow, { decision, word, hearing: { source, now } }: { readonly decision: Extract<Decision, { kind: 'record' }>; readonly word: GatewayWord; readonly hearing: Hearing }): Date | null {
    const gateway = this.#deps.gateways.get(payment.gateway);
    if (gateway?.ask == null || payment.giveUpAt === null || payment.giveUpAt <= now) return null;
    const { askEveryMs, askAfterMs, settleMs } = gateway.windows;
    const inMs = (ms: number): Date => new Date(now.getTime() + ms);
    const seldomMs = Math.max(askEveryMs, LATE_EVERY_MS);
    if (source === 'query' && isContradictedBy(payment, decision, word)) return inMs(decision.reason === 'amount' ? seldomMs : askEveryMs);
    const isUndecided = word.says === 'pending' || (word.says === 'not-found' && provableAt(payment, settleMs) > now);
    if (!MAY_COME_LATE.has(payment.state) || !isUndecided) return null;
    // A gateway that tells of it unasked is busy with it now.
    return inMs(source === 'query' ? seldomMs : askAfterMs);
  }

  #askAfter(payment: PaymentRow, soon: boolean, { source, now }: Hearing): Date | null {
    const gateway = this.#deps.gateways.get(payment.gateway);
    if (soon && gateway?.ask != null) return now;
    if (payment.state === 'CANCELLED' && gateway?.ask != null && (source === 'portal' || source === 'operator')) return new Date(now.getTime() + gateway.windows.askAfterMs);
    if (payment.state === 'DISPUTED') return gateway?.ask == null ? null : new Date(now.getTime() + Math.max(gateway.windows.askEveryMs, DISPUTED_EVERY_MS));
    if (OPEN_PAYMENT_STATES.includes(payment.state)) return payment.askAt;
    return source === 'callback' ? payment.askAt : null;
  }
}

type Written = Pick<MoveDecision, 'to' | 'personReason' | 'surplus' | 'paidVnd' | 'items' | 'postings' | 'askSoon'> & {
  readonly refundedVnd: number;
  readonly refundId?: string;
  readonly askAt?: Date | null;
  readonly reason: string | null;
  readonly code: string | null;
  readonly amountVnd: number | null;
  /** As it was said. */
  readonly gatewayTransaction: string | null;
  readonly gatewayAt: Date | null;
  /** As it stands on the row from now on. */
  readonly transaction: string | null;
  readonly hearing: Hearing;
};

const personTold = (payment: PaymentRow, reason: string | null): readonly FeedEvent[] => (reason !== null && reason !== payment.personReason ? [{ type: 'payment.person', reason }] : []);

/** Only a paying word says under which number the gateway has the money. */
const transactionAfter = (payment: PaymentRow, word: GatewayWord, { to }: MoveDecision): string | null =>
  (to === 'PAID' && payment.state !== 'DISPUTED' ? word.gatewayTransaction : word.gatewayTransaction ?? payment.gatewayTransaction);

const crediblePaidAt = (said: Date | null, { createdAt }: PaymentRow, now: Date): Date =>
  (said === null || said.getTime() > now.getTime() + CREDIBLE_MS || said.getTime() < createdAt.getTime() - CREDIBLE_MS ? now : said);

const feedEventOf = (from: PaymentState, to: PaymentState, { reason, refundedVnd }: Written): FeedEvent => {
  if (from !== 'REFUNDING') return { type: `payment.${to.toLowerCase()}`, reason: to === 'PAID' ? null : reason };
  if (to === 'REFUNDED') return { type: 'payment.refunded', reason: 'full' };
  return reason === 'refund-refused' ? { type: 'payment.refund-refused', reason: null } : { type: 'payment.refunded', reason: refundedVnd > 0 ? 'partial' : null };
};
