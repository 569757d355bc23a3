import type { PartyCall } from '../deliveries/party-call.js';
import type { PaymentOrder } from './payment-gateway-port.js';

/** What a gateway gives as the receipt of a payment. `fields` are the party's own, personal data among them. */
export type GatewayReceipt =
  | { readonly kind: 'pdf'; readonly bytes: Buffer }
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'none'; readonly code: string };

/** Receipts that a gateway writes itself of what was paid through it; those that we owe are issued over ReceiptIssuer. */
export interface GatewayReceipts {
  readonly party: string;
  /** Effect class read: a timeout means nothing, ask again. */
  fetch(order: PaymentOrder, call: PartyCall): Promise<GatewayReceipt>;
}
