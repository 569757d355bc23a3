import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { Bell } from '../deliveries/bell-port.js';
import { audit, refuse, runOnce } from '../payments/payment-action.js';
import type { ActionAnswer, ActionDeps, PaymentCall } from '../payments/payment-action.js';
import type { PaymentRow } from '../payments/payment-rows.js';
import type { PaymentStore } from '../payments/payment-store.js';
import { seesPayment } from '../payments/refund-acts.js';
import type { ReceiptQueries } from './receipt-queries.js';
import type { ReceiptStore } from './receipt-store.js';
import { ADJUST_OPERATION, ISSUE_OPERATION } from './receipt.js';
import type { Receipt } from './receipt.js';

export interface ReceiptServiceDeps extends ActionDeps {
  readonly store: ReceiptStore;
  readonly payments: PaymentStore;
  readonly queries: Pick<ReceiptQueries, 'idOf'>;
  readonly agencies: AgencyAccess;
  readonly bell: Bell;
  readonly maxAgeMs: number;
}

export interface ReceiptRef {
  readonly key: string;
}

/** What persons do about receipts that no machine can end. */
export class ReceiptService {
  readonly #deps: ReceiptServiceDeps;

  constructor(deps: ReceiptServiceDeps) {
    this.#deps = deps;
  }

  /** One that the issuer refused is owed again under its own key: had it been issued after all, the issuer says so. */
  async reissue(call: PaymentCall, key: string): Promise<ActionAnswer<ReceiptRef>> {
    const { store, maxAgeMs } = this.#deps;
    let party: string | null = null;
    const answer = await this.#act(call, { action: 'reissueReceipt', key, input: { key } }, async (client, payment, receipt) => {
      if (receipt.state !== 'REFUSED' || (receipt.adjusts === null && receipt.dueVnd === 0)) refuse('STATE');
      await store.move(client, receipt.id, { to: 'OWED', code: null, text: null, personReason: null });
      if (receipt.adjusts !== null) await store.setPerson(client, receipt.adjusts, null);
      const operation = receipt.adjusts === null ? ISSUE_OPERATION : ADJUST_OPERATION;
      await store.enqueue(client, { ...payment, paymentId: payment.id }, { party: receipt.issuer, operation, receiptId: receipt.id, maxAgeMs, correlationId: randomUUID() });
      await audit(client, call, { action: 'reissue-receipt', payment, detail: { receipt: key } });
      party = receipt.issuer;
    });
    if (party !== null) this.#deps.bell.ring(party);
    return answer;
  }

  /** A person put it right at the issuer, or found that nothing is wrong. */
  async close(call: PaymentCall, key: string, isCancelled: boolean): Promise<ActionAnswer<ReceiptRef>> {
    const { store } = this.#deps;
    return this.#act(call, { action: 'closeReceiptCase', key, input: { key, isCancelled } }, async (client, payment, receipt) => {
      if (receipt.personReason === null || (isCancelled && receipt.state !== 'ISSUED')) refuse('STATE');
      if (isCancelled) await store.move(client, receipt.id, { to: 'CANCELLED', code: receipt.code, text: receipt.text, personReason: null });
      else await store.setSaid(client, receipt.id, null);
      if (isCancelled) await store.tell(client, { ...payment, paymentId: payment.id }, { type: 'receipt.cancelled', reason: 'by-hand' });
      await audit(client, call, { action: 'close-receipt-case', payment, detail: { receipt: key, cancelled: isCancelled } });
    });
  }

  /** Under the locks of the payment and of a receipt that the caller may see. */
  async #act(call: PaymentCall, of: { readonly action: string; readonly key: string; readonly input: unknown }, work: (client: pg.PoolClient, payment: PaymentRow, receipt: Receipt) => Promise<void>): Promise<ActionAnswer<ReceiptRef>> {
    const { agencies, queries, store, payments } = this.#deps;
    const view = await agencies.scope.viewOf(call.caller);
    const found = await queries.idOf(of.key);
    return runOnce(this.#deps, call, {
      action: of.action, input: of.input,
      work: async (client) => {
        if (found === null) return refuse('NOT_FOUND');
        const subject = await store.lockSubject(client, found.paymentId);
        const payment = await payments.find(client, subject.reference);
        const receipt = await store.lock(client, found.id);
        if (payment === null || receipt === null || !seesPayment(view, payment)) return refuse('NOT_FOUND');
        await work(client, payment, receipt);
        return { key: of.key };
      },
    });
  }
}
