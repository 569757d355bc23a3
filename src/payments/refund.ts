export const REFUND_STATES = ['REQUESTED', 'DECLINED', 'APPROVED', 'BY_HAND', 'PROCESSING', 'DONE', 'REFUSED'] as const;
export type RefundState = (typeof REFUND_STATES)[number];

/** Why a person must look at a payment whose refund does not end. */
export const REFUND_STUCK = 'refund-stuck';

export interface Refund {
  /** Decimal id; people and gateways know it by `requestId`. */
  readonly id: string;
  readonly requestId: string;
  readonly paymentId: string;
  readonly amountVnd: number;
  readonly reason: string;
  readonly state: RefundState;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly approvedBy: string | null;
  readonly approvedAt: Date | null;
  readonly deliveryId: string | null;
  /** When the gateway may last have been told. */
  readonly sentAt: Date | null;
  readonly askAt: Date | null;
  readonly gatewayTransaction: string | null;
  readonly code: string | null;
  readonly text: string | null;
  readonly settledBy: string | null;
  readonly settledAt: Date | null;
}
