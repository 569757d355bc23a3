import type { PartyCall } from '../deliveries/party-call.js';
import type { FeeItem, Payer } from './payment.js';

/** Account into which the fees go. */
export interface BeneficiaryAccount {
  /** BIN of the bank, six digits; null for the State Treasury. */
  readonly bankBin: string | null;
  /** Short code of the bank from the list of banks; `KBNN` for the State Treasury. */
  readonly bankCode: string;
  readonly number: string;
  readonly holderName: string;
}

/** What opens a payment and, repeated to the letter, asks for it later. */
export interface PaymentOrder {
  readonly reference: string;
  readonly amountVnd: number;
  readonly dossierCode: string;
  /** The agency's code and those of the agencies above it, nearest first: whose partner code and secret are used. */
  readonly agencyCodes: readonly string[];
  readonly agencyName: string;
  /** The time that the wire carries as that of the order; queries repeat it. */
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Address of the citizen, or of the portal that speaks for him. */
  readonly clientIp: string;
  readonly language: 'vi' | 'en';
  /** Page of the portal to which the browser comes back; it books nothing. */
  readonly returnUrl: string | null;
  readonly account: BeneficiaryAccount;
  readonly procedureCode: string;
  readonly procedureName: string;
  readonly items: readonly FeeItem[];
  /** Null where it was erased; no party needs it for a question. */
  readonly payer: Payer | null;
  /** What the gateway gave when it was opened and wants repeated; holds no personal data. */
  readonly gatewayData: Readonly<Record<string, string>>;
}

export type OpenAnswer =
  | {
    readonly kind: 'opened';
    readonly payUrl: string | null;
    readonly qrContent: string | null;
    readonly gatewayTransaction: string | null;
    readonly gatewayData: Readonly<Record<string, string>>;
  }
  | { readonly kind: 'rejected'; readonly code: string; readonly text: string };

/**
 * What a gateway says of a payment, in a callback, an answer or a statement. An unlisted code is `pending`, with its code kept.
 * `paid` and `disputed` mean that money was taken.
 */
export interface GatewayWord {
  readonly says: 'paid' | 'pending' | 'failed' | 'disputed' | 'not-found';
  /** The gateway's own code, or codes joined by `/`. */
  readonly code: string;
  /** The gateway's own words, without personal data; null where it gives none. */
  readonly text: string | null;
  /** As said by the gateway; null where the message carries none, or none that can be read: then nothing new is booked. */
  readonly amountVnd: number | null;
  /** The gateway's number of the transaction. */
  readonly gatewayTransaction: string | null;
  readonly bankCode: string | null;
  /** When the citizen paid, by the gateway's clock. */
  readonly paidAt: Date | null;
}

/** A verified callback about one payment. */
export interface PaymentNotice extends GatewayWord {
  readonly reference: string;
  /** Dossier code where the wire carries one; for payments that were not begun by us. */
  readonly dossierCode: string | null;
  /** Our code at the party (merchant, terminal, service, partner) whose secret vouched for the message. */
  readonly merchant: string;
  /** Told that the order is paid already, the party gives the money back by itself. Otherwise a second transaction's money is kept for a person. */
  readonly secondGoesBack?: boolean;
}

export interface RefundOrder {
  /** Our number of this refund, which the gateway knows it by: at most 32 letters and digits. */
  readonly requestId: string;
  readonly amountVnd: number;
  readonly isFull: boolean;
  readonly reason: string;
  /** Login of the person who approved it. */
  readonly approvedBy: string;
  readonly createdAt: Date;
  readonly payment: PaymentOrder;
  readonly gatewayTransaction: string | null;
}

export type RefundAnswer =
  /** `done` given back; `processing` taken and on its way: to be asked for. */
  | { readonly kind: 'done' | 'processing'; readonly code: string; readonly gatewayTransaction: string | null }
  | { readonly kind: 'rejected'; readonly code: string; readonly text: string };

export type RefundWord = { readonly says: 'done' | 'processing' | 'refused' | 'not-found'; readonly code: string; readonly text: string | null };

/** How a gateway is to be waited for; numbers come from the party's rules or its configuration. */
export interface GatewayWindows {
  /** How long a citizen has to pay. */
  readonly payWithinMs: number;
  /** First question after opening or after an unknown outcome. */
  readonly askAfterMs: number;
  /** Between two questions at least. */
  readonly askEveryMs: number;
  /** From then on `not-found` is proof that there is nothing. */
  readonly settleMs: number;
  /** After this a person decides. */
  readonly giveUpMs: number;
}

/** Gives money back through the gateway. */
export interface RefundPort {
  readonly partial: boolean;
  /** Whether `askRefund` answers for the refund of this `requestId`, and never for another of the same payment and amount. */
  readonly tellsApart: boolean;
  /** Effect class unsafe: a timeout is answered by `askRefund`, never by a repeat. */
  refund(order: RefundOrder, call: PartyCall): Promise<RefundAnswer>;
  /** Effect class read. */
  askRefund(order: RefundOrder, call: PartyCall): Promise<RefundWord>;
}

/** A way to pay. Every party that is one implements it; sandbox contract suite: test/contract/payment-gateway-suite.ts. */
export interface PaymentGateway {
  /** Name of the party, which is the name of the gateway. */
  readonly party: string;
  /** `transit`: the gateway collects and pays out later. `direct`: the citizen's transfer goes straight to the agency's account. */
  readonly moneyGoes: 'transit' | 'direct';
  /** `in-order`: each order carries the account. `by-hand`: the party must be told of an account before it can be used. */
  readonly accountRegistration: 'in-order' | 'by-hand';
  readonly windows: GatewayWindows;
  /** Whether `open` only computes: what was not answered was shown to nobody, and the gateway has not heard of it. */
  readonly opensUnsent: boolean;
  /** The money is collected by something else that is under way, such as a parcel: nobody cancels the payment alone. */
  readonly isBound?: boolean;
  /** Whether a partner code is configured for an agency with these codes (nearest first). */
  serves(agencyCodes: readonly string[]): boolean;
  /**
   * Our code at the party under which a payment of this agency is opened today, as `gatewayData`: kept before the gateway is called, so that
   * one of which no answer came is asked for, and given back, under that code whatever the agency has by then.
   */
  opensUnder(agencyCodes: readonly string[]): Readonly<Record<string, string>>;
  /**
   * The code at the party under which this payment was, or would be, opened: what another code's secret vouches for settles nothing of it.
   * Null where there is none, as at a gateway that sends no notices.
   */
  merchantOf(order: Pick<PaymentOrder, 'agencyCodes' | 'gatewayData'>): string | null;
  /**
   * Effect class keyed by `reference`, but never repeated by us: an unknown outcome is asked for. Some gateways need no call at all.
   * @throws PartyError `unavailable` surely not sent; `outcome-unknown` it may have arrived
   */
  open(order: PaymentOrder, call: PartyCall): Promise<OpenAnswer>;
  /** Effect class read; null where the gateway cannot be asked. Asked too often is `rate-limited`, of this payment alone where the gateway counts so. */
  readonly ask: ((order: PaymentOrder, call: PartyCall) => Promise<GatewayWord>) | null;
  /** Null where money goes back by hand only. */
  readonly refunds: RefundPort | null;
}
