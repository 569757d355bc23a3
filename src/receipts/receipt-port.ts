import type { PartyAnswer, PartyCall } from '../deliveries/party-call.js';
import type { FeeItem, Payer } from '../payments/payment.js';

/** One e-receipt (biên lai điện tử) that the gateway owes for a paid payment. */
export interface ReceiptOrder {
  /** The issuer recognises a repeat by it (fkey). */
  readonly key: string;
  readonly dossierCode: string;
  readonly agencyCodes: readonly string[];
  readonly items: readonly FeeItem[];
  readonly totalVnd: number;
  readonly paidAt: Date;
  /** Null where it was erased: the receipt cannot be issued any more. */
  readonly payer: Payer | null;
}

export interface IssuedReceipt {
  readonly pattern: string;
  readonly serial: string;
  readonly number: string | null;
}

export type IssueAnswer =
  | { readonly kind: 'issued'; readonly receipt: IssuedReceipt | null; readonly already: boolean }
  | { readonly kind: 'rejected'; readonly code: string; readonly text: string };

/** Issuer of e-receipts. */
export interface ReceiptIssuer {
  readonly party: string;
  /** How long after we gave up a request may still arrive; nothing is asked before. */
  readonly inFlightMs: number;
  serves(agencyCodes: readonly string[]): boolean;
  /** Effect class keyed by `key`: a repeat is answered as already issued, and fetched. */
  issue(order: ReceiptOrder, call: PartyCall): Promise<IssueAnswer>;
  /** Effect class read; null where the issuer has none under this key. */
  find(key: string, agencyCodes: readonly string[], call: PartyCall): Promise<IssuedReceipt | null>;
  /** Effect class read: the PDF; null where the issuer has none under this key. */
  download(key: string, agencyCodes: readonly string[], call: PartyCall): Promise<Buffer | null>;
  /** Effect class keyed: cancelling what is cancelled changes nothing. */
  cancel(key: string, agencyCodes: readonly string[], call: PartyCall): Promise<PartyAnswer>;
  /** Effect class keyed by `key` of the adjusting receipt. */
  adjust(order: ReceiptOrder & { readonly adjusts: string }, call: PartyCall): Promise<IssueAnswer>;
}
