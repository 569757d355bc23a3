import type { Queryable } from '../store/database.js';
import { CITIZEN, REFUND_DUE, takeFrom } from './ledger.js';
import type { Posting } from './ledger.js';
import { holdingsOf, takenBy } from './ledger-store.js';
import type { PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import type { Hearing, PaymentBook } from './payment-words.js';
import type { RefundStore } from './refund-store.js';
import { leftToRefund } from './refund-acts.js';
import { REFUNDED_TWICE, REFUND_NOT_DONE, REFUND_STUCK, isEndedByHand } from './refund.js';
import type { Refund } from './refund.js';

export interface RefundEnd {
  readonly outcome: 'done' | 'refused';
  readonly code: string | null;
  readonly text: string | null;
  readonly gatewayTransaction: string | null;
  /** Who says so: `party`, or a person. */
  readonly by: string;
}

/** Reasons to look that are none any more once all the money went back. */
const ENDED_BY_REFUND: ReadonlySet<string> = new Set(['surplus', 'paid-twice', 'refund-refused', REFUND_NOT_DONE, REFUND_STUCK]);

/** That it did not end is over now; a surplus of which a part is left is what it was before. */
const reasonBefore = ({ personReason, surplus }: PaymentRow): string | null => (personReason === REFUND_STUCK ? (surplus ? 'surplus' : null) : personReason);

/** Ends refunds: the refund's row, the payment, and the ledger in one transaction, once. */
export class RefundSettling {
  readonly #deps: { readonly store: PaymentStore; readonly refunds: RefundStore; readonly book: PaymentBook };

  constructor(deps: { readonly store: PaymentStore; readonly refunds: RefundStore; readonly book: PaymentBook }) {
    this.#deps = deps;
  }

  /** False: it had ended already. The payment is locked here, before the refund is read. */
  async end(client: Queryable, of: { readonly refundId: string; readonly paymentId: string }, { end, now }: { readonly end: RefundEnd; readonly now: Date }): Promise<boolean> {
    const { store, refunds } = this.#deps;
    const payment = await store.lockById(client, of.paymentId);
    const [refund] = await refunds.byIds(client, [of.refundId]);
    if (payment === null || refund === undefined || payment.state !== 'REFUNDING' || !['APPROVED', 'PROCESSING', 'BY_HAND'].includes(refund.state)) return false;
    await refunds.change(client, refund.id, {
      state: end.outcome === 'done' ? 'DONE' : 'REFUSED', code: end.code, text: end.text, gatewayTransaction: end.gatewayTransaction, settledBy: end.by,
    });
    const hearing: Hearing = { source: 'refund', actor: end.by === 'party' ? `party/${payment.gateway}` : `operator/${end.by}`, now };
    await (end.outcome === 'done' ? this.#done(client, payment, { refund, hearing, end }) : this.#refused(client, payment, { refund, hearing, end }));
    return true;
  }

  /**
   * The gateway gave back what persons had ended. What they called not done is booked now, where nothing took its place; anything else is
   * money that left twice, for a person. Gives whether the gateway need be asked no more.
   */
  async gatewayDid(client: Queryable, of: { readonly refundId: string; readonly paymentId: string }, { end, now }: { readonly end: RefundEnd; readonly now: Date }): Promise<boolean> {
    const { store, refunds, book } = this.#deps;
    const payment = await store.lockById(client, of.paymentId);
    const all = await refunds.ofPayments(client, [of.paymentId]);
    const refund = all.find(({ id }) => id === of.refundId);
    if (payment === null || refund === undefined || !isEndedByHand(refund)) return true;
    const hearing: Hearing = { source: 'refund', actor: `party/${payment.gateway}`, now };
    const isOwedStill = refund.state === 'REFUSED' && refund.amountVnd <= leftToRefund(payment, all);
    if (isOwedStill && payment.state === 'PAID') {
      await this.#reopen(client, payment, { refund, hearing });
      return this.end(client, of, { end, now });
    }
    if (isOwedStill && payment.state === 'REFUNDING') return false;
    if (refund.gatewayDoneAt === null) {
      await refunds.markGatewayDone(client, refund.id);
      await book.note(client, payment, { reason: REFUNDED_TWICE, personReason: REFUNDED_TWICE, hearing });
    }
    return refund.state === 'DONE';
  }

  /** As it was before persons called it not done. */
  async #reopen(client: Queryable, payment: PaymentRow, { refund, hearing }: { readonly refund: Refund; readonly hearing: Hearing }): Promise<void> {
    const { book, refunds } = this.#deps;
    await book.move(client, payment, {
      to: 'REFUNDING', reason: 'refund-after-all', refundId: refund.id, amountVnd: refund.amountVnd, hearing,
      personReason: payment.personReason === REFUND_NOT_DONE || payment.personReason === REFUNDED_TWICE ? null : payment.personReason,
      postings: payment.surplus ? [] : takeFrom(await holdingsOf(client, payment.id), refund.amountVnd, { kind: 'REFUND_DECIDED', account: REFUND_DUE }),
    });
    await refunds.change(client, refund.id, { state: 'PROCESSING' });
  }

  async #done(client: Queryable, payment: PaymentRow, { refund, hearing, end }: { readonly refund: Refund; readonly hearing: Hearing; readonly end: RefundEnd }): Promise<void> {
    const refundedVnd = payment.refundedVnd + refund.amountVnd;
    const isWhole = refundedVnd >= payment.paidVnd;
    await this.#deps.book.move(client, payment, {
      to: isWhole ? 'REFUNDED' : 'PAID', reason: isWhole ? 'refunded' : 'refunded-partly', refundedVnd, refundId: refund.id, hearing, code: end.code, amountVnd: refund.amountVnd,
      personReason: isWhole && ENDED_BY_REFUND.has(payment.personReason ?? '') ? null : reasonBefore(payment), askAt: null,
      postings: [{ kind: 'REFUNDED', from: REFUND_DUE, to: CITIZEN, amountVnd: refund.amountVnd }],
    });
  }

  /** A person must find another way: the money is owed back still. A surplus stays due; other money is where it came from. */
  async #refused(client: Queryable, payment: PaymentRow, { refund, hearing, end }: { readonly refund: Refund; readonly hearing: Hearing; readonly end: RefundEnd }): Promise<void> {
    const taken = await takenBy(client, refund.id);
    const postings = [...taken].map(([account, amountVnd]): Posting => ({ kind: 'REFUND_REFUSED', from: REFUND_DUE, to: account, amountVnd }));
    await this.#deps.book.move(client, payment, {
      to: 'PAID', reason: 'refund-refused', refundId: refund.id, hearing, code: end.code, amountVnd: refund.amountVnd, personReason: reasonBefore(payment) ?? (end.by === 'party' ? 'refund-refused' : REFUND_NOT_DONE), askAt: null,
      postings,
    });
  }
}
