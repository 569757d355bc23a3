import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { documentWire, orderWire, personalOf, priceWire } from '../../../adapters/vnpost/mapping.js';
import { readQuote, readStatus } from '../../../adapters/vnpost/mapping-reply.js';
import { sampleNotice, samplePickup, sampleQuote, sampleShipment } from '../../contract/sample-shipment.js';

const fixture = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../fixtures/vnpost/${name}.json`, import.meta.url), 'utf8'));
const extras = { customerCode: 'KH0042', flagConfig: null };

describe('an order on the wire', () => {
  it('is the fixture, field by field and in its order; a district that is not known is 0', () => {
    const order = sampleShipment({ orderNumber: '000.12.34.H42-260315-0001-2', collectVnd: 58_000, note: null });
    const wire = orderWire({ ...order, sender: { ...order.sender, place: { provinceCode: '43', districtCode: null, communeCode: null } } }, extras);
    expect(JSON.stringify(wire)).toBe(JSON.stringify(fixture('order-return')));
  });

  it('has the citizen as sender of a pick-up', () => {
    const wire = orderWire(samplePickup(), extras);
    expect(wire).toMatchObject({ SenderName: 'NGUYỄN THỊ CANARY', SenderProvince: 10, ReceiverName: 'UBND phường Hoa Lư', ReceiverProvince: 43 });
  });

  it('has a waybill and the flag only where there are some', () => {
    expect(orderWire(sampleShipment(), extras)).not.toHaveProperty('ItemCode');
    expect(orderWire(sampleShipment(), extras)).not.toHaveProperty('FlagConfig');
    expect(orderWire(sampleShipment({ carrierData: { itemCode: 'CH1VN' } }), { ...extras, flagConfig: 2 })).toMatchObject({ ItemCode: 'CH1VN', FlagConfig: 2 });
  });

  it('writes text in NFC, in one line', () => {
    const order = sampleShipment({ contents: 'Giấy\u0000khai\r\nsinh '.normalize('NFD') });
    expect(orderWire(order, extras)).toMatchObject({ SenderDesc: 'Giấy khai sinh' });
  });

  it.each(['', '0', '4A', '-3', '1e3', '1234567890'])('is none with the province code "%s"', (provinceCode) => {
    const order = sampleShipment();
    const place = { ...order.recipient.place, provinceCode };
    expect(orderWire({ ...order, recipient: { ...order.recipient, place } }, extras)).toBeNull();
    expect(priceWire({ ...sampleQuote(), recipient: { ...order.recipient, place } })).toBeNull();
  });
});

describe('a dossier on the wire', () => {
  it('is the fixture', () => {
    expect(documentWire({ ...sampleNotice(), orderNumber: '000.12.34.H42-260315-0001' }, 'KH0042')).toEqual(fixture('document-both'));
  });

  it.each([
    ['SEND', { IsSendDocument: true, IsReceiveResult: false, ResultReceiver: null }],
    ['RETURN', { IsSendDocument: false, IsReceiveResult: true, DocumentSender: null }],
  ] as const)('names nobody who has no part in it (%s)', (choice, expected) => {
    expect(documentWire({ ...sampleNotice(), choice }, 'KH0042')).toMatchObject(expected);
  });
});

describe('answers', () => {
  it.each([
    [{ Status: 100, Message: 'ok' }, { status: 100, message: 'ok' }], [{ Status: '101', Message: null }, { status: 101, message: null }], [{ Status: 102 }, { status: 102, message: null }],
  ])('%j have a status', (body, expected) => { expect(readStatus(body)).toEqual(expected); });

  it.each([null, [], 'ok', {}, { Status: 'OK', Message: 'x' }, { Status: 100.5 }, { Status: -1 }, { Status: '' }, { status: 100 }, { Status: 100, Message: 5 }])('%j say nothing', (body) => {
    expect(readStatus(body)).toBeNull();
  });

  it('with a price are whole đồng, a double though it is', () => {
    expect(readQuote(fixture('price-quoted'))).toEqual({ service: 'HCC', feeVnd: 35_000, expectedDelivery: null });
    expect(readQuote({ content: { price: '35000.00' } })).toMatchObject({ feeVnd: 35_000 });
  });

  it.each([35_000.5, Number.NaN, Number.POSITIVE_INFINITY, -1, 2 ** 53, 1e300, '35,000', '35000.5', '', null])('with the price %p are none', (price) => {
    expect(readQuote({ content: { price } })).toBeNull();
  });
});

it('knows what is personal of both ends', () => {
  const { sender, recipient } = sampleShipment();
  expect(personalOf([sender, recipient, null], [null, 'Gọi trước'])).toEqual([
    'UBND phường Hoa Lư', '02293871234', 'Số 1 Tràng An', 'Số 1 Tràng An, Hoa Lư, Ninh Bình',
    'NGUYỄN THỊ CANARY', '0912345678', 'canary@example.vn', 'Số 9 ngõ Canary', 'Số 9 ngõ Canary, Hàng Bạc, Hoàn Kiếm, Hà Nội', 'Gọi trước',
  ]);
});
