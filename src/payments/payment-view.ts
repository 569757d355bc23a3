import type { BilingualText } from '../errors/gateway-error.js';
import type { ActionAnswer, Refusal } from './payment-action.js';
import { PAYMENT_LABELS, PERSON_REASONS, REFUND_LABELS } from './payment-labels.js';
import { PAYMENT_REFUSALS } from './payment-refusals.js';
import type { FeeRow, PaymentEvent, PaymentRow } from './payment-rows.js';
import type { UnmatchedCredit } from './credit.js';
import type { Refund } from './refund.js';

const KEY_CONFLICT: BilingualText = { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' };
const OTHER_REASON: BilingualText = { vi: 'Cần người xem xét', en: 'A person must look' };

/** Neither payer nor account number: nobody who reads payments needs them. */
export const viewPayment = (payment: PaymentRow) => {
  const { id, reference, dossierCode, agencyCode, gateway, accountId, amountVnd, paidVnd, refundedVnd, state, surplus, personReason, linkSealed, qrSealed } = payment;
  const { gatewayTransaction, createdAt, expiresAt, stateAt, paidAt } = payment;
  return {
    rowId: id, reference, dossierCode, agencyCode, gateway, accountId, amountVnd, paidVnd, refundedVnd, state, surplus, linkSealed, qrSealed, gatewayTransaction, createdAt, expiresAt, stateAt, paidAt,
    stateLabel: PAYMENT_LABELS[state],
    person: personReason === null ? null : { code: personReason, message: PERSON_REASONS[personReason] ?? OTHER_REASON },
  };
};
export type PaymentShape = ReturnType<typeof viewPayment>;

export const viewEvent = (event: PaymentEvent) => ({ ...event, source: event.source.toUpperCase() });

export const viewRefund = (refund: Refund) => {
  const { requestId, paymentId, amountVnd, reason, state, requestedBy, requestedAt, approvedBy, approvedAt, deliveryId, gatewayTransaction, code, text, settledBy, settledAt } = refund;
  const { handOutcome, handReference, handBy, handAt, gatewayDoneAt } = refund;
  return {
    paymentId, requestId, amountVnd, reason, state, requestedBy, requestedAt, approvedBy, approvedAt, deliveryId, gatewayTransaction, code, text, settledBy, settledAt,
    handOutcome, handReference, handBy, handAt, gatewayDoneAt, stateLabel: REFUND_LABELS[state],
  };
};
export type RefundShape = ReturnType<typeof viewRefund>;

/** `references` by payment id. */
export const viewFee = ({ key, kind, name, amountVnd, openPayment, paidBy, droppedAt }: FeeRow, references: ReadonlyMap<string, string>) => ({
  key, kind, name, amountVnd, dropped: droppedAt !== null,
  openPayment: openPayment === null ? null : references.get(openPayment) ?? null, paidBy: paidBy === null ? null : references.get(paidBy) ?? null,
});

/** `content` opened for those who match it, else null. */
export const viewCredit = ({ id, party, bankReference, reference, amountVnd, reason, at, resolution, resolvedBy, resolvedAt }: UnmatchedCredit, content: string | null) =>
  ({ id, party, bankReference, reference, amountVnd, reason, at, resolution, resolvedBy, resolvedAt, content });

const REFUSAL_TYPES: Partial<Readonly<Record<Refusal['code'], string>>> = { ALREADY_OPEN: 'PaymentAlreadyOpen', NO_ACCOUNT: 'NoUsableAccount', NO_GATEWAY: 'NoGateway' };

/** Every outcome but the one that was wanted. */
export const viewRefusal = (answer: Exclude<ActionAnswer<unknown>, { kind: 'done' }>, { opens = false } = {}) => {
  if (answer.kind === 'conflict') return { __typename: 'IdempotencyConflict', key: answer.key, message: KEY_CONFLICT };
  const { code, problems, references } = answer.refusal;
  const message = PAYMENT_REFUSALS[code];
  const named = opens ? REFUSAL_TYPES[code] : undefined;
  return named === undefined ? { __typename: 'PaymentActionRefused', code, message, problems } : { __typename: named, message, references };
};
