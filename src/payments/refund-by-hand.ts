import type pg from 'pg';
import { isSamePerson } from '../access/same-person.js';
import { audit, refuse } from './payment-action.js';
import type { ActionAnswer, PaymentCall } from './payment-action.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import { LATE_EVERY_MS } from './payment-limits.js';
import type { PaymentRow } from './payment-rows.js';
import { isBankNumber, leftToRefund } from './refund-acts.js';
import type { RefundActs, RefundRef } from './refund-acts.js';
import type { RefundSettling } from './refund-settling.js';
import type { RefundStore } from './refund-store.js';
import type { HandOutcome, Refund } from './refund.js';

export interface RefundByHandDeps {
  readonly acts: RefundActs;
  readonly refunds: RefundStore;
  readonly settling: RefundSettling;
  readonly byParty: ReadonlyMap<string, PaymentGateway>;
  /** Where all refunds of the payment together are more, two persons must say the same; 0 for always. */
  readonly fourEyesAboveVnd: number;
  /** At a gateway for less long, it is still the gateway's. */
  readonly stuckAfterMs: number;
  readonly now: () => Date;
}

export interface HandWord {
  readonly outcome: HandOutcome;
  /** The bank's number, with DONE only. */
  readonly bankReference: string | null;
}

/** Refunds that persons end: those that they carried themselves, and those that a gateway took and never ended. */
export class RefundByHand {
  readonly #deps: RefundByHandDeps;

  constructor(deps: RefundByHandDeps) {
    this.#deps = deps;
  }

  /** The bank's number of a refund that a person carried. Above the limit it ends when another person records the same number. */
  async record(call: PaymentCall, requestId: string, bankReference: string): Promise<ActionAnswer<RefundRef>> {
    return this.#deps.acts.onRefund(call, { action: 'recordManualRefund', requestId, input: { requestId, bankReference } }, async (client, payment, refund) => {
      if (refund.state !== 'BY_HAND') refuse('STATE');
      if (!isBankNumber(bankReference)) refuse('INPUT');
      const { refunds, settling, now } = this.#deps;
      await audit(client, call, { action: 'record-manual-refund', payment, detail: { refund: refund.requestId, bankReference } });
      if (await this.#needsTwo(client, payment) && refund.settledBy === null) {
        await refunds.change(client, refund.id, { state: 'BY_HAND', gatewayTransaction: bankReference, settledBy: call.caller.client });
        return;
      }
      if (refund.settledBy !== null && isSamePerson(refund.settledBy, call.caller.client)) refuse('SAME_PERSON');
      if (refund.settledBy !== null && refund.gatewayTransaction !== bankReference) refuse('DIFFERENT_NUMBER');
      await settling.end(client, { refundId: refund.id, paymentId: refund.paymentId }, { end: { outcome: 'done', code: null, text: null, gatewayTransaction: bankReference, by: call.caller.client }, now: now() });
    });
  }

  /**
   * What became of a refund that its gateway took and does not end, or that nobody carried after all. Above the limit it holds when another
   * person says the same; another word is a new one. The gateway is asked on: it may have given the money back all the same.
   */
  async settle(call: PaymentCall, requestId: string, word: HandWord): Promise<ActionAnswer<RefundRef>> {
    return this.#deps.acts.onRefund(call, { action: 'settleRefundByHand', requestId, input: { requestId, ...word } }, async (client, payment, refund) => {
      const { outcome, bankReference } = word;
      if (outcome === 'DONE' ? !isBankNumber(bankReference ?? '') : bankReference !== null) refuse('INPUT');
      if (!(await this.#maySettle(client, refund, outcome))) refuse('STATE');
      const isAgreed = refund.handOutcome === outcome && refund.handReference === bankReference;
      if (isAgreed && isSamePerson(refund.handBy ?? '', call.caller.client)) refuse('SAME_PERSON');
      const isEnd = isAgreed || !(await this.#needsTwo(client, payment));
      await audit(client, call, { action: isEnd ? 'settle-refund' : 'propose-refund-end', payment, detail: { refund: refund.requestId, outcome, bankReference } });
      if (!isAgreed) await this.#deps.refunds.propose(client, refund.id, { outcome, reference: bankReference, by: call.caller.client });
      if (isEnd) await this.#end(client, call, { payment, refund, outcome });
    });
  }

  /** Not while the gateway has its time, nor while our own delivery of it may go out yet: that would pay twice. */
  async #maySettle(client: pg.PoolClient, refund: Refund, outcome: HandOutcome): Promise<boolean> {
    const { refunds, stuckAfterMs, now } = this.#deps;
    // What a person carried is recorded with its number; here it can only be given up.
    if (refund.state === 'BY_HAND') return outcome === 'NOT_DONE' && refund.settledBy === null;
    const isStuck = refund.state === 'PROCESSING' && refund.approvedAt !== null && refund.approvedAt.getTime() + stuckAfterMs <= now().getTime();
    return isStuck && !(await refunds.isBeingCarried(client, refund.id));
  }

  async #end(client: pg.PoolClient, call: PaymentCall, { payment, refund, outcome }: { readonly payment: PaymentRow; readonly refund: Refund; readonly outcome: HandOutcome }): Promise<void> {
    const { settling, refunds, byParty, now } = this.#deps;
    await settling.end(client, { refundId: refund.id, paymentId: payment.id }, {
      end: { outcome: outcome === 'DONE' ? 'done' : 'refused', code: 'by-hand', text: null, gatewayTransaction: null, by: call.caller.client }, now: now(),
    });
    if (refund.deliveryId !== null && byParty.get(payment.gateway)?.refunds != null) await refunds.askOn(client, refund.id, new Date(now().getTime() + LATE_EVERY_MS));
  }

  async #needsTwo(client: pg.PoolClient, payment: PaymentRow): Promise<boolean> {
    const { refunds, fourEyesAboveVnd } = this.#deps;
    return payment.paidVnd - leftToRefund(payment, await refunds.ofPayments(client, [payment.id])) > fourEyesAboveVnd;
  }
}
