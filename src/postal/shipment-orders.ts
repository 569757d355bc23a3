import type { FieldCipher } from '../store/field-cipher.js';
import type { ShipmentOrder, ShipmentRef } from './postal-carrier-port.js';
import { openShipment } from './shipment-content.js';
import type { ShipmentRow } from './shipment-rows.js';

/** Makes the order of a stored parcel, the same each time. Null where what is personal of it was erased. @throws SealedFieldError */
export const orderOf = (cipher: FieldCipher, row: ShipmentRow): ShipmentOrder | null => {
  if (row.content === null) return null;
  const { sender, recipient, contents, note } = openShipment(cipher, row.orderNumber, row.content);
  const { orderNumber, dossierCode, direction, service, weightGrams, collectVnd, createdAt, carrierData, orderData } = row;
  return {
    orderNumber, dossierCode, agencyCodes: orderData.agencyCodes, direction, sender: { ...sender, place: orderData.sender }, recipient: { ...recipient, place: orderData.recipient },
    service, weightGrams, contents, note, collectVnd, createdAt, carrierData,
  };
};

export const refOf = ({ orderNumber, orderData, carrierData, carrierNumber }: ShipmentRow): ShipmentRef => ({ orderNumber, agencyCodes: orderData.agencyCodes, carrierData, carrierNumber });
