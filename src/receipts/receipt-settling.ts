import type { Settled } from '../deliveries/delivery-operation.js';
import type { PaymentStore } from '../payments/payment-store.js';
import type { Queryable } from '../store/database.js';
import type { ReceiptOwing } from './receipt-owing.js';
import type { ReceiptStore, ReceiptSubject } from './receipt-store.js';
import type { Receipt } from './receipt.js';

/** Told inside the transaction: a count, and no proof. */
export type ObserveReceipt = (of: { readonly issuer: string; readonly outcome: 'issued' | 'adjusted' | 'refused' | 'cancelled' | 'cancel-refused' }) => void;

export interface ReceiptSettlingDeps {
  readonly store: ReceiptStore;
  readonly payments: PaymentStore;
  readonly owing: ReceiptOwing;
  readonly observe: ObserveReceipt;
}

interface Ended {
  readonly receipt: Receipt;
  readonly subject: ReceiptSubject;
  readonly code: string | null;
  readonly text: string | null;
}

/** What the end of a delivery makes of its receipt, in the transaction that settles it. */
export class ReceiptSettling {
  readonly #deps: ReceiptSettlingDeps;

  constructor(deps: ReceiptSettlingDeps) {
    this.#deps = deps;
  }

  async settle(client: Queryable, kind: 'issue' | 'adjust' | 'cancel', { delivery, to, reason }: Settled): Promise<void> {
    if (to !== 'accepted' && to !== 'rejected') return;
    const { store } = this.#deps;
    const [found] = await store.byIds(client, [delivery.subjectId]);
    if (found === undefined) return;
    const subject = await store.lockSubject(client, found.paymentId);
    const receipt = await store.lock(client, found.id);
    if (receipt === null) return;
    const ended: Ended = { receipt, subject, code: reason, text: delivery.reasonText };
    if (kind === 'cancel') await (to === 'accepted' ? this.#cancelled(client, ended) : this.#cancelRefused(client, ended));
    else await (to === 'accepted' ? this.#issued(client, ended) : this.#refused(client, ended));
  }

  async #issued(client: Queryable, { receipt, subject }: Ended): Promise<void> {
    const { store, observe } = this.#deps;
    if (!(await store.move(client, receipt.id, { to: 'ISSUED', code: null, text: null, personReason: null }))) return;
    await store.tell(client, subject, { type: receipt.adjusts === null ? 'receipt.issued' : 'receipt.adjusted', reason: null });
    observe({ issuer: receipt.issuer, outcome: receipt.adjusts === null ? 'issued' : 'adjusted' });
  }

  async #refused(client: Queryable, { receipt, subject, code, text }: Ended): Promise<void> {
    const { store, observe } = this.#deps;
    if (!(await store.move(client, receipt.id, { to: 'REFUSED', code, text, personReason: 'refused' }))) return;
    if (receipt.adjusts !== null) await store.setPerson(client, receipt.adjusts, 'adjust-refused');
    await store.tell(client, subject, { type: 'receipt.refused', reason: code });
    observe({ issuer: receipt.issuer, outcome: 'refused' });
  }

  async #cancelled(client: Queryable, { receipt, subject, code, text }: Ended): Promise<void> {
    const { store, payments, owing, observe } = this.#deps;
    if (!(await store.move(client, receipt.id, { to: 'CANCELLED', code, text, personReason: null }))) return;
    await store.tell(client, subject, { type: 'receipt.cancelled', reason: null });
    observe({ issuer: receipt.issuer, outcome: 'cancelled' });
    const payment = receipt.dueVnd === 0 ? null : await payments.findById(client, receipt.paymentId);
    // It was paid again meanwhile, when one was still there.
    if (payment !== null) await owing.owe(client, payment);
  }

  async #cancelRefused(client: Queryable, { receipt, subject, code, text }: Ended): Promise<void> {
    const { store, observe } = this.#deps;
    if (!(await store.move(client, receipt.id, { to: 'ISSUED', code, text, personReason: 'cancel-refused' }))) return;
    await store.tell(client, subject, { type: 'receipt.refused', reason: code });
    observe({ issuer: receipt.issuer, outcome: 'cancel-refused' });
  }
}
