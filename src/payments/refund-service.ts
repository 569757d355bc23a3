import type pg from 'pg';
import { isSamePerson } from '../access/same-person.js';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import type { Bell } from '../deliveries/bell-port.js';
import { REFUND_DUE, holdingsOf, takeFrom } from './ledger.js';
import { audit, refuse, runOnce } from './payment-action.js';
import type { ActionAnswer, ActionDeps, PaymentCall } from './payment-action.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import { isAmount } from './payment-limits.js';
import { newRefundId } from './payment-reference.js';
import type { PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import { areFree } from './payment-words.js';
import type { PaymentBook } from './payment-words.js';
import { REFUND_MAX_AGE_MS, REFUND_OPERATION } from './refund-operation.js';
import type { RefundSettling } from './refund-settling.js';
import type { RefundStore } from './refund-store.js';
import type { Refund } from './refund.js';

export interface RefundServiceDeps extends ActionDeps {
  readonly store: PaymentStore;
  readonly refunds: RefundStore;
  readonly settling: RefundSettling;
  readonly book: PaymentBook;
  readonly gateways: ReadonlyMap<string, PaymentGateway>;
  readonly agencies: AgencyAccess;
  readonly bell: Bell;
  /** More than this needs a second person; 0 for always. */
  readonly fourEyesAboveVnd: number;
  readonly now: () => Date;
}

export interface RefundRef {
  readonly requestId: string;
  readonly reference: string;
}

export const seesPayment = (view: AgencyView, payment: PaymentRow): boolean => (view.client === null || view.client === payment.client) && view.sees(payment.agencyCode);
const MANUAL_NUMBER = /^[A-Za-z0-9./-]{1,64}$/;

/** Money that goes back: asked for, decided by another person above a limit, carried by the gateway or by hand. All under the lock of the payment. */
export class RefundService {
  readonly #deps: RefundServiceDeps;

  constructor(deps: RefundServiceDeps) {
    this.#deps = deps;
  }

  /** `amountVnd` null: all that is left. While all refunds of the payment together are at or below the limit the request is its own approval. */
  async request(call: PaymentCall, reference: string, amountVnd: number | null): Promise<ActionAnswer<RefundRef>> {
    return this.#act(call, { action: 'requestRefund', input: { reference, amountVnd }, reference }, async (client, payment) => {
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
    return this.#onRefund(call, { action: 'approveRefund', requestId, input: { requestId } }, async (client, payment, refund) => {
      if (refund.state !== 'REQUESTED') refuse('ALREADY_DECIDED');
      if (isSamePerson(refund.requestedBy, call.caller.client)) refuse('SAME_PERSON');
      await this.#approve(client, call, { payment, refund });
    });
  }

  async decline(call: PaymentCall, requestId: string): Promise<ActionAnswer<RefundRef>> {
    return this.#onRefund(call, { action: 'declineRefund', requestId, input: { requestId } }, async (client, payment, refund) => {
      if (refund.state !== 'REQUESTED') refuse('ALREADY_DECIDED');
      await this.#deps.refunds.change(client, refund.id, { state: 'DECLINED', settledBy: call.caller.client });
      await audit(client, call, { action: 'decline-refund', payment, detail: { refund: refund.requestId } });
    });
  }

  /** The bank's number of a refund that a person carried. Above the limit it ends when another person records the same number. */
  async recordManual(call: PaymentCall, requestId: string, bankReference: string): Promise<ActionAnswer<RefundRef>> {
    return this.#onRefund(call, { action: 'recordManualRefund', requestId, input: { requestId, bankReference } }, async (client, payment, refund) => {
      if (refund.state !== 'BY_HAND') refuse('STATE');
      if (!MANUAL_NUMBER.test(bankReference)) refuse('INPUT');
      const { refunds, settling, fourEyesAboveVnd, now } = this.#deps;
      await audit(client, call, { action: 'record-manual-refund', payment, detail: { refund: refund.requestId, bankReference } });
      if (payment.paidVnd - await this.#left(client, payment) > fourEyesAboveVnd && refund.settledBy === null) {
        await refunds.change(client, refund.id, { state: 'BY_HAND', gatewayTransaction: bankReference, settledBy: call.caller.client });
        return;
      }
      if (refund.settledBy !== null && isSamePerson(refund.settledBy, call.caller.client)) refuse('SAME_PERSON');
      if (refund.settledBy !== null && refund.gatewayTransaction !== bankReference) refuse('DIFFERENT_NUMBER');
      await settling.end(client, { refundId: refund.id, paymentId: payment.id }, { end: { outcome: 'done', code: null, text: null, gatewayTransaction: bankReference, by: call.caller.client }, now: now() });
    });
  }

  /** A surplus that is not given back pays its fees after all, where they are free again. */
  async keepSurplus(call: PaymentCall, reference: string): Promise<ActionAnswer<{ readonly reference: string }>> {
    return this.#act(call, { action: 'decideSurplus', input: { reference, as: 'KEEP' }, reference }, async (client, payment) => {
      const { store, refunds, book, now } = this.#deps;
      if (!payment.surplus || payment.state !== 'PAID' || payment.refundedVnd > 0) refuse('STATE');
      if ((await refunds.ofPayments(client, [payment.id])).some(({ state }) => state === 'REQUESTED')) refuse('STATE');
      if (!areFree(payment.id, await store.lockItems(client, payment.id))) refuse('ITEMS_NOT_FREE');
      await book.keepSurplus(client, payment, { source: 'operator', actor: `operator/${call.caller.client}`, now: now() });
      await audit(client, call, { action: 'keep-surplus', payment });
      return { reference };
    });
  }

  /** What may still be asked back: what was paid, less what went back, is going, or is asked for. */
  async #left(client: pg.PoolClient, payment: PaymentRow): Promise<number> {
    const refunds = await this.#deps.refunds.ofPayments(client, [payment.id]);
    return payment.paidVnd - refunds.filter(({ state }) => state !== 'DECLINED' && state !== 'REFUSED').reduce((sum, { amountVnd }) => sum + amountVnd, 0);
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

  async #enqueue(client: pg.PoolClient, call: PaymentCall, { payment, refund }: { readonly payment: PaymentRow; readonly refund: Refund }): Promise<string> {
    const { rows } = await client.query<{ id: string }>('SELECT enqueue_delivery($1, $2, $3, $4, $5, $6, $7, $8) AS id',
      [payment.gateway, REFUND_OPERATION, `payment/${payment.reference}`, refund.id, payment.dossierCode, REFUND_MAX_AGE_MS, call.correlationId, call.traceparent]);
    return rows[0]?.id ?? '';
  }

  async #onRefund(call: PaymentCall, of: { readonly action: string; readonly requestId: string; readonly input: unknown }, work: (client: pg.PoolClient, payment: PaymentRow, refund: Refund) => Promise<void>): Promise<ActionAnswer<RefundRef>> {
    const found = await this.#deps.refunds.find(this.#deps.database, of.requestId);
    const payment = found === null ? null : await this.#deps.store.findById(this.#deps.database, found.paymentId);
    return this.#act(call, { ...of, reference: payment?.reference ?? '' }, async (client, locked) => {
      // Read again under the payment's lock.
      const refund = await this.#deps.refunds.find(client, of.requestId);
      if (refund === null) return refuse('NOT_FOUND');
      await work(client, locked, refund);
      return { requestId: refund.requestId, reference: locked.reference };
    });
  }

  /** Under the lock of a payment that the caller may see; the gateway is told of new work after the commit. */
  async #act<Result>(call: PaymentCall, of: { readonly action: string; readonly input: unknown; readonly reference: string }, work: (client: pg.PoolClient, payment: PaymentRow) => Promise<Result>): Promise<ActionAnswer<Result>> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    let party: string | null = null;
    const answer = await runOnce(this.#deps, call, {
      action: of.action, input: of.input,
      work: async (client) => {
        const payment = await this.#deps.store.lock(client, of.reference);
        if (payment === null || !seesPayment(view, payment)) return refuse('NOT_FOUND');
        party = payment.gateway;
        return work(client, payment);
      },
    });
    if (answer.kind === 'done' && party !== null) this.#deps.bell.ring(party);
    return answer;
  }
}
