import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isCancelled, isRefusal, statusMeaning } from '../../../adapters/my-vnpost/errors.js';
import { orderBody, personalOf, quoteBody } from '../../../adapters/my-vnpost/mapping.js';
import type { OrderTerms } from '../../../adapters/my-vnpost/mapping.js';
import { eventOf, feeOf, readOrder, readOrders, readPlaces, readQuotes, readToken, refusalText, timeOf } from '../../../adapters/my-vnpost/mapping-answers.js';
import { SHIPMENT_STATES } from '../../../src/postal/shipment.js';
import { samplePickup, sampleQuote, sampleShipment } from '../../contract/sample-shipment.js';

const load = (name: string): unknown => JSON.parse(readFileSync(`test/fixtures/my-vnpost/${name}.json`, 'utf8')) as unknown;
const TERMS: OrderTerms = { customerCode: 'C1', defaultService: 'EMS', agencyPickup: 2, recipientPaysFreight: true, adviceOfDelivery: false, vendorId: 1 };

describe('an order of MyVNPost', () => {
  it('of a result goes from the office to a home, by the terms', () => {
    const order = sampleShipment({ orderNumber: '000.12.34.H42-260315-0000001', collectVnd: 58_000 });
    expect(orderBody(order, TERMS)).toEqual({
      SenderTel: '02293871234', SenderFullname: 'UBND phường Hoa Lư', SenderAddress: 'Số 1 Tràng An, Hoa Lư, Ninh Bình', SenderWardId: '43101', SenderDistrictId: '4310', SenderProvinceId: '43',
      SenderAddressType: 2, ReceiverTel: '0912345678', ReceiverFullname: 'NGUYỄN THỊ CANARY', ReceiverAddress: 'Số 9 ngõ Canary, Hàng Bạc, Hoàn Kiếm, Hà Nội', ReceiverWardId: '10101',
      ReceiverDistrictId: '1010', ReceiverProvinceId: '10', ReceiverAddressType: 1, ServiceName: 'EMS', OrderCode: '000.12.34.H42-260315-0000001', PackageContent: 'Giấy khai sinh (bản chính)',
      WeightEvaluation: 300, WidthEvaluation: 25, LengthEvaluation: 35, HeightEvaluation: 1, IsPackageViewable: false, CustomerNote: 'Gọi bà Canary trước', PickupType: 2, CodAmountEvaluation: 58_000,
      OrderAmountEvaluation: 0, IsReceiverPayFreight: true, UseBaoPhat: false, UseHoaDon: false, UseNhanTinSmsNguoiNhanTruocPhat: false, UseNhanTinSmsNguoiNhanSauPhat: false, CustomerCode: 'C1', VendorId: 1,
    });
  });

  it('of a dossier is fetched at the citizen\'s home, and the agency never pays freight at its own door', () => {
    const body = orderBody(samplePickup({ service: 'BK', note: null }), { ...TERMS, vendorId: null });
    expect(body).toMatchObject({ SenderAddressType: 1, ReceiverAddressType: 2, PickupType: 1, IsReceiverPayFreight: false, ServiceName: 'BK', CustomerNote: '' });
    expect('VendorId' in body).toBe(false);
  });

  it('is in NFC, and has an empty code where there is none', () => {
    const order = sampleShipment({ contents: 'Giấy khai sinh'.normalize('NFD') });
    const body = orderBody({ ...order, recipient: { ...order.recipient, place: { provinceCode: '10', districtCode: null, communeCode: null } } }, TERMS);
    expect([body.PackageContent, body.ReceiverDistrictId, body.ReceiverWardId]).toEqual(['Giấy khai sinh', '', '']);
  });

  it('names everything personal in it', () => {
    const order = sampleShipment();
    const personal = personalOf([order.sender, order.recipient], order.note);
    for (const value of [order.recipient.name, order.recipient.phone, order.recipient.address.street, order.note ?? '-', orderBody(order, TERMS).ReceiverAddress]) expect(personal).toContain(value);
  });

  it('is priced by the same places and money', () => {
    expect(quoteBody({ ...sampleQuote(), collectVnd: 58_000 }, TERMS)).toMatchObject({
      SenderDistrictId: '4310', SenderProvinceId: '43', ReceiverDistrictId: '1010', ReceiverProvinceId: '10', Weight: 300, CodAmount: 58_000, IsReceiverPayFreight: true, CustomerCode: 'C1',
    });
  });
});

describe('what MyVNPost answers', () => {
  it('to an order is its id, waybill, status and fee in whole VND', () => {
    const read = readOrder(load('create-accepted'));
    expect(feeOf(read)).toBe(31_900);
    expect(eventOf(read)).toEqual({
      orderNumber: '000.12.34.H42-260315-0000001', carrierNumber: 'EL100000001VN', key: '20@2026-03-15T02:10:11.000Z', code: '20', text: 'Gửi sang MyVNPost thành công', place: null,
      at: new Date('2026-03-15T02:10:11Z'), means: 'ORDERED', failure: null, collection: null,
    });
  });

  it.each([['nothing', null], ['a text', 'ok'], ['an order without an id', { OrderCode: 'A', OrderStatusId: 20 }], ['an order without a status', { Id: 'a', OrderCode: 'A' }]])('that is %s is no answer', (_name, json) => {
    expect(() => readOrder(json)).toThrow('unreadable');
  });

  it('to a list may be wrapped', () => {
    const order = load('create-accepted');
    expect([readOrders([order]).length, readOrders({ Count: 1, Items: [order] }).length, readOrders([]).length]).toEqual([1, 1, 0]);
    expect(() => readOrders({ Count: 0 })).toThrow('unreadable');
  });

  it('to a question for prices has what can be had, with everything in it', () => {
    expect(readQuotes(load('quote-list'))).toEqual({
      quotes: [{ service: 'EMS', feeVnd: 70_297, expectedDelivery: '2 ngày' }, { service: 'BK', feeVnd: 20_000, expectedDelivery: null }], refusal: 'Dịch vụ chưa được cấp',
    });
    expect(() => readQuotes({ Success: true })).toThrow('unreadable');
  });

  it('to a log-in is a token, a no, or nothing that can be trusted', () => {
    expect(readToken({ IsSuccess: true, ErrorMessage: null, Token: 'abcdefgh.ijk' })).toBe('abcdefgh.ijk');
    expect(readToken({ IsSuccess: false, ErrorMessage: 'sai', Token: null })).toBeNull();
    for (const broken of [{ IsSuccess: true, Token: '' }, { IsSuccess: true, Token: 'has a blank\r\nx: y' }, { Token: 'abcdefghi' }]) expect(() => readToken(broken)).toThrow('unreadable');
  });

  it('as places hangs each below its parent, whether codes are text or numbers', () => {
    expect([
      ...readPlaces.provinces([{ MaTinhThanh: 70, TenTinhThanh: 'TP. Hồ Chí Minh '.normalize('NFD') }]), ...readPlaces.districts([{ MaQuanHuyen: '7270', TenQuanHuyen: 'Quận Tân Bình', MaTinhThanh: '70' }]),
      ...readPlaces.communes([{ MaPhuongXa: '72710', TenPhuongXa: 'Phường 4', MaQuanHuyen: '7270' }]),
    ]).toEqual([
      { level: 'PROVINCE', code: '70', parentCode: null, name: 'TP. Hồ Chí Minh' }, { level: 'DISTRICT', code: '7270', parentCode: '70', name: 'Quận Tân Bình' },
      { level: 'COMMUNE', code: '72710', parentCode: '7270', name: 'Phường 4' },
    ]);
    for (const read of Object.values(readPlaces)) expect(() => read([{ MaTinhThanh: '70' }])).toThrow('unreadable');
  });

  it('as a refusal are its words, JSON or bare', () => {
    expect([refusalText('{"Message":"sai"}', { Message: 'sai' }), refusalText('"sai"', 'sai'), refusalText(' sai ', null), refusalText('{}', {})]).toEqual(['sai', 'sai', 'sai', '{}']);
  });
});

describe('statuses and times', () => {
  it('a status that is not listed means nothing', () => {
    for (const code of ['999', '', 'constructor', '-1']) expect(statusMeaning(code)).toBeNull();
    expect(eventOf(readOrder({ Id: 'a', OrderCode: 'A', OrderStatusId: '999', OrderStatusName: 'Mới' }))).toMatchObject({ code: '999', text: 'Mới', means: null, key: '999@', at: null });
  });

  it('a listed status is a state of ours, a failure only where it failed, and money is said of what arrived', () => {
    const codes = ['10', '20', '60', '61', '62', '70', '91', '100', '110', '120', '161', '170'];
    const meanings = codes.map((code) => statusMeaning(code));
    expect(meanings.map((meaning) => meaning?.means)).toEqual(['CANCELLED', 'ORDERED', 'CANCELLED', 'ORDERED', 'ORDERED', 'COLLECTED', 'FAILED', 'DELIVERED', 'DELIVERED', 'DELIVERED', 'RETURNING', 'RETURNED']);
    for (const meaning of meanings) {
      expect(SHIPMENT_STATES).toContain(meaning?.means);
      expect((meaning?.failure ?? null) === null || meaning?.means === 'FAILED').toBe(true);
      expect((meaning?.collection ?? null) === null || meaning?.means === 'DELIVERED').toBe(true);
    }
    expect(codes.filter(isCancelled)).toEqual(['10', '60', '61', '62']);
  });

  it('a failure has the reason of the party in its text, without what could name somebody', () => {
    const failed = readOrder({ Id: 'a', OrderCode: 'A', OrderStatusId: 91, CauseName: 'Người nhận 0912 345 678 đi vắng' });
    expect(eventOf(failed)).toMatchObject({ failure: 'OTHER', text: 'Phát không thành công: Người nhận *** đi vắng' });
  });

  it.each([
    ['16/03/2026 08:30:00', '2026-03-16T01:30:00.000Z'], ['2026-03-16T08:30:00', '2026-03-16T01:30:00.000Z'], ['2026-03-16T08:30:00.1234567', '2026-03-16T01:30:00.000Z'],
    ['2026-03-16T08:30:00+07:00', '2026-03-16T01:30:00.000Z'], ['/Date(1773624600000)/', '2026-03-16T01:30:00.000Z'],
  ])('the time %s is %s', (written, expected) => {
    expect(timeOf(written)?.toISOString()).toBe(expected);
  });

  it.each(['', '31/02/2026 08:30:00', '03/16/2026 08:30:00', '0001-01-01T00:00:00', 'hôm qua', '16/03/2026'])('the time %j is none', (written) => {
    expect(timeOf(written)).toBeNull();
  });

  it('reads back every second as a webhook writes it', () => {
    fc.assert(fc.property(fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }), (instant) => {
      const local = new Date(Math.floor(instant.getTime() / 1_000) * 1_000 + 7 * 3_600_000).toISOString();
      const written = `${local.slice(8, 10)}/${local.slice(5, 7)}/${local.slice(0, 4)} ${local.slice(11, 19)}`;
      expect(timeOf(written)?.getTime()).toBe(Math.floor(instant.getTime() / 1_000) * 1_000);
    }));
  });

  it('refuses by status where the operation says so, and nowhere else', () => {
    expect([isRefusal('create-order', 400), isRefusal('cancel-order', 404), isRefusal('create-order', 404), isRefusal('ask-orders', 400), isRefusal('create-order', 500)]).toEqual([true, true, false, false, false]);
  });
});
