import type pg from 'pg';
import { isSamePerson } from '../access/same-person.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { audit, refuse, runOnce } from './payment-action.js';
import type { ActionAnswer, ActionDeps, PaymentCall } from './payment-action.js';
import { isNumberTaken } from './money-number-store.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import { mayPaymentMove } from './payment.js';
import type { PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import type { PaymentBook } from './payment-words.js';
import { isBankNumber, seesPayment } from './refund-acts.js';
import type { SettlementStore } from './settlement-store.js';
import type { SettleAs, Settlement } from './settlement.js';

export interface SettlementServiceDeps extends ActionDeps {
  readonly store: PaymentStore;
  readonly settlements: SettlementStore;
  readonly book: PaymentBook;
  readonly byParty: ReadonlyMap<string, PaymentGateway>;
  readonly agencies: AgencyAccess;
  readonly now: () => Date;
}

export interface SettlementRef {
  readonly id: string;
  readonly reference: string;
}


/** What two persons know of a payment that no machine could find out; and what the portal or an operator ends before anything was paid. */
export class SettlementService {
  readonly #deps: SettlementServiceDeps;

  constructor(deps: SettlementServiceDeps) {
    this.#deps = deps;
  }

  /** The first person's part. `PAID` names the bank's or the gateway's number. */
  async request(call: PaymentCall, reference: string, of: { readonly settleAs: SettleAs; readonly bankReference: string | null }): Promise<ActionAnswer<SettlementRef>> {
    return this.#act(call, { action: 'settlePaymentByHand', input: { reference, ...of }, reference }, async (client, payment) => {
      if (!mayPaymentMove(payment.state, of.settleAs === 'PAID' ? 'PAID' : 'FAILED', 'operator')) refuse('STATE');
      if (of.settleAs === 'PAID' ? !isBankNumber(of.bankReference ?? '') : of.bankReference !== null) refuse('INPUT');
      await this.#refuseTaken(client, payment, of.bankReference);
      const id = await this.#deps.settlements.insert(client, { paymentId: payment.id, ...of, reason: call.reason ?? '', requestedBy: call.caller.client }) ?? refuse('STATE');
      await audit(client, call, { action: 'request-settlement', payment, detail: { ...of, settlement: id } });
      return { id, reference: payment.reference };
    });
  }

  /** The second person's part. */
  async decide(call: PaymentCall, id: string, approve: boolean): Promise<ActionAnswer<SettlementRef>> {
    const { settlements: found, database } = this.#deps;
    const reference = await found.referenceOf(database, id) ?? '';
    return this.#act(call, { action: 'decideSettlement', input: { id, approve }, reference }, async (client, payment) => {
      const { settlements } = this.#deps;
      const settlement = await settlements.lock(client, id);
      if (settlement === null) return refuse('NOT_FOUND');
      if (settlement.state !== 'REQUESTED') refuse('ALREADY_DECIDED');
      if (approve && isSamePerson(settlement.requestedBy, call.caller.client)) refuse('SAME_PERSON');
      await settlements.decide(client, id, { state: approve ? 'APPROVED' : 'DECLINED', by: call.caller.client });
      if (approve) await this.#settle(client, call, { payment, settlement });
      await audit(client, call, { action: approve ? 'approve-settlement' : 'decline-settlement', payment, detail: { settlement: id } });
      return { id, reference: payment.reference };
    });
  }

  /** The fees are free for another payment. Money that comes late is kept and due back, or pays them if nothing else did. */
  async cancel(call: PaymentCall, reference: string): Promise<ActionAnswer<{ readonly reference: string }>> {
    const isPortal = call.caller.role === 'portal';
    return this.#act(call, { action: 'cancelPayment', input: { reference }, reference }, async (client, payment) => {
      const { book, byParty, now } = this.#deps;
      if (payment.state !== 'AWAITING' || byParty.get(payment.gateway)?.isBound === true) refuse('STATE');
      await book.move(client, payment, {
        to: 'CANCELLED', reason: 'cancelled', items: 'freed', personReason: null,
        hearing: { source: isPortal ? 'portal' : 'operator', actor: `${isPortal ? 'client' : 'operator'}/${call.caller.client}`, now: now() },
      });
      if (!isPortal) await audit(client, call, { action: 'cancel-payment', payment });
      return { reference };
    });
  }

  /** The watcher asks the gateway at its next turn. */
  async askNow(call: PaymentCall, reference: string): Promise<ActionAnswer<{ readonly reference: string }>> {
    return this.#act(call, { action: 'askPayment', input: { reference }, reference }, async (client, payment) => {
      await this.#deps.store.askNow(client, payment.id);
      await audit(client, call, { action: 'ask-payment', payment });
      return { reference };
    });
  }

  async #settle(client: pg.PoolClient, call: PaymentCall, { payment, settlement }: { readonly payment: PaymentRow; readonly settlement: Settlement }): Promise<void> {
    const { book, now } = this.#deps;
    const isPaid = settlement.settleAs === 'PAID';
    await this.#refuseTaken(client, payment, settlement.bankReference);
    const heard = await book.hear(client, payment.reference, {
      hearing: { source: 'operator', actor: `operator/${call.caller.client}`, now: now() },
      word: {
        says: isPaid ? 'paid' : 'failed', code: 'by-hand', text: 'by-hand', amountVnd: isPaid ? payment.amountVnd : null, gatewayTransaction: settlement.bankReference, bankCode: null, paidAt: null,
      },
    });
    if (heard?.decision.kind !== 'move') refuse('STATE');
  }

  async #refuseTaken(client: pg.PoolClient, payment: PaymentRow, number: string | null): Promise<void> {
    if (number !== null && await isNumberTaken(client, this.#deps.byParty, { payment, number })) refuse('STATE');
  }

  async #act<Result>(call: PaymentCall, of: { readonly action: string; readonly input: unknown; readonly reference: string }, work: (client: pg.PoolClient, payment: PaymentRow) => Promise<Result>): Promise<ActionAnswer<Result>> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    return runOnce(this.#deps, call, {
      action: of.action, input: of.input,
      work: async (client) => {
        const payment = await this.#deps.store.lock(client, of.reference);
        if (payment === null || !seesPayment(view, payment)) return refuse('NOT_FOUND');
        return work(client, payment);
      },
    });
  }
}
