import type { CarrierPlace, PostalAddress, RoutedContact } from '../../src/postal/postal-address.js';
import type { DossierNotice, QuoteOrder, ShipmentOrder } from '../../src/postal/postal-carrier-port.js';
import { SERVICE } from './mapping-reply.js';
import type { DocumentPerson, DocumentWire, OrderWire, PriceWire } from './wire.js';

const clean = (text: string): string => text.normalize('NFC').replace(/[\p{Cc}\p{Cf}]+/gu, ' ').replace(/ +/g, ' ').trim();
const joined = (parts: readonly (string | null)[]): string => parts.map((part) => clean(part ?? '')).filter((part) => part !== '').join(', ');

/** In words, as the postman reads it: their codes end at the district. */
const addressOf = ({ street, commune, district, province }: PostalAddress): string => joined([street, commune, district, province]);

const CODE = /^\d{1,9}$/;

/** Their codes are numbers; 0 is how "no district" is sent. Null where it is no code of theirs. */
const numberOf = (code: string | null): number | null => {
  if (code === null) return 0;
  return CODE.test(code) ? Number(code) : null;
};

interface PlaceNumbers {
  readonly province: number;
  readonly district: number;
}

const placeOf = ({ provinceCode, districtCode }: CarrierPlace): PlaceNumbers | null => {
  const [province, district] = [numberOf(provinceCode), numberOf(districtCode)];
  return province === null || province === 0 || district === null ? null : { province, district };
};

/** What configuration adds to each order. */
export interface OrderExtras {
  readonly customerCode: string;
  readonly flagConfig: number | null;
}

/** Name under which a waybill that was given out beforehand stands in `carrierData`. */
export const ITEM_CODE = 'itemCode';

/** Null where a place code is no number: they take no other. */
export const orderWire = (order: ShipmentOrder, { customerCode, flagConfig }: OrderExtras): OrderWire | null => {
  const [from, to] = [placeOf(order.sender.place), placeOf(order.recipient.place)];
  if (from === null || to === null) return null;
  const itemCode = order.carrierData[ITEM_CODE];
  return {
    CustomerCode: customerCode, OrderNumber: order.orderNumber, CODAmount: order.collectVnd,
    SenderProvince: from.province, SenderDistrict: from.district, SenderAddress: addressOf(order.sender.address), SenderName: clean(order.sender.name),
    SenderEmail: order.sender.email, SenderTel: order.sender.phone, SenderDesc: clean(order.contents), Description: order.note === null ? null : clean(order.note),
    ReceiverProvince: to.province, ReceiverDistrict: to.district, ReceiverAddress: addressOf(order.recipient.address), ReceiverName: clean(order.recipient.name),
    ReceiverEmail: order.recipient.email, ReceiverTel: order.recipient.phone,
    ...(itemCode === undefined ? {} : { ItemCode: itemCode }), ...(flagConfig === null ? {} : { FlagConfig: flagConfig }),
  };
};

const personOf = ({ name, phone, email, address, place }: RoutedContact): DocumentPerson => ({
  Name: clean(name), Phone: phone, ProvinceCode: place.provinceCode, ProvinceTitle: clean(address.province), DistrictCode: place.districtCode ?? '',
  DistrictTitle: clean(address.district ?? ''), Address: addressOf(address), Email: email ?? '',
});

/** One of a client's own states, "registered"; what the party makes of it is not known. */
const REGISTERED = 1;

export const documentWire = ({ orderNumber, choice, procedure, sender, recipient }: DossierNotice, customerCode: string): DocumentWire => ({
  CustomerCode: customerCode, OrderNumber: orderNumber,
  Procedure: { Code: procedure.code, Title: clean(procedure.name), Category: clean(procedure.field ?? ''), Elements: procedure.documents.map(clean).join('; ') },
  IsSendDocument: choice !== 'RETURN', DocumentSender: choice === 'RETURN' || sender === null ? null : personOf(sender),
  IsReceiveResult: choice !== 'SEND', ResultReceiver: choice === 'SEND' || recipient === null ? null : personOf(recipient),
  State: REGISTERED,
});

/** Null where a place code is no number. */
export const priceWire = ({ sender, recipient, weightGrams }: QuoteOrder): PriceWire | null => {
  const [from, to] = [placeOf(sender.place), placeOf(recipient.place)];
  if (from === null || to === null) return null;
  return {
    weight: weightGrams, mainSrv: SERVICE, isreturn: 1, sender: { provCode: from.province, distCode: from.district }, receiver: { provCode: to.province, distCode: to.district },
  };
};

/** Fields by which a parcel is named in a query. */
export const parcelQuery = (customerCode: string, orderNumber: string): Readonly<Record<string, string>> => ({ CustomerCode: customerCode, OrderNumber: orderNumber });

/** Values that must not be legible anywhere. */
export const personalOf = (contacts: readonly (RoutedContact | null)[], more: readonly (string | null)[] = []): readonly string[] =>
  [...contacts.flatMap((contact) => (contact === null ? [] : [contact.name, contact.phone, contact.email, contact.address.street, addressOf(contact.address)])), ...more]
    .filter((value): value is string => value !== null && value !== '');
