import type pg from 'pg';
import { isSamePerson } from '../access/same-person.js';
import { REFUND_DUE, takeFrom } from './ledger.js';
import { holdingsOf } from './ledger-store.js';
import { audit, refuse } from './payment-action.js';
import type { ActionAnswer, PaymentCall } from './payment-action.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import { isAmount } from './payment-limits.js';
import { newRefundId } from './payment-reference.js';
import type { PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import { areFree } from './payment-words.js';
import type { PaymentBook } from './payment-words.js';
import { leftToRefund } from './refund-acts.js';
import type { RefundActs, RefundRef } from './refund-acts.js';
import { REFUND_MAX_AGE_MS, REFUND_OPERATION } from './refund-operation.js';
import type { RefundStore } from './refund-store.js';
import type { Refund } from './refund.js';

export interface RefundServiceDeps {
  readonly acts: RefundActs;
  readonly store: PaymentStore;
  readonly refunds: RefundStore;
  readonly book: PaymentBook;
  readonly gateways: ReadonlyMap<string, PaymentGateway>;
  /** More than this needs a second person; 0 for always. */
  readonly fourEyesAboveVnd: number;
  readonly now: () => Date;
}

/** Money that goes back: asked for, decided by another person above a limit, carried by the gateway or by hand. All under the lock of the payment. */
export class RefundService {
  readonly #deps: RefundServiceDeps;

  constructor(deps: RefundServiceDeps) {
    this.#deps = deps;
  }

  /** `amountVnd` null: all that is left. While all refunds of the payment together are at or below the limit the request is its own approval. */
  async request(call: PaymentCall, reference: string, amountVnd: number | null): Promise<ActionAnswer<RefundRef>> {
    return this.#deps.acts.onPayment(call, { action: 'requestRefund', input: { reference, amountVnd }, reference }, async (client, payment) => {
      const left = await this.#left(client, payment);
      const amount = amountVnd ?? left;
      if (payment.state !== 'PAID') refuse('STATE');
      if (!isAmount(amount)) refuse('AMOUNT');
      if (amount > left) refuse('TOO_MUCH');
      const { refunds, fourEyesAboveVnd } = this.#deps;
      const refund = await refunds.insert(client, { requestId: newRefundId(), paymentId: payment.id, amountVnd: amount, reason: call.reason ?? '', by: call.caller.client });
      await audit(client, call, { action: 'request-refund', payment, detail: { refund: refund.requestId, amountVnd: amount } });
      // Several small ones are one large one.
      if (payment.paidVnd - left + amount <= fourEyesAboveVnd) await this.#approve(client, call, { payment, refund });
      return { requestId: refund.requestId, reference: payment.reference };
    });
  }

  async approve(call: PaymentCall, requestId: string): Promise<ActionAnswer<RefundRef>> {
    return this.#deps.acts.onRefund(call, { action: 'approveRefund', requestId, input: { requestId } }, async (client, payment, refund) => {
      if (refund.state !== 'REQUESTED') refuse('ALREADY_DECIDED');
      if (isSamePerson(refund.requestedBy, call.caller.client)) refuse('SAME_PERSON');
      await this.#approve(client, call, { payment, refund });
    });
  }

  async decline(call: PaymentCall, requestId: string): Promise<ActionAnswer<RefundRef>> {
    return this.#deps.acts.onRefund(call, { action: 'declineRefund', requestId, input: { requestId } }, async (client, payment, refund) => {
      if (refund.state !== 'REQUESTED') refuse('ALREADY_DECIDED');
      await this.#deps.refunds.change(client, refund.id, { state: 'DECLINED', settledBy: call.caller.client });
      await audit(client, call, { action: 'decline-refund', payment, detail: { refund: refund.requestId } });
    });
  }

  /** A surplus that is not given back pays its fees after all, where they are free again. */
  async keepSurplus(call: PaymentCall, reference: string): Promise<ActionAnswer<{ readonly reference: string }>> {
    return this.#deps.acts.onPayment(call, { action: 'decideSurplus', input: { reference, as: 'KEEP' }, reference }, async (client, payment) => {
      const { store, refunds, book, now } = this.#deps;
      if (!payment.surplus || payment.state !== 'PAID' || payment.refundedVnd > 0) refuse('STATE');
      if ((await refunds.ofPayments(client, [payment.id])).some(({ state }) => state === 'REQUESTED')) refuse('STATE');
      if (!areFree(payment.id, await store.lockItems(client, payment.id))) refuse('ITEMS_NOT_FREE');
      await book.keepSurplus(client, payment, { source: 'operator', actor: `operator/${call.caller.client}`, now: now() });
      await audit(client, call, { action: 'keep-surplus', payment });
      return { reference };
    });
  }

  async #left(client: pg.PoolClient, payment: PaymentRow): Promise<number> {
    return leftToRefund(payment, await this.#deps.refunds.ofPayments(client, [payment.id]));
  }

  async #approve(client: pg.PoolClient, call: PaymentCall, { payment, refund }: { readonly payment: PaymentRow; readonly refund: Refund }): Promise<void> {
    const { refunds, book, gateways, now } = this.#deps;
    if (payment.state !== 'PAID') refuse('STATE');
    const port = gateways.get(payment.gateway)?.refunds ?? null;
    const isByGateway = port !== null && (port.partial || refund.amountVnd === payment.amountVnd) && (port.tellsApart || !(await this.#hasTwin(client, refund)));
    const due = { kind: 'REFUND_DECIDED', account: REFUND_DUE } as const;
    await book.move(client, payment, {
      to: 'REFUNDING', reason: isByGateway ? 'by-gateway' : 'by-hand', refundId: refund.id, amountVnd: refund.amountVnd,
      hearing: { source: 'operator', actor: `operator/${call.caller.client}`, now: now() },
      // A surplus is due back already.
      postings: payment.surplus ? [] : takeFrom(await holdingsOf(client, payment.id), refund.amountVnd, due),
    });
    const deliveryId = isByGateway ? await this.#enqueue(client, call, { payment, refund }) : null;
    await refunds.change(client, refund.id, { state: isByGateway ? 'APPROVED' : 'BY_HAND', approvedBy: call.caller.client, deliveryId });
    await audit(client, call, { action: 'approve-refund', payment, detail: { refund: refund.requestId, amountVnd: refund.amountVnd, by: isByGateway ? 'gateway' : 'hand' } });
  }

  /** Asked what became of this one, the gateway could answer for an earlier one of the same amount. */
  async #hasTwin(client: pg.PoolClient, refund: Refund): Promise<boolean> {
    return (await this.#deps.refunds.ofPayments(client, [refund.paymentId])).some(({ id, amountVnd, deliveryId }) => id !== refund.id && amountVnd === refund.amountVnd && deliveryId !== null);
  }

  #enqueue(client: pg.PoolClient, call: PaymentCall, { payment, refund }: { readonly payment: PaymentRow; readonly refund: Refund }): Promise<string> {
    return this.#deps.refunds.enqueue(client, {
      party: payment.gateway, operation: REFUND_OPERATION, lane: `payment/${payment.reference}`, refundId: refund.id, dossierCode: payment.dossierCode, maxAgeMs: REFUND_MAX_AGE_MS,
      correlationId: call.correlationId, traceparent: call.traceparent,
    });
  }
}
