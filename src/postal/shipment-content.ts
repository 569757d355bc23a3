import type { FieldCipher } from '../store/field-cipher.js';
import type { PostalContact } from './postal-address.js';

/** What of a parcel is personal: who sends it to whom, and what is in it. */
export interface ShipmentContent {
  readonly sender: PostalContact;
  readonly recipient: PostalContact;
  /** Names of the documents (thành phần hồ sơ). */
  readonly contents: string;
  readonly note: string | null;
}

/** A token moved to another parcel does not open. */
const contextOf = (orderNumber: string): string => `shipment/${orderNumber}`;

export const sealShipment = (cipher: FieldCipher, orderNumber: string, { sender, recipient, contents, note }: ShipmentContent): string =>
  cipher.seal(JSON.stringify({ sender, recipient, contents, note }), contextOf(orderNumber));

/** @throws SealedFieldError where no key fits, or the token is another parcel's */
export const openShipment = (cipher: FieldCipher, orderNumber: string, token: string): ShipmentContent =>
  // Nobody but `sealShipment` can have made what the key opens.
  JSON.parse(cipher.open(token, contextOf(orderNumber))) as ShipmentContent;
