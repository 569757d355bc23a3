import { refuse, runOnce, audit } from './payment-action.js';
import type { ActionAnswer, ActionDeps, PaymentCall } from './payment-action.js';
import type { CreditStore } from './credit-store.js';
import { isNumberTaken } from './money-number-store.js';
import { mayPaymentMove } from './payment.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import type { UnmatchedCredit } from './credit.js';
import type { PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import type { PaymentBook } from './payment-words.js';
import { isSamePerson } from '../access/same-person.js';
import { recordOperatorAction } from '../deliveries/party-store.js';

export interface CreditServiceDeps extends ActionDeps {
  readonly credits: CreditStore;
  readonly store: PaymentStore;
  readonly book: PaymentBook;
  readonly byParty: ReadonlyMap<string, PaymentGateway>;
  /** Matching more than this needs a second person; 0 for always. */
  readonly fourEyesAboveVnd: number;
  readonly now: () => Date;
}

const CREDIT_ID = /^[1-9]\d{0,17}$/;

/** Money without a payment, brought to one by a person, or closed with a reason. */
export class CreditService {
  readonly #deps: CreditServiceDeps;

  constructor(deps: CreditServiceDeps) {
    this.#deps = deps;
  }

  /**
   * `reference` null closes it: given back by the bank, or none of ours. Its amount must be the payment's. Above the limit the first person
   * proposes, and another who names the same payment ends it; another payment is a new proposal.
   */
  async match(call: PaymentCall, id: string, reference: string | null): Promise<ActionAnswer<{ readonly id: string }>> {
    const { credits, store, book, byParty, now } = this.#deps;
    return runOnce(this.#deps, call, {
      action: 'matchCredit', input: { id, reference },
      work: async (client) => {
        // The payment first: the order in which callbacks lock.
        const payment = reference === null ? null : await store.lock(client, reference);
        const credit = CREDIT_ID.test(id) ? await credits.lock(client, id) : null;
        if (credit === null || (reference !== null && payment === null)) return refuse('NOT_FOUND');
        if (credit.resolvedAt !== null) refuse('ALREADY_DECIDED');
        if (payment === null) {
          await credits.resolve(client, id, { paymentId: null, resolution: 'closed', by: call.caller.client });
          await recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, reason: call.reason, action: 'close-credit', target: `credit/${id}` });
          return { id };
        }
        if (credit.amountVnd !== payment.amountVnd) refuse('AMOUNT');
        if (!this.#canPay(credit, payment) || await isNumberTaken(client, byParty, { payment, number: credit.bankReference })) refuse('STATE');
        if (!this.#isAgreed(call, credit, payment)) {
          if (!mayPaymentMove(payment.state, 'PAID', 'operator')) refuse('STATE');
          await credits.propose(client, id, { paymentId: payment.id, by: call.caller.client });
          await audit(client, call, { action: 'propose-match', payment, detail: { credit: id } });
          return { id };
        }
        await credits.resolve(client, id, { paymentId: payment.id, resolution: 'matched', by: call.caller.client });
        const heard = await book.hear(client, payment.reference, {
          word: { says: 'paid', code: 'matched', text: null, amountVnd: credit.amountVnd, gatewayTransaction: credit.bankReference, bankCode: null, paidAt: credit.at },
          hearing: { source: 'operator', actor: `operator/${call.caller.client}`, now: now() },
        });
        if (heard?.decision.kind !== 'move') refuse('STATE');
        await audit(client, call, { action: 'match-credit', payment, detail: { credit: id } });
        return { id };
      },
    });
  }

  /** What a gateway collects never lies in an account of an agency, and what lies there no gateway has collected. */
  #canPay({ party }: UnmatchedCredit, { gateway, moneyGoes }: PaymentRow): boolean {
    return party === gateway || (moneyGoes === 'direct' && this.#deps.byParty.get(party)?.moneyGoes !== 'transit');
  }

  /** Throws for one person who says it twice. */
  #isAgreed({ caller }: PaymentCall, credit: UnmatchedCredit, payment: PaymentRow): boolean {
    if (payment.amountVnd <= this.#deps.fourEyesAboveVnd) return true;
    if (credit.resolvedPayment !== payment.id || credit.resolvedBy === null) return false;
    return !isSamePerson(credit.resolvedBy, caller.client) || refuse('SAME_PERSON');
  }
}
