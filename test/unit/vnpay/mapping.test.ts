import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codeText } from '../../../adapters/vnpay/code-texts.js';
import { queryVerdict, refundVerdict } from '../../../adapters/vnpay/errors.js';
import { amountVndOf, payFields, plainText, refundAnswerOf, refundFields, refundWordOf, wordOf } from '../../../adapters/vnpay/mapping.js';
import { clashingCodes } from '../../../adapters/vnpay/merchants.js';
import { apiReply } from '../../../adapters/vnpay/wire.js';
import type { ApiReply } from '../../../adapters/vnpay/wire.js';
import { sampleOrder, sampleRefund } from '../../contract/sample-payment.js';
import { fixture, settingsOf } from './samples.js';

const terms = { tmnCode: 'TESTTMN1', orderType: '250000', bankCode: 'VNPAYQR', serverIp: '10.0.0.1', returnUrl: 'https://dvc.example.gov.vn/vnpay/return' };
const reply = (changes: Partial<Record<keyof ApiReply, string>> = {}): ApiReply => ({ ...apiReply.parse(fixture('querydr-paid')), ...changes });

describe('a pay URL', () => {
  it('carries times of Việt Nam and the amount times a hundred, and no type of hash', () => {
    const fields = payFields(sampleOrder({ createdAt: new Date('2026-03-15T18:05:09.999Z'), expiresAt: new Date('2026-03-15T18:20:09Z') }), terms, 'pay');
    expect(fields).toMatchObject({ vnp_CreateDate: '20260316010509', vnp_ExpireDate: '20260316012009', vnp_Amount: '5800000', vnp_BankCode: 'VNPAYQR', vnp_Locale: 'vn', vnp_Version: '2.1.0' });
    expect(Object.keys(fields)).not.toContain('vnp_SecureHashType');
  });

  it.each([['::ffff:203.113.131.1', '203.113.131.1'], ['2001:db8::1', '2001:db8::1'], ['::1', '10.0.0.1'], ['', '10.0.0.1'], ['evil&vnp_Amount=1', '10.0.0.1']])('carries of the address %s what the wire can', (clientIp, expected) => {
    expect(payFields(sampleOrder({ clientIp }), terms, 'pay').vnp_IpAddr).toBe(expected);
  });

  it('falls back to our own page where the portal names none, or one that the wire cannot carry', () => {
    for (const returnUrl of [null, 'x://y', `https://dvc.example.gov.vn/${'a'.repeat(256)}`]) expect(payFields(sampleOrder({ returnUrl }), terms, 'pay').vnp_ReturnUrl).toBe(terms.returnUrl);
  });

  it('is in words over which no two encoders differ', () => {
    expect(plainText('Thanh toán hồ sơ ĐƯỜNG đá *~!\'() 000.12.34.H42-260315-0001')).toBe('Thanh toan ho so DUONG da 000.12.34.H42-260315-0001');
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => /^[A-Za-z0-9 .-]*$/.test(plainText(text))));
  });
});

describe('amounts', () => {
  it('come back exactly', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9_999_999_999 }), (amountVnd) => amountVndOf(payFields(sampleOrder({ amountVnd }), terms, 'pay').vnp_Amount) === amountVnd));
  });

  it('are none where they are no whole number of đồng', () => {
    expect(['5000050', '50.00', '-5000000', '', '5e6', '１００'].map(amountVndOf)).toEqual([null, null, null, null, null, null]);
  });
});

describe('an answer of querydr', () => {
  it.each([
    ['01', '00', 'paid'], ['01', '01', 'pending'], ['01', '02', 'failed'], ['01', '04', 'disputed'], ['01', '07', 'disputed'], ['01', '10', 'pending'], ['01', '20', 'pending'], ['01', '', 'pending'],
    ['', '00', 'paid'], ['02', '05', 'paid'], ['03', '00', 'paid'], ['02', '09', 'paid'],
  ])('of type %s and status %s is %s', (vnp_TransactionType, vnp_TransactionStatus, says) => {
    expect(wordOf(reply({ vnp_TransactionType, vnp_TransactionStatus }), 'vi').says).toBe(says);
  });

  it('tells amount, transaction, bank and time of a payment, and of a refund none of these', () => {
    expect(wordOf(reply(), 'en')).toEqual({ says: 'paid', code: '00/00', text: 'Payment transaction successful', amountVnd: 50_000, gatewayTransaction: '14271027', bankCode: 'NCB', paidAt: new Date('2026-01-01T03:32:15Z') });
    expect(wordOf(reply({ vnp_TransactionType: '03', vnp_Amount: '800000' }), 'vi')).toMatchObject({ says: 'paid', code: '00/00/03', amountVnd: null, gatewayTransaction: null });
  });

  it('with 91 knows of nothing', () => {
    expect(wordOf(reply({ vnp_ResponseCode: '91' }), 'vi')).toMatchObject({ says: 'not-found', code: '91', text: 'Không tìm thấy giao dịch yêu cầu', amountVnd: null });
  });
});

describe('refunds', () => {
  const payment = sampleOrder({ amountVnd: 50_000 });
  const taken = apiReply.parse(fixture('refund-taken'));

  it('are asked for without the reason and with a login that the wire can carry', () => {
    const fields = refundFields(sampleRefund(payment, { isFull: false, amountVnd: 8_000, approvedBy: 'nguyễn.văn-a@tỉnh', reason: 'Trả lại cho ông Canary' }), { tmnCode: 'TESTTMN1', serverIp: '10.0.0.1', now: new Date('2026-03-15T02:00:00Z') });
    expect(fields).toMatchObject({ vnp_TransactionType: '03', vnp_Amount: '800000', vnp_TransactionNo: '0', vnp_CreateBy: 'nguyen.van-a tinh', vnp_CreateDate: '20260315090000' });
    expect(JSON.stringify(fields)).not.toContain('Canary');
  });

  it.each([
    [{}, { kind: 'processing', code: '00/05', gatewayTransaction: '14271099' }],
    [{ vnp_TransactionStatus: '06' }, { kind: 'processing' }],
    [{ vnp_TransactionStatus: '00' }, { kind: 'done' }],
    [{ vnp_TransactionStatus: '42' }, { kind: 'processing', code: '00/42' }],
    [{ vnp_TransactionStatus: '09' }, { kind: 'rejected', code: '00/09' }],
    [{ vnp_ResponseCode: '94' }, { kind: 'processing', code: '94' }],
    [{ vnp_ResponseCode: '95' }, { kind: 'rejected', code: '95' }],
    [{ vnp_ResponseCode: '91' }, { kind: 'rejected', code: '91' }],
  ])('answered with %j', (changes, expected) => {
    expect(refundAnswerOf({ ...taken, ...changes }, 'vi')).toMatchObject(expected);
  });

  it.each([
    ['whole and in process', true, { vnp_TransactionType: '02', vnp_TransactionStatus: '05' }, 'processing'],
    ['whole and done', true, { vnp_TransactionType: '02', vnp_TransactionStatus: '00' }, 'done'],
    ['whole and refused', true, { vnp_TransactionType: '02', vnp_TransactionStatus: '09' }, 'refused'],
    ['a part and done', false, { vnp_TransactionType: '03', vnp_TransactionStatus: '00', vnp_Amount: '800000' }, 'done'],
    ['a part, where another part is shown as done', false, { vnp_TransactionType: '03', vnp_TransactionStatus: '00', vnp_Amount: '900000' }, 'processing'],
    ['whole, where a part is shown as refused', true, { vnp_TransactionType: '03', vnp_TransactionStatus: '09' }, 'processing'],
    ['one of which only the payment is shown', true, { vnp_TransactionType: '01', vnp_TransactionStatus: '00' }, 'not-found'],
    ['one of an unknown order', true, { vnp_ResponseCode: '91', vnp_TransactionType: '02' }, 'not-found'],
  ])('asked for: %s', (_name, isFull, changes, says) => {
    expect(refundWordOf(reply(changes), sampleRefund(payment, isFull ? {} : { isFull: false, amountVnd: 8_000 })).says).toBe(says);
  });
});

describe('codes', () => {
  it('of the party\'s own trouble, of ours, and those that are not listed', () => {
    expect(['00', '91', '94', '02', '97', '03', '99', '58', 'toString'].map(queryVerdict)).toEqual(['answer', 'answer', 'limited', 'key', 'key', 'question', 'busy', 'unlisted', 'unlisted']);
    expect(['00', '91', '94', '95', '02', '97', '03', '99', '58', '__proto__'].map(refundVerdict)).toEqual(['answer', 'answer', 'answer', 'answer', 'key', 'key', 'question', 'busy', 'unlisted', 'unlisted']);
  });

  it('have their words in both languages, and unlisted ones none', () => {
    expect([codeText('pay', '24'), codeText('pay', '24', 'en')]).toEqual(['Giao dịch không thành công do: Khách hàng hủy giao dịch', 'Transaction canceled']);
    expect([codeText('refund', '94', 'en'), codeText('status', '04', 'en')?.startsWith('Transaction reverse'), codeText('query', '58'), codeText('pay', 'toString')])
      .toEqual(['The transaction has been sent a refund request before. VNPAY is processing this request', true, null, null]);
  });
});

describe('settings', () => {
  const ON = { VNPAY_URL: 'https://pay.example.vn/vpcpay.html', VNPAY_API_URL: 'https://pay.example.vn/api', VNPAY_RETURN_URL: 'https://dvc.example.gov.vn/return', VNPAY_MERCHANTS: '[{"agency":"*","tmnCode":"TESTTMN1","secret":"canary-secret"}]' };

  it('connect nothing by default, and everything that is needed otherwise', () => {
    expect(settingsOf({})).toEqual([]);
    expect(settingsOf(ON)).toEqual([]);
    expect(settingsOf({ VNPAY_URL: ON.VNPAY_URL })).toEqual(['VNPAY_API_URL', 'VNPAY_RETURN_URL', 'VNPAY_MERCHANTS'].map((key) => `${key} is not set, and VNPAY_URL needs it`));
  });

  it.each([
    ['an unknown address of callers', { VNPAY_IPN_ADDRESSES: 'vnpay.vn' }],
    ['a settle time within the time to pay', { VNPAY_SETTLE_MS: '60000' }],
    ['a window that is no number', { VNPAY_IPN_WINDOW_MS: '-5' }],
    ['one terminal code with two secrets', { VNPAY_MERCHANTS: '[{"agency":"*","tmnCode":"TESTTMN1","secret":"canary-secret"},{"agency":"H42","tmnCode":"TESTTMN1","secret":"canary-other"}]' }],
  ])('are refused with %s, and quote no secret', (_name, changes) => {
    const problems = settingsOf({ ...ON, ...changes });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('canary');
  });

  it('let two agencies share a terminal code with its secrets', () => {
    const entry = { tmnCode: 'TESTTMN1', secret: 'a-secret-of-it', previousSecret: 'one-before-it' };
    expect(clashingCodes([{ agency: '*', ...entry }, { agency: 'H42', ...entry }])).toEqual([]);
    expect(clashingCodes([{ agency: '*', ...entry }, { agency: 'H42', tmnCode: 'TESTTMN1', secret: 'a-secret-of-it' }])).toEqual(['TESTTMN1']);
  });
});
