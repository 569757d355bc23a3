/** One row of the ledger, as the database or an archive holds it. */
export interface LedgerEntry {
  /** Decimal id; rises. */
  readonly id: string;
  readonly transactionId: string;
  readonly kind: string;
  readonly account: string;
  readonly amountVnd: number;
  readonly paymentId: string;
  readonly refundId: string | null;
}

export interface CheckedRefund {
  readonly id: string;
  readonly amountVnd: number;
  readonly state: string;
}

/** A payment with everything that the ledger says of it, in the order of the ledger. */
export interface CheckedPayment {
  readonly id: string;
  readonly reference: string;
  readonly gateway: string;
  readonly accountId: string;
  readonly state: string;
  readonly amountVnd: number;
  readonly paidVnd: number;
  readonly refundedVnd: number;
  readonly surplus: boolean;
  readonly refunds: readonly CheckedRefund[];
  readonly entries: readonly LedgerEntry[];
}

/** All entries in the order of their ids, then all payments; at one instant of the database. */
export type LedgerRecord = { readonly entry: LedgerEntry } | { readonly payment: CheckedPayment };
