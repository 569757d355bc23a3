import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codeText, openVerdict, queryVerdict } from '../../../adapters/vnpt-pay/errors.js';
import { openFields, plainText } from '../../../adapters/vnpt-pay/mapping.js';
import { amountVndOf, isAbout, pageOf, qrOf, readReply, wordOf } from '../../../adapters/vnpt-pay/mapping-reply.js';
import type { ReadReply } from '../../../adapters/vnpt-pay/mapping-reply.js';
import { vietnamTime } from '../../../adapters/vnpt-pay/sandbox-clock.js';
import { sampleOrder } from '../../contract/sample-payment.js';
import { problemsOf } from './samples.js';

const terms = {
  variant: 'init', merchantServiceId: '900001', agencyId: 'A1', paymentMethod: 'VNPTPAY', device: '1', serviceId: '1', channelId: '1', serviceCategory: '57', serverIp: '10.0.0.9',
} as const;
const NONE = { paid: [], failed: [], pending: [] };

const PAID = {
  RESPONSE_CODE: '00', DESCRIPTION: 'Thành công', MERCHANT_SERVICE_ID: '900001', MERCHANT_ORDER_ID: 'ORD0001', VNPTPAY_TRANSACTION_ID: 'VP1', AMOUNT: '50000', CURRENCY_CODE: 'VND',
  PAYMENT_METHOD: 'VNPTPAY', PAY_DATE: '20260101103215', TRANSACTION_STATUS: '1', SECURE_CODE: 'x',
};
const read = (changes: Readonly<Record<string, string>> = {}): ReadReply => readReply(new Map(Object.entries({ ...PAID, ...changes })));

describe('an opening', () => {
  it('by init repeats the amount, and carries the time of Việt Nam', () => {
    expect(openFields(sampleOrder({ createdAt: new Date('2026-03-15T18:05:09.999Z') }), terms))
      .toMatchObject({ ACTION: 'INIT', VERSION: '1.0.5', AMOUNT: '58000', AMOUNT_DETAIL: '58000', CREATE_DATE: '20260316010509', LOCALE: 'vi-VN', DESCRIPTION: 'Thanh toan ho so 000.12.34.H42-260315-0001' });
  });

  it('by init-m-merch names the agency, and speaks English where the citizen does', () => {
    const fields = openFields(sampleOrder({ language: 'en' }), { ...terms, variant: 'init-m-merch' });
    expect(fields).toMatchObject({ ACTION: 'INIT', VERSION: '1.0.6', AGENCY_ID: 'A1', LOCALE: 'en-US' });
    expect(Object.keys(fields).indexOf('AGENCY_ID')).toBe(3);
  });

  it.each([['::ffff:203.113.131.1', '203.113.131.1'], ['2001:db8::1', '2001:db8::1'], ['::1', '10.0.0.9'], ['', '10.0.0.9'], ['1.2.3.4|x', '10.0.0.9']])('carries of the address %s what the wire can', (clientIp, expected) => {
    expect(openFields(sampleOrder({ clientIp }), terms)['CLIENT_IP']).toBe(expected);
  });

  it('has no value with a bar in it, whatever the dossier is called', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (dossierCode) => Object.values(openFields(sampleOrder({ dossierCode }), terms)).every((value) => !value.includes('|'))));
    expect(plainText('Hồ sơ | ĐƯỜNG')).toBe('Ho so DUONG');
  });
});

describe('a reply', () => {
  it('may hold anything that nobody reads, and must hold a code', () => {
    expect(read({ EXTRA: 'x' }).code).toBe('00');
    expect(() => readReply(new Map([['DESCRIPTION', 'x']]))).toThrow();
  });

  it('must name the order that was asked for; a refusal may name none', () => {
    const expected = { merchantServiceId: '900001', reference: 'ORD0001' };
    expect([read(), read({ MERCHANT_ORDER_ID: 'ORD2' }), read({ MERCHANT_SERVICE_ID: '' }), read({ MERCHANT_ORDER_ID: '' })].map((reply) => isAbout(reply, expected, true))).toEqual([true, false, false, false]);
    expect([read({ MERCHANT_ORDER_ID: '', MERCHANT_SERVICE_ID: '' }), read({ MERCHANT_ORDER_ID: 'ORD2' }), read({ MERCHANT_SERVICE_ID: '900002' })].map((reply) => isAbout(reply, expected, false))).toEqual([true, false, false]);
  });

  it('leads to a page of the web only', () => {
    expect(['https://pay.example.vn/x', 'javascript:alert(1)', '/pay', ''].map((url) => pageOf(read({ REDIRECT_URL: url })))).toEqual(['https://pay.example.vn/x', null, null, null]);
    expect([qrOf(read({ QRDATA: '0002' }), 'QRDATA'), qrOf(read(), 'QRDATA')]).toEqual(['0002', null]);
  });
});

describe('a query says', () => {
  it('that it is paid, with amount, transaction and time', () => {
    expect(wordOf(read(), NONE, 'vi')).toEqual({
      says: 'paid', code: '00/1', text: 'Thành công', amountVnd: 50_000, gatewayTransaction: 'VP1', bankCode: 'VNPTPAY', paidAt: new Date('2026-01-01T03:32:15Z'),
    });
  });

  it.each([
    ['no transaction', { VNPTPAY_TRANSACTION_ID: '' }], ['no time of payment', { PAY_DATE: '' }], ['no amount', { AMOUNT: '' }], ['an amount that is none', { AMOUNT: '5e4' }], ['another currency', { CURRENCY_CODE: 'USD' }],
  ])('nothing certain with code 00 and %s', (_name, changes) => {
    expect(wordOf(read(changes), NONE, 'vi')).toMatchObject({ says: 'pending', paidAt: null });
  });

  it.each([
    ['01', NONE, 'failed'], ['03', NONE, 'pending'], ['58', NONE, 'pending'], ['05', NONE, 'not-found'], ['00', { ...NONE, paid: ['1'] }, 'paid'], ['00', { ...NONE, paid: ['2'] }, 'pending'],
    ['00', { ...NONE, failed: ['1'] }, 'failed'], ['00', { ...NONE, pending: ['1'] }, 'pending'], ['00', { ...NONE, pending: ['3'] }, 'paid'], ['01', { ...NONE, paid: ['1'] }, 'failed'], ['58', { ...NONE, paid: ['1'] }, 'pending'],
  ])('with code %s and status 1 under %j: %s', (RESPONSE_CODE, lists, says) => {
    expect(wordOf(read({ RESPONSE_CODE }), lists, 'vi')).toMatchObject({ says, code: `${RESPONSE_CODE}/1` });
  });

  it('by a configured status that it is paid even without a time, but never without an amount or in another currency', () => {
    const lists = { ...NONE, paid: ['1'] };
    expect([{ PAY_DATE: '', VNPTPAY_TRANSACTION_ID: '' }, { AMOUNT: '' }, { CURRENCY_CODE: 'USD' }].map((changes) => wordOf(read(changes), lists, 'vi').says)).toEqual(['paid', 'pending', 'pending']);
  });
});

describe('codes', () => {
  it('of an opening and of a query, and those that are not listed', () => {
    expect(['00', '01', '02', '03', '04', '05', '06', '07', '08', '09', '96', '99', '58', 'toString'].map(openVerdict))
      .toEqual(['opened', 'refused', 'question', 'exists', 'busy', 'unlisted', 'busy', 'key', 'key', 'key', 'busy', 'busy', 'unlisted', 'unlisted']);
    expect(['00', '01', '02', '03', '04', '05', '06', '07', '08', '09', '96', '99', '58', '__proto__'].map(queryVerdict))
      .toEqual(['answer', 'answer', 'question', 'answer', 'busy', 'answer', 'busy', 'key', 'key', 'key', 'busy', 'busy', 'answer', 'answer']);
  });

  it('have their words in both languages, and unlisted ones none', () => {
    expect([codeText('03'), codeText('03', 'en'), codeText('58'), codeText('toString')]).toEqual(['Mã giao dịch đã tồn tại', 'The order exists already', null, null]);
  });

  it('of amounts', () => {
    expect(['50000', '50000.0', '50000.00', '50000.01', '0050', '1234567890123', '１００', ''].map(amountVndOf)).toEqual([50_000, 50_000, 50_000, null, 50, null, null, null]);
  });
});

describe('settings', () => {
  const MERCHANT = { agency: '*', merchantServiceId: '900001', apiKey: 'canary-key', secret: 'canary-secret' };
  const ON = { VNPT_PAY_URL: 'https://pay.example.vn/rest/payment/v1.0.5', VNPT_PAY_MERCHANTS: JSON.stringify([MERCHANT]) };

  it('connect nothing by default', () => {
    expect([problemsOf({}), problemsOf(ON), problemsOf({ VNPT_PAY_URL: ON.VNPT_PAY_URL })]).toEqual([[], [], ['VNPT_PAY_MERCHANTS is not set, and VNPT_PAY_URL needs it']]);
  });

  it.each([
    ['a variant without its agency id', { VNPT_PAY_VARIANT: 'init-m-merch' }],
    ['an unknown variant', { VNPT_PAY_VARIANT: 'init_m_merch' }],
    ['a status that means two things', { VNPT_PAY_STATUS_PAID: '1,2', VNPT_PAY_STATUS_FAILED: '2' }],
    ['a settle time within the time to pay', { VNPT_PAY_SETTLE_MS: '60000' }],
    ['no action of an IPN', { VNPT_PAY_IPN_ACTIONS: ',' }],
    ['an unknown address of callers', { VNPT_PAY_IPN_ADDRESSES: 'vnptpay.vn' }],
    ['one service with two secrets', { VNPT_PAY_MERCHANTS: JSON.stringify([MERCHANT, { ...MERCHANT, agency: 'H42', secret: 'canary-other' }]) }],
    ['one service with two keys', { VNPT_PAY_MERCHANTS: JSON.stringify([MERCHANT, { ...MERCHANT, agency: 'H42', apiKey: 'canary-other' }]) }],
    ['a key that breaks the header', { VNPT_PAY_MERCHANTS: JSON.stringify([{ ...MERCHANT, apiKey: 'canary-key\r\nX: y' }]) }],
  ])('refuse %s, and tell no secret', (_name, changes) => {
    const problems = problemsOf({ ...ON, ...changes });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('canary');
  });
});

describe('the clock of the sandbox', () => {
  it('tells the time of Việt Nam, and goes wrong as ordered', () => {
    const at = Date.parse('2026-03-15T08:30:05Z');
    expect([vietnamTime(null, at), vietnamTime('clock-7h', at), vietnamTime('clock-2min', at), vietnamTime('clock-12h', at)]).toEqual(['20260315153005', '20260315083005', '20260315153205', '20260315033005']);
    expect([vietnamTime(null, Date.parse('2026-03-14T17:05:00Z')), vietnamTime('clock-12h', Date.parse('2026-03-14T17:05:00Z'))]).toEqual(['20260315000500', '20260315120500']);
  });
});
