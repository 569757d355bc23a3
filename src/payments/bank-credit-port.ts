/**
 * Money that came into an account, as the bank pushes it. It pays the awaiting payment whose reference stands in `content`, whatever
 * the citizen's bank did to the text (case, spaces, cut at either end), where amount and account agree; else a person matches it.
 */
export interface BankCredit {
  /** The bank's number of the transfer (FT…); one and the same over all channels of the bank. */
  readonly bankReference: string;
  readonly amountVnd: number;
  readonly content: string;
  /** Account that got the money; null where the message names none. */
  readonly accountNumber: string | null;
  /** BIN of the bank that keeps this account: two banks may use one number. Null where the teller may speak for another bank. */
  readonly bankBin: string | null;
  /** Reference that the party itself carried in a field of its own; null where only the content has it. */
  readonly reference: string | null;
  readonly at: Date;
}

/** What a bank tells of an account. Money that went out is recorded, and pays nothing. */
export type BankMovement = { readonly kind: 'credit'; readonly credit: BankCredit } | { readonly kind: 'debit'; readonly bankReference: string };
