export type SettleAs = 'PAID' | 'NOT_PAID';

/** What persons know of a payment from elsewhere. */
export interface Settlement {
  readonly id: string;
  readonly paymentId: string;
  readonly settleAs: SettleAs;
  readonly bankReference: string | null;
  readonly reason: string;
  readonly state: 'REQUESTED' | 'APPROVED' | 'DECLINED';
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}
