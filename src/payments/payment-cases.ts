import type { AgencyAccess } from '../agencies/agency-scope.js';
import { audit, refuse, runOnce } from './payment-action.js';
import type { ActionAnswer, ActionDeps, PaymentCall } from './payment-action.js';
import { mayCloseCase } from './payment-decision.js';
import type { PaymentStore } from './payment-store.js';
import type { PaymentBook } from './payment-words.js';
import { seesPayment } from './refund-acts.js';

export interface PaymentCasesDeps extends ActionDeps {
  readonly store: PaymentStore;
  readonly book: PaymentBook;
  readonly agencies: AgencyAccess;
  readonly now: () => Date;
}

/** What a person had to look at, and has dealt with outside the gateway: at the bank's counter, or on the telephone. */
export class PaymentCases {
  readonly #deps: PaymentCasesDeps;

  constructor(deps: PaymentCasesDeps) {
    this.#deps = deps;
  }

  /** Moves nothing and frees nothing. What decides over money, or over fees that are held, is refused: it has an action of its own. */
  async close(call: PaymentCall, reference: string): Promise<ActionAnswer<{ readonly reference: string }>> {
    const { agencies, store, book, now } = this.#deps;
    const view = await agencies.scope.viewOf(call.caller);
    return runOnce(this.#deps, call, {
      action: 'closePaymentCase', input: { reference },
      work: async (client) => {
        const payment = await store.lock(client, reference);
        if (payment === null || !seesPayment(view, payment)) return refuse('NOT_FOUND');
        const at = now();
        if (!mayCloseCase(payment, at)) refuse('STATE');
        await book.note(client, payment, { reason: 'case-closed', personReason: null, hearing: { source: 'operator', actor: `operator/${call.caller.client}`, now: at } });
        await audit(client, call, { action: 'close-payment-case', payment, detail: { case: payment.personReason } });
        return { reference };
      },
    });
  }
}
