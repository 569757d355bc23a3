import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import { PartyError } from '../errors/party-error.js';
import type { OpenFile } from '../files/file-store-port.js';
import type { FileReference, FileTarget } from '../files/file-target.js';
import type { Logger } from '../observability/logger.js';
import type { GatewayReceipt, GatewayReceipts } from '../payments/gateway-receipt-port.js';
import type { PaymentOrders } from '../payments/payment-order.js';
import type { PaymentQueries } from '../payments/payment-queries.js';
import type { PaymentRow } from '../payments/payment-rows.js';
import type { PaymentStore } from '../payments/payment-store.js';
import type { Database } from '../store/database.js';

export interface GatewayBillsDeps {
  readonly database: Database;
  readonly store: Pick<PaymentStore, 'findById'>;
  readonly orders: Pick<PaymentOrders, 'of'>;
  readonly queries: Pick<PaymentQueries, 'find'>;
  readonly gateways: readonly GatewayReceipts[];
  readonly logger: Pick<Logger, 'warn'>;
}

/** pdf: the paper. fields: the gateway's own data, without a layout. */
export type BillForm = 'pdf' | 'fields';
export type NoBillReason = 'not-paid' | 'no-bills' | 'none-yet' | 'unavailable';

export type BillAnswer =
  | { readonly kind: 'bill'; readonly form: BillForm; readonly gateway: string; readonly target: FileTarget }
  /** `gatewayCode`: the gateway's own, where it said that there is none. */
  | { readonly kind: 'none'; readonly reason: NoBillReason; readonly gateway: string; readonly gatewayCode: string | null };

type Call = AttemptedCall & { readonly correlationId: string; readonly traceparent: string | null };

/** Order of the forms in links. */
const FORMS = ['pdf', 'fields'] as const satisfies readonly BillForm[];
const EXTENSIONS: Readonly<Record<BillForm, string>> = { pdf: 'pdf', fields: 'json' };
const REFERENCE = /^(\d{1,18})\/([01])$/;
/** A person waits for it. */
const ASK_DEADLINE_MS = 10_000;

const bytesOf = (receipt: GatewayReceipt, form: BillForm): Buffer | null => {
  if (receipt.kind !== form) return null;
  return receipt.kind === 'pdf' ? receipt.bytes : Buffer.from(`${JSON.stringify(receipt.fields, null, 2)}\n`);
};

/** Receipts that a gateway writes itself. Nothing is kept here: the gateway is asked each time, and nothing of it is journalled, for reading changes nothing. */
export class GatewayBills {
  readonly #deps: GatewayBillsDeps;

  constructor(deps: GatewayBillsDeps) {
    this.#deps = deps;
  }

  /** Null for another's payment too. A gateway that does not answer is `unavailable`: nothing is known then. */
  async of(call: Call, reference: string): Promise<BillAnswer | null> {
    const payment = await this.#deps.queries.find(call, reference);
    if (payment === null) return null;
    const { gateway, paidVnd, id } = payment;
    const none = (reason: NoBillReason, gatewayCode: string | null = null): BillAnswer => ({ kind: 'none', reason, gateway, gatewayCode });
    if (paidVnd === 0) return none('not-paid');
    try {
      const receipt = await this.#fetch(payment, { ...call, signal: AbortSignal.timeout(ASK_DEADLINE_MS) });
      if (receipt === null) return none('no-bills');
      if (receipt.kind === 'none') return none('none-yet', receipt.code);
      return { kind: 'bill', form: receipt.kind, gateway, target: { source: 'payment-bill', rowId: id, index: FORMS.indexOf(receipt.kind) } };
    } catch (error) {
      if (!(error instanceof PartyError)) throw error;
      this.#deps.logger.warn({ err: error, gateway }, 'a gateway was asked for its receipt in vain');
      return none('unavailable');
    }
  }

  async find({ rowId, index }: FileTarget): Promise<FileReference | null> {
    const { database, store } = this.#deps;
    const payment = await store.findById(database, rowId);
    const form = FORMS[index];
    return payment === null || form === undefined ? null : { reference: `${rowId}/${String(index)}`, name: `bien-lai-${payment.gateway}-${payment.reference}.${EXTENSIONS[form]}` };
  }

  /** Null where the gateway has none, or has it in another form by now. Rejects where it does not answer. */
  async open(reference: string, signal: AbortSignal): Promise<OpenFile | null> {
    const { database, store } = this.#deps;
    const [, rowId, index] = REFERENCE.exec(reference) ?? [];
    const form = FORMS[Number(index)];
    const payment = rowId === undefined ? null : await store.findById(database, rowId);
    if (payment === null || form === undefined) return null;
    const receipt = await this.#fetch(payment, { correlationId: randomUUID(), traceparent: null, signal });
    const bytes = receipt === null ? null : bytesOf(receipt, form);
    return bytes === null ? null : { stream: Readable.from([bytes]), sizeBytes: bytes.length };
  }

  /** Null where the gateway of the payment writes none. @throws PartyError */
  async #fetch(payment: PaymentRow, { correlationId, traceparent, signal }: { readonly correlationId: string; readonly traceparent: string | null; readonly signal: AbortSignal }): Promise<GatewayReceipt | null> {
    const { gateways, orders } = this.#deps;
    const gateway = gateways.find(({ party }) => party === payment.gateway);
    if (gateway === undefined) return null;
    return gateway.fetch(await orders.of(payment), { correlationId, traceparent, signal, journal: () => undefined });
  }
}
