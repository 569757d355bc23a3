export const REFUND_STATES = ['REQUESTED', 'DECLINED', 'APPROVED', 'BY_HAND', 'PROCESSING', 'DONE', 'REFUSED'] as const;
export type RefundState = (typeof REFUND_STATES)[number];

/** Why a person must look at a payment whose refund does not end. */
export const REFUND_STUCK = 'refund-stuck';
/** Persons ended it, and the gateway says that it gave the money back as well. */
export const REFUNDED_TWICE = 'refunded-twice';
/** Persons found out that the money did not go back. */
export const REFUND_NOT_DONE = 'refund-not-done';

/** What persons find out of a refund. */
export type HandOutcome = 'DONE' | 'NOT_DONE';

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
  /** What a person says of it; it holds when another person says the same. */
  readonly handOutcome: HandOutcome | null;
  /** The bank's number, where persons gave it back. */
  readonly handReference: string | null;
  readonly handBy: string | null;
  readonly handAt: Date | null;
  /** When the gateway said that it gave back what persons had ended. */
  readonly gatewayDoneAt: Date | null;
}

/** The gateway had it, and persons ended it: the gateway may end it yet, another way. */
export const isEndedByHand = ({ state, handOutcome, settledBy }: Pick<Refund, 'state' | 'handOutcome' | 'settledBy'>): boolean =>
  handOutcome !== null && settledBy !== 'party' && (state === 'DONE' || state === 'REFUSED');
