import type { PartyCall } from '../deliveries/party-call.js';

export interface AccountNameQuestion {
  /** Six digits. */
  readonly bankBin: string;
  readonly number: string;
}

export type AccountName =
  | { readonly kind: 'found'; readonly holderName: string }
  /** The bank knows no such account. */
  | { readonly kind: 'not-found'; readonly code: string }
  /** This bank, or this shape of number, cannot be looked up there. */
  | { readonly kind: 'unsupported'; readonly code: string };

/** Account-name enquiry at a bank or a service that asks banks. */
export interface AccountNamePort {
  readonly party: string;
  /** Whether it is worth asking about an account of this bank. */
  covers(question: AccountNameQuestion): boolean;
  /** Effect class read: a timeout is harmless. @throws PartyError */
  nameOf(question: AccountNameQuestion, call: PartyCall): Promise<AccountName>;
}
