import type { AddressEpoch, CarrierPlace, PostalAddress, RoutedContact } from '../../src/postal/postal-address.js';
import type { QuoteOrder, ShipmentOrder } from '../../src/postal/postal-carrier-port.js';
import type { WireOrderRequest, WireQuoteRequest } from './wire.js';

/** What configuration adds to every order. */
export interface OrderTerms {
  readonly defaultService: string;
  /** Which list of places the codes come from. */
  readonly epoch: AddressEpoch;
  readonly recipientPaysFreight: boolean;
}

/** Bytes of UTF-8, of every text. */
const LONGEST_TEXT_BYTES = 150;
const CANCEL = 4;

/** Cuts at whole characters. */
export const cutByBytes = (text: string, limit = LONGEST_TEXT_BYTES): string => {
  let bytes = 0;
  let kept = '';
  for (const character of text.normalize('NFC').trim()) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit) break;
    kept += character;
  }
  return kept;
};

const addressLine = ({ street, commune, district, province }: PostalAddress): string =>
  cutByBytes([street, commune, district, province].filter((part) => part !== null && part.trim() !== '').join(', '));

/** Everything of a contact that must not come back legibly in the party's words. */
export const personalOf = (contacts: readonly RoutedContact[], note: string | null): readonly string[] =>
  [...contacts.flatMap((contact) => [contact.name, contact.phone, contact.email ?? '', contact.address.street, addressLine(contact.address)]), note ?? ''];

/** Its ids are numbers; 0 stands for a level that it is not told. */
const idOf = (code: string | null): number => (code !== null && /^\d{1,12}$/.test(code) ? Number(code) : 0);

const districtOf = ({ districtCode }: CarrierPlace, epoch: AddressEpoch): number => (epoch === 'TWO_LEVEL' ? 0 : idOf(districtCode));

const paymentOf = (collectVnd: number, paysFreight: boolean): WireOrderRequest['ORDER_PAYMENT'] => {
  if (collectVnd > 0) return paysFreight ? 2 : 3;
  return paysFreight ? 4 : 1;
};

export const orderBody = (order: ShipmentOrder, { defaultService, epoch, recipientPaysFreight }: OrderTerms): WireOrderRequest => {
  const { sender, recipient } = order;
  return {
    ORDER_NUMBER: order.orderNumber,
    GROUPADDRESS_ID: 0,
    SENDER_FULLNAME: cutByBytes(sender.name), SENDER_PHONE: sender.phone, SENDER_ADDRESS: addressLine(sender.address),
    SENDER_PROVINCE: idOf(sender.place.provinceCode), SENDER_DISTRICT: districtOf(sender.place, epoch), SENDER_WARD: idOf(sender.place.communeCode),
    RECEIVER_FULLNAME: cutByBytes(recipient.name), RECEIVER_PHONE: recipient.phone, RECEIVER_ADDRESS: addressLine(recipient.address),
    RECEIVER_PROVINCE: idOf(recipient.place.provinceCode), RECEIVER_DISTRICT: districtOf(recipient.place, epoch), RECEIVER_WARD: idOf(recipient.place.communeCode),
    PRODUCT_NAME: cutByBytes(order.contents),
    PRODUCT_QUANTITY: 1, PRODUCT_PRICE: 0, PRODUCT_WEIGHT: order.weightGrams, PRODUCT_TYPE: 'TH',
    ORDER_PAYMENT: paymentOf(order.collectVnd, recipientPaysFreight && order.direction === 'RETURN'),
    ORDER_SERVICE: order.service ?? defaultService,
    ORDER_SERVICE_ADD: '',
    ORDER_NOTE: cutByBytes(order.note ?? ''),
    MONEY_COLLECTION: order.collectVnd,
    CHECK_UNIQUE: true,
  };
};

export const quoteBody = ({ sender, recipient, weightGrams, collectVnd }: QuoteOrder, { epoch }: OrderTerms): WireQuoteRequest => ({
  SENDER_PROVINCE: idOf(sender.place.provinceCode), SENDER_DISTRICT: districtOf(sender.place, epoch), SENDER_WARD: idOf(sender.place.communeCode),
  RECEIVER_PROVINCE: idOf(recipient.place.provinceCode), RECEIVER_DISTRICT: districtOf(recipient.place, epoch), RECEIVER_WARD: idOf(recipient.place.communeCode),
  PRODUCT_TYPE: 'TH', PRODUCT_WEIGHT: weightGrams, PRODUCT_PRICE: 0, MONEY_COLLECTION: collectVnd, TYPE: 1,
});

export const loginBody = ({ username, password }: { readonly username: string; readonly password: string }): object => ({ USERNAME: username, PASSWORD: password });

export const cancelBody = (waybill: string): object => ({ TYPE: CANCEL, ORDER_NUMBER: waybill, NOTE: 'Cơ quan hủy yêu cầu' });
