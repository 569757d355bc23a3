export type UnmatchedReason = 'no-reference' | 'unknown-order' | 'merchant' | 'amount' | 'account' | 'not-direct' | 'paid-already' | 'state';

/** Money, or word of money, that fits no payment. */
export interface UnmatchedCredit {
  /** Decimal id. */
  readonly id: string;
  readonly party: string;
  readonly bankReference: string;
  readonly reference: string | null;
  readonly amountVnd: number | null;
  /** Sealed; null where it told nothing or was erased. */
  readonly contentSealed: string | null;
  readonly reason: UnmatchedReason;
  readonly at: Date;
  readonly createdAt: Date;
  /** Id of the payment to which it was, or is proposed to be, brought. */
  readonly resolvedPayment: string | null;
  /** `proposed` waits for a second person: `resolvedBy` is the first, and `resolvedAt` is null. */
  readonly resolution: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: Date | null;
}
