import type { BilingualText } from '../errors/gateway-error.js';
import type { PostalContact } from './postal-address.js';
import type { PostalAnswer } from './postal-action.js';
import { unmappedText } from './place-view.js';
import { POSTAL_REFUSALS } from './postal-refusals.js';
import type { ShipmentContent } from './shipment-content.js';
import { FAILURE_LABELS, SHIPMENT_LABELS, SHIPMENT_PERSON_LABELS } from './shipment-labels.js';
import type { ListedShipment } from './shipment-queries.js';

const KEY_CONFLICT: BilingualText = { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' };
const HIDDEN = '***';
/** What is left of a telephone number, by which a person on the telephone can be recognised. */
const SHOWN_DIGITS = 3;

/** A citizen as those see him who need not know him: the commune tells how far it goes. */
export const maskContact = ({ phone, email, address }: PostalContact): PostalContact => ({
  name: HIDDEN, phone: `${HIDDEN}${phone.slice(-SHOWN_DIGITS)}`, email: email === null ? null : HIDDEN, address: { ...address, street: HIDDEN },
});

/** `content` null where it was erased. The agency's side is nobody's secret. */
export const viewShipment = (shipment: ListedShipment, content: ShipmentContent | null, isMasked: boolean) => {
  const { id, orderNumber, previousNumber, choice, state, failure, personReason, direction, carrier, carrierNumber, dossierCode, agencyCode, service, weightGrams } = shipment;
  const { stateAt, quotedVnd, feeVnd, collectVnd, collection, createdAt, orderedAt, collectedAt, endedAt, cancelAskedAt, deliveryId } = shipment;
  const isPickup = direction === 'PICKUP';
  return {
    rowId: id, number: orderNumber, previous: previousNumber, choice, carrier, carrierNumber, dossierCode, agencyCode, direction, service, weightGrams, state, stateLabel: SHIPMENT_LABELS[state], stateAt,
    failure, failureLabel: failure === null ? null : FAILURE_LABELS[failure], person: personReason === null ? null : { code: personReason, message: SHIPMENT_PERSON_LABELS[personReason] },
    quotedVnd, feeVnd, collectVnd, collection, masked: isMasked, createdAt, orderedAt, collectedAt, endedAt, cancelAskedAt, deliveryId,
    sender: content === null ? null : isMasked && isPickup ? maskContact(content.sender) : content.sender,
    recipient: content === null ? null : isMasked && !isPickup ? maskContact(content.recipient) : content.recipient,
    contents: isMasked ? null : content?.contents ?? null,
  };
};
export type ShipmentShape = ReturnType<typeof viewShipment>;

/** Every outcome but the one that was wanted. */
export const viewPostalRefusal = (answer: Exclude<PostalAnswer<unknown>, { kind: 'done' }>) => {
  if (answer.kind === 'conflict') return { __typename: 'IdempotencyConflict', key: answer.key, message: KEY_CONFLICT };
  const { code, problems, numbers, place } = answer.refusal;
  const message = POSTAL_REFUSALS[code];
  if (place !== null) return { __typename: 'ShipmentAddressUnknown', ...place, message: unmappedText(place) };
  return code === 'UNDER_WAY' ? { __typename: 'ShipmentUnderWay', numbers, message } : { __typename: 'ShipmentActionRefused', code, message, problems };
};
