import type { FeeItem } from '../payments/payment.js';

/** What deliveries carry for receipts. */
export const ISSUE_OPERATION = 'issue-receipt';
export const CANCEL_OPERATION = 'cancel-receipt';
export const ADJUST_OPERATION = 'adjust-receipt';

/**
 * owed: a delivery carries it to the issuer. issued: it has a number there. refused: the issuer said no; a person corrects and has it issued
 * again under the same key. cancelling, cancelled: the money went back.
 */
export const RECEIPT_STATES = ['OWED', 'ISSUED', 'REFUSED', 'CANCELLING', 'CANCELLED'] as const;
export type ReceiptState = (typeof RECEIPT_STATES)[number];

/** Legal moves as data; any other is not written. */
export const RECEIPT_MOVES: readonly { readonly from: ReceiptState; readonly to: ReceiptState }[] = [
  { from: 'OWED', to: 'ISSUED' },
  { from: 'OWED', to: 'REFUSED' },
  { from: 'REFUSED', to: 'OWED' },
  { from: 'ISSUED', to: 'CANCELLING' },
  { from: 'CANCELLING', to: 'CANCELLED' },
  // The issuer refused to cancel it.
  { from: 'CANCELLING', to: 'ISSUED' },
  // A person cancelled it at the issuer.
  { from: 'ISSUED', to: 'CANCELLED' },
];

export const statesBefore = (to: ReceiptState): readonly ReceiptState[] => RECEIPT_MOVES.filter((move) => move.to === to).map(({ from }) => from);

/** Why a person must look at a receipt. */
export type ReceiptPersonReason = 'refused' | 'cancel-refused' | 'adjust-refused' | 'adjusted-before' | 'paid-again';

/** A receipt as stored. */
export interface Receipt {
  readonly id: string;
  /** What the issuer knows it by. */
  readonly key: string;
  readonly paymentId: string;
  readonly issuer: string;
  readonly state: ReceiptState;
  /** Id of the receipt that this one corrects. */
  readonly adjusts: string | null;
  readonly totalVnd: number;
  readonly dueVnd: number;
  readonly saidVnd: number;
  readonly personReason: ReceiptPersonReason | null;
  readonly pattern: string | null;
  readonly serial: string | null;
  readonly number: string | null;
  readonly deliveryId: string | null;
  readonly code: string | null;
  readonly text: string | null;
  readonly createdAt: Date;
  readonly issuedAt: Date | null;
  readonly stateAt: Date;
}

export type Correction = { readonly kind: 'cancel' | 'adjust' } | { readonly kind: 'person'; readonly reason: ReceiptPersonReason };

/**
 * What becomes of an issued receipt whose money went back.
 * @param isAdjusted whether one was adjusted to it before: such a one is not cancelled by machine
 */
export const correctionOf = ({ dueVnd, saidVnd }: Pick<Receipt, 'dueVnd' | 'saidVnd'>, isAdjusted: boolean): Correction | null => {
  if (dueVnd === saidVnd) return null;
  if (dueVnd > saidVnd) return { kind: 'person', reason: 'paid-again' };
  if (dueVnd > 0) return { kind: 'adjust' };
  return isAdjusted ? { kind: 'person', reason: 'adjusted-before' } : { kind: 'cancel' };
};

/** Fees as they count after a part went back. Refunds name no fee: the first ones stay whole, in the order in which they were opened. */
export const itemsWithin = (items: readonly FeeItem[], totalVnd: number): readonly FeeItem[] => {
  let leftVnd = totalVnd;
  return items.flatMap((item) => {
    const amountVnd = Math.min(item.amountVnd, leftVnd);
    leftVnd -= amountVnd;
    return amountVnd > 0 ? [{ ...item, amountVnd }] : [];
  });
};
