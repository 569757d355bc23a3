import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FileReference, FileTarget } from '../files/file-target.js';
import type { OpenFile } from '../files/file-store-port.js';
import type { PaymentStore } from '../payments/payment-store.js';
import type { Database } from '../store/database.js';
import type { ReceiptIssuer } from './receipt-port.js';
import type { ReceiptStore } from './receipt-store.js';

export interface ReceiptFilesDeps {
  readonly database: Database;
  readonly store: ReceiptStore;
  readonly payments: PaymentStore;
  readonly issuers: readonly ReceiptIssuer[];
}

/** PDFs of receipts behind signed links. Nothing is kept here: the issuer is asked for the paper each time. */
export class ReceiptFiles {
  readonly #deps: ReceiptFilesDeps;

  constructor(deps: ReceiptFilesDeps) {
    this.#deps = deps;
  }

  /** `reference` is the id of the receipt. */
  async find({ rowId }: FileTarget): Promise<FileReference | null> {
    const [receipt] = await this.#deps.store.byIds(this.#deps.database, [rowId]);
    return receipt === undefined || receipt.issuedAt === null ? null : { reference: receipt.id, name: `bien-lai-${receipt.key}.pdf` };
  }

  /** Null where the issuer has none. Rejects where it does not answer. */
  async open(receiptId: string, signal: AbortSignal): Promise<OpenFile | null> {
    const { database, store, payments, issuers } = this.#deps;
    const [receipt] = await store.byIds(database, [receiptId]);
    const payment = receipt === undefined ? null : await payments.findById(database, receipt.paymentId);
    const issuer = issuers.find(({ party }) => party === receipt?.issuer);
    if (receipt === undefined || payment === null || issuer === undefined) return null;
    // No journal: reading a paper changes nothing, and the party's own record of it is its business.
    const pdf = await issuer.download(receipt.key, payment.orderData.agencyCodes, { correlationId: randomUUID(), signal, journal: () => undefined, traceparent: null });
    return pdf === null ? null : { stream: Readable.from([pdf]), sizeBytes: pdf.length };
  }
}
