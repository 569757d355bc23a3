import { randomUUID } from 'node:crypto';
import type { PaymentRow } from '../payments/payment-rows.js';
import type { OnPaid } from '../payments/payment-words.js';
import type { Queryable } from '../store/database.js';
import { ISSUE_OPERATION } from './receipt.js';
import type { ReceiptIssuer } from './receipt-port.js';
import type { ReceiptStore } from './receipt-store.js';

export interface ReceiptOwingDeps {
  readonly store: ReceiptStore;
  /** In the order in which they are preferred. */
  readonly issuers: readonly Pick<ReceiptIssuer, 'party' | 'serves'>[];
  /** Age at which a delivery waits for a person. */
  readonly maxAgeMs: number;
}

type PaidPayment = Pick<PaymentRow, 'id' | 'reference' | 'dossierCode' | 'orderData' | 'amountVnd'>;

/** Writes that a receipt is owed, in the transaction that makes a payment paid: none is forgotten, and none is owed for what was not paid. */
export class ReceiptOwing {
  readonly #deps: ReceiptOwingDeps;

  constructor(deps: ReceiptOwingDeps) {
    this.#deps = deps;
  }

  readonly onPaid: OnPaid = (client, payment) => this.owe(client, payment);

  /** Nothing where no issuer serves the agency, or where one is owed already. */
  async owe(client: Queryable, payment: PaidPayment): Promise<void> {
    const { store, issuers, maxAgeMs } = this.#deps;
    const issuer = issuers.find((each) => each.serves(payment.orderData.agencyCodes));
    if (issuer === undefined) return;
    await store.owe(client, { paymentId: payment.id, reference: payment.reference, dossierCode: payment.dossierCode },
      { party: issuer.party, operation: ISSUE_OPERATION, totalVnd: payment.amountVnd, maxAgeMs, correlationId: randomUUID() });
  }
}
