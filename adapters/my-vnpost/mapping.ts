import type { PostalAddress, RoutedContact } from '../../src/postal/postal-address.js';
import type { QuoteOrder, ShipmentOrder } from '../../src/postal/postal-carrier-port.js';
import { cutByCodePoint } from '../support/vietnamese-text.js';
import type { WireOrderRequest, WireQuoteRequest } from './wire.js';

/** What configuration and the contract add to every order. */
export interface OrderTerms {
  readonly customerCode: string;
  readonly defaultService: string;
  /** At the agency: fetched there, or brought to a post office. */
  readonly agencyPickup: 1 | 2;
  readonly recipientPaysFreight: boolean;
  readonly adviceOfDelivery: boolean;
  readonly vendorId: number | null;
}

/** Papers in an envelope; no source gives one, and a side of 0 is refused nowhere and priced nowhere. */
const ENVELOPE_CM = { WidthEvaluation: 25, LengthEvaluation: 35, HeightEvaluation: 1 } as const;
const HOME = 1;
const OFFICE = 2;
const LONGEST_TEXT = 500;

const nfc = (value: string): string => cutByCodePoint(value.normalize('NFC').trim(), LONGEST_TEXT);

const addressLine = ({ street, commune, district, province }: PostalAddress): string =>
  nfc([street, commune, district, province].filter((part) => part !== null && part.trim() !== '').join(', '));

/** Everything of a contact that must not come back legibly in the party's words. */
export const personalOf = (contacts: readonly RoutedContact[], note: string | null = null): readonly string[] =>
  [...contacts.flatMap((contact) => [contact.name, contact.phone, contact.email ?? '', contact.address.street, addressLine(contact.address)]), note ?? ''];

const isHome = (role: 'sender' | 'recipient', direction: ShipmentOrder['direction']): boolean => (role === 'sender') === (direction === 'PICKUP');

export const orderBody = (order: ShipmentOrder, terms: OrderTerms): WireOrderRequest => {
  const { sender, recipient, direction } = order;
  return {
    SenderTel: sender.phone, SenderFullname: nfc(sender.name), SenderAddress: addressLine(sender.address),
    SenderWardId: sender.place.communeCode ?? '', SenderDistrictId: sender.place.districtCode ?? '', SenderProvinceId: sender.place.provinceCode,
    SenderAddressType: isHome('sender', direction) ? HOME : OFFICE,
    ReceiverTel: recipient.phone, ReceiverFullname: nfc(recipient.name), ReceiverAddress: addressLine(recipient.address),
    ReceiverWardId: recipient.place.communeCode ?? '', ReceiverDistrictId: recipient.place.districtCode ?? '', ReceiverProvinceId: recipient.place.provinceCode,
    ReceiverAddressType: isHome('recipient', direction) ? HOME : OFFICE,
    ServiceName: order.service ?? terms.defaultService,
    OrderCode: order.orderNumber,
    PackageContent: nfc(order.contents),
    WeightEvaluation: order.weightGrams, ...ENVELOPE_CM,
    IsPackageViewable: false,
    CustomerNote: nfc(order.note ?? ''),
    PickupType: direction === 'PICKUP' ? 1 : terms.agencyPickup,
    CodAmountEvaluation: order.collectVnd,
    OrderAmountEvaluation: 0,
    IsReceiverPayFreight: terms.recipientPaysFreight && direction === 'RETURN',
    UseBaoPhat: terms.adviceOfDelivery,
    UseHoaDon: false, UseNhanTinSmsNguoiNhanTruocPhat: false, UseNhanTinSmsNguoiNhanSauPhat: false,
    CustomerCode: terms.customerCode,
    ...(terms.vendorId === null ? {} : { VendorId: terms.vendorId }),
  };
};

export const quoteBody = ({ sender, recipient, weightGrams, collectVnd, direction }: QuoteOrder, terms: OrderTerms): WireQuoteRequest => ({
  SenderDistrictId: sender.place.districtCode ?? '', SenderProvinceId: sender.place.provinceCode,
  ReceiverDistrictId: recipient.place.districtCode ?? '', ReceiverProvinceId: recipient.place.provinceCode,
  Weight: weightGrams, Width: ENVELOPE_CM.WidthEvaluation, Length: ENVELOPE_CM.LengthEvaluation, Height: ENVELOPE_CM.HeightEvaluation,
  CodAmount: collectVnd,
  IsReceiverPayFreight: terms.recipientPaysFreight && direction === 'RETURN',
  OrderAmount: 0,
  UseBaoPhat: terms.adviceOfDelivery,
  UseHoaDon: false, UseNhanTinSmsNguoiNhanTruocPhat: false, UseNhanTinSmsNguoiNhanSauPhat: false,
  CustomerCode: terms.customerCode,
});

export const loginBody = ({ username, password }: { readonly username: string; readonly password: string }): object => ({ TenDangNhap: username, MatKhau: password });

export const cancelBody = (id: string): object => ({ OrderId: id });

export const listBody = (codes: readonly string[], pageSize: number): object => ({ PageSize: pageSize, ListItemCode: codes });
