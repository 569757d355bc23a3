import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isCancelled, statusMeaning, verdictOf } from '../../../adapters/viettel-post/errors.js';
import { cutByBytes, orderBody, personalOf, quoteBody } from '../../../adapters/viettel-post/mapping.js';
import type { OrderTerms } from '../../../adapters/viettel-post/mapping.js';
import { claimOf, feeOf, identityOf, readCommunes, readCreated, readDetail, readDistricts, readPrices, readProvinces, readSaid, readToken, readWebhook, timeOf, waybillOf } from '../../../adapters/viettel-post/mapping-answers.js';
import { SHIPMENT_STATES } from '../../../src/postal/shipment.js';
import { sampleQuote, sampleShipment } from '../../contract/sample-shipment.js';

const bytesOf = (name: string): Buffer => readFileSync(`test/fixtures/viettel-post/${name}.json`);
const load = (name: string): unknown => JSON.parse(bytesOf(name).toString()) as unknown;
const TERMS: OrderTerms = { defaultService: 'VCN', epoch: 'TWO_LEVEL', recipientPaysFreight: false };

describe('an order of Viettel Post', () => {
  it('has ids as numbers, no district in two levels, and kinds of payment that fit the money', () => {
    const order = sampleShipment({ orderNumber: '000.12.34.H42-260315-0000001', collectVnd: 58_000 });
    expect(orderBody(order, TERMS)).toEqual({
      ORDER_NUMBER: '000.12.34.H42-260315-0000001', GROUPADDRESS_ID: 0, SENDER_FULLNAME: 'UBND phường Hoa Lư', SENDER_PHONE: '02293871234', SENDER_ADDRESS: 'Số 1 Tràng An, Hoa Lư, Ninh Bình',
      SENDER_PROVINCE: 43, SENDER_DISTRICT: 0, SENDER_WARD: 43_101, RECEIVER_FULLNAME: 'NGUYỄN THỊ CANARY', RECEIVER_PHONE: '0912345678', RECEIVER_ADDRESS: 'Số 9 ngõ Canary, Hàng Bạc, Hoàn Kiếm, Hà Nội',
      RECEIVER_PROVINCE: 10, RECEIVER_DISTRICT: 0, RECEIVER_WARD: 10_101, PRODUCT_NAME: 'Giấy khai sinh (bản chính)', PRODUCT_QUANTITY: 1, PRODUCT_PRICE: 0, PRODUCT_WEIGHT: 300, PRODUCT_TYPE: 'TH',
      ORDER_PAYMENT: 3, ORDER_SERVICE: 'VCN', ORDER_SERVICE_ADD: '', ORDER_NOTE: 'Gọi bà Canary trước', MONEY_COLLECTION: 58_000, CHECK_UNIQUE: true,
    });
    const paying = { ...TERMS, recipientPaysFreight: true };
    expect([orderBody(sampleShipment(), TERMS), orderBody(order, paying), orderBody(sampleShipment(), paying), orderBody(sampleShipment({ direction: 'PICKUP' }), paying)].map((body) => body.ORDER_PAYMENT)).toEqual([1, 2, 4, 1]);
  });

  it('has its district in three levels, and 0 for what is no number', () => {
    const order = sampleShipment();
    expect(orderBody(order, { ...TERMS, epoch: 'THREE_LEVEL' })).toMatchObject({ SENDER_DISTRICT: 4_310, RECEIVER_DISTRICT: 1_010 });
    expect(orderBody({ ...order, recipient: { ...order.recipient, place: { provinceCode: 'HNI', districtCode: null, communeCode: null } } }, TERMS)).toMatchObject({ RECEIVER_PROVINCE: 0, RECEIVER_WARD: 0 });
    expect(quoteBody(sampleQuote(), TERMS)).toEqual({
      SENDER_PROVINCE: 43, SENDER_DISTRICT: 0, SENDER_WARD: 43_101, RECEIVER_PROVINCE: 10, RECEIVER_DISTRICT: 0, RECEIVER_WARD: 10_101, PRODUCT_TYPE: 'TH', PRODUCT_WEIGHT: 300, PRODUCT_PRICE: 0,
      MONEY_COLLECTION: 0, TYPE: 1,
    });
  });

  it('cuts texts at 150 bytes and never within a character', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      const cut = cutByBytes(text);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(150);
      expect(text.normalize('NFC').trim().startsWith(cut)).toBe(true);
      expect(Buffer.from(cut).toString()).toBe(cut);
    }));
    expect(cutByBytes('Ễ'.repeat(80))).toBe('Ễ'.repeat(50));
  });

  it('names everything personal in it', () => {
    const order = sampleShipment();
    const personal = personalOf([order.sender, order.recipient], order.note);
    for (const value of [order.recipient.name, order.recipient.phone, order.recipient.address.street, order.note ?? '-', orderBody(order, TERMS).RECEIVER_ADDRESS]) expect(personal).toContain(value);
  });
});

describe('what Viettel Post answers', () => {
  it('is good where it says so three times over', () => {
    const said = readSaid(load('create-accepted'));
    expect(verdictOf(said)).toBe('ok');
    expect(verdictOf({ status: 200, error: true, message: 'OK' })).toBe('unlisted');
    const created = readCreated(said.data);
    expect([waybillOf(created), feeOf(created)]).toEqual(['15878180012', 16_500]);
  });

  it.each([
    [201, 'Header Token is required', 'session'], [202, 'Token invalid', 'session'], [203, '', 'settled'], [204, '', 'account'], [205, 'System error', 'busy'], [207, 'Order does not exist', 'absent'],
    [500, 'System error', 'busy'], [400, 'Token invalid or expired', 'session'], [400, 'Incorrect data: RECEIVER_WARD ', 'refused'], [1, 'Price does not apply to this itinerary!', 'refused'],
    [1, 'Invalid [RECEIVER_WARD, RECEIVER_DISTRICT, RECEIVER_PROVINCE]', 'refused'], [1, 'Blocking create order, please check the configuration', 'refused'],
    [1, 'Invalid owner account or password!', 'account'], [299, 'Lỗi mới', 'unlisted'],
  ])('%i "%s" is %s', (status, message, expected) => {
    expect(verdictOf({ status, error: true, message })).toBe(expected);
  });

  it('that has another shape is none', () => {
    for (const json of [null, 'ok', {}, { status: '200' }]) expect(() => readSaid(json)).toThrow('unreadable');
    for (const read of [readCreated, readDetail, readPrices, readToken, readProvinces, readDistricts, readCommunes]) expect(() => read({ ORDER: 1 })).toThrow('unreadable');
    expect(readToken({ token: 'abcd' })).toBe('abcd');
  });

  it('as prices is whole VND', () => {
    expect(readPrices(readSaid(load('price-list')).data)).toEqual([{ service: 'PHS', feeVnd: 26_400, expectedDelivery: '48 giờ' }, { service: 'VCN', feeVnd: 30_000, expectedDelivery: null }]);
  });

  it('as places hangs communes below a district, or below the province that was asked for', () => {
    expect(readProvinces([{ PROVINCE_ID: 1, PROVINCE_CODE: 'HNI', PROVINCE_NAME: 'Hà Nội' }])).toEqual([{ level: 'PROVINCE', code: '1', parentCode: null, name: 'Hà Nội' }]);
    expect(readDistricts([{ DISTRICT_ID: 4, DISTRICT_VALUE: '4', DISTRICT_NAME: 'QUẬN HOÀN KIẾM', PROVINCE_ID: 1 }, { DISTRICT_ID: 100_000_001, DISTRICT_VALUE: 'NEW', DISTRICT_NAME: 'Bỏ qua', PROVINCE_ID: 1 }]))
      .toEqual([{ level: 'DISTRICT', code: '4', parentCode: '1', name: 'QUẬN HOÀN KIẾM' }]);
    expect(readCommunes([{ WARDS_ID: 74, WARDS_NAME: 'PHƯỜNG HÀNG BẠC', DISTRICT_ID: 4 }])).toEqual([{ level: 'COMMUNE', code: '74', parentCode: '4', name: 'PHƯỜNG HÀNG BẠC' }]);
    expect(readCommunes([{ WARDS_ID: 49_876, WARDS_NAME: 'Phường Hoàn Kiếm', PROVINCE_ID: 1 }], '1')).toEqual([{ level: 'COMMUNE', code: '49876', parentCode: '1', name: 'Phường Hoàn Kiếm' }]);
    expect(() => readCommunes([{ WARDS_ID: 49_876, WARDS_NAME: 'Phường Hoàn Kiếm' }])).toThrow('unreadable');
  });
});

describe('statuses of Viettel Post', () => {
  const groups: Readonly<Record<string, readonly number[]>> = {
    ORDERED: [-100, 100, 102, 103, -108], COLLECTING: [104], COLLECTED: [105], CANCELLED: [101, 107, 201, 503], IN_TRANSIT: [200, 202, 300, 320, 400, 500, 508, 509, 550, 570], FAILED: [505, 506, 507],
    RETURNING: [502, 515], RETURNED: [504], DELIVERED: [501],
  };

  it.each(Object.entries(groups))('%s: %j', (state, codes) => {
    expect(SHIPMENT_STATES).toContain(state);
    for (const code of codes) expect(statusMeaning(String(code), '')?.means).toBe(state);
    expect(codes.map((code) => isCancelled(String(code)))).toEqual(codes.map(() => state === 'CANCELLED'));
  });

  it('have a reason only where a delivery failed', () => {
    expect([statusMeaning('505', '30')?.failure, statusMeaning('506', '')?.failure, statusMeaning('506', '32')?.failure, statusMeaning('505', '999')?.failure, statusMeaning('501', '30')?.failure])
      .toEqual(['REFUSED_BY_RECIPIENT', 'NOBODY_THERE', 'WRONG_ADDRESS', 'OTHER', null]);
  });

  it('that are not listed mean nothing', () => {
    for (const code of ['999', 'toString', '']) expect(statusMeaning(code, '')).toBeNull();
  });
});

describe('a webhook of Viettel Post', () => {
  it('is a claim, with our number and theirs, and without anybody in it', () => {
    const read = readWebhook(bytesOf('webhook-failed'));
    if (read === null) throw new Error('not read');
    const claim = claimOf(read.order);
    expect(claim).toEqual({
      claimed: true, orderNumber: '000.12.34.H42-260315-0000001', carrierNumber: '15878180012', key: '505@2026-03-16T01:30:00.000Z', code: '505', text: 'Phát thất bại - Yêu cầu chuyển hoàn',
      place: 'HNI, HKM, Bưu cục Hoàn Kiếm - HNI - Hà Nội, ***, 131003, PHƯỜNG HÀNG BẠC', at: new Date('2026-03-16T01:30:00Z'), means: 'FAILED', failure: 'REFUSED_BY_RECIPIENT', collection: null,
    });
    expect(JSON.stringify(claim)).not.toContain('CANARY');
    expect(identityOf(read.order)).toMatchObject({ uniqueKey: '15878180012/505/16/03/2026 08:30:00', partyAt: new Date('2026-03-16T01:30:00Z') });
  });

  it.each(['', '{', '[]', '{"DATA":{}}', '{"DATA":{"ORDER_NUMBER":"1","ORDER_STATUS":501}}'])('that is %j is nothing', (text) => {
    expect(readWebhook(Buffer.from(text))).toBeNull();
  });

  it.each(['31/02/2026 08:30:00', '2026-03-16 08:30:00', ''])('has no time in %j', (written) => {
    expect(timeOf(written)).toBeNull();
  });
});
