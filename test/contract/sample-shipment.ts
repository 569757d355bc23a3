import { randomInt } from 'node:crypto';
import type { PostalContact, RoutedContact } from '../../src/postal/postal-address.js';
import type { CreateAnswer, DossierNotice, QuoteOrder, ShipmentOrder, ShipmentRef } from '../../src/postal/postal-carrier-port.js';

/** Canaries: none of these may ever be legible in a journal, an error, an event or what a carrier wants repeated. All invented. */
export const POSTAL_CANARIES = ['NGUYỄN THỊ CANARY', '0912345678', 'canary@example.vn', 'Số 9 ngõ Canary', 'Gọi bà Canary trước'] as const;
const [NAME, PHONE, EMAIL, STREET, NOTE] = POSTAL_CANARIES;

/** As the domain makes them from dossier codes; another one each time. */
export const newOrderNumber = (): string => `000.12.34.H42-260315-${String(randomInt(10_000_000)).padStart(7, '0')}`;

const CITIZEN: PostalContact = {
  name: NAME, phone: PHONE, email: EMAIL, address: { epoch: 'THREE_LEVEL', province: 'Hà Nội', district: 'Hoàn Kiếm', commune: 'Hàng Bạc', street: STREET },
};
const OFFICE: PostalContact = {
  name: 'UBND phường Hoa Lư', phone: '02293871234', email: null, address: { epoch: 'TWO_LEVEL', province: 'Ninh Bình', district: null, commune: 'Hoa Lư', street: 'Số 1 Tràng An' },
};

export const CITIZEN_ROUTED: RoutedContact = { ...CITIZEN, place: { provinceCode: '10', districtCode: '1010', communeCode: '10101' } };
export const OFFICE_ROUTED: RoutedContact = { ...OFFICE, place: { provinceCode: '43', districtCode: '4310', communeCode: '43101' } };

const AGENCY_CODES = ['H42.05.12', 'H42.05', 'H42'] as const;

/** A result on its way home: 300 g, nothing to be collected. */
export const sampleShipment = (changes: Partial<ShipmentOrder> = {}): ShipmentOrder => {
  const orderNumber = changes.orderNumber ?? newOrderNumber();
  return {
    orderNumber, dossierCode: orderNumber, agencyCodes: AGENCY_CODES, direction: 'RETURN', sender: OFFICE_ROUTED, recipient: CITIZEN_ROUTED, service: null, weightGrams: 300,
    contents: 'Giấy khai sinh (bản chính)', note: NOTE, collectVnd: 0, createdAt: new Date('2026-03-15T02:00:00Z'), carrierData: {},
    ...changes,
  };
};

/** A dossier on its way to the agency. */
export const samplePickup = (changes: Partial<ShipmentOrder> = {}): ShipmentOrder =>
  sampleShipment({ direction: 'PICKUP', sender: CITIZEN_ROUTED, recipient: OFFICE_ROUTED, ...changes });

export const sampleQuote = ({ agencyCodes, direction, sender, recipient, weightGrams, collectVnd }: ShipmentOrder = sampleShipment()): QuoteOrder =>
  ({ agencyCodes, direction, sender, recipient, weightGrams, collectVnd });

export const sampleNotice = ({ orderNumber, dossierCode, agencyCodes, sender, recipient }: ShipmentOrder = sampleShipment()): DossierNotice => ({
  orderNumber, dossierCode, agencyCodes, choice: 'BOTH', sender: recipient, recipient: sender,
  procedure: { code: '1.001193', name: 'Thủ tục đăng ký khai sinh', field: 'Hộ tịch', documents: ['Tờ khai đăng ký khai sinh', 'Giấy chứng sinh'] },
});

/** How later calls name the parcel: with what the carrier gave. */
export const refOf = ({ orderNumber, agencyCodes }: ShipmentOrder, created: Extract<CreateAnswer, { kind: 'accepted' }> | null = null): ShipmentRef =>
  ({ orderNumber, agencyCodes, carrierNumber: created?.carrierNumber ?? null, carrierData: created?.carrierData ?? {} });
