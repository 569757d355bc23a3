import { describe, expect, it } from '@jest/globals';
import { HashAlgorithm, ignoreLogger, ProductCode, VNPay, VnpLocale } from 'vnpay';
import { payFields, queryFields, refundFields } from '../../../adapters/vnpay/mapping.js';
import { signedTextOf } from '../../../adapters/vnpay/mapping-reply.js';
import { canonicalQuery, joinedValues, sign } from '../../../adapters/vnpay/signature.js';
import { apiReply, QUERY_ORDER, REFUND_ORDER } from '../../../adapters/vnpay/wire.js';
import { sampleOrder, sampleRefund } from '../../contract/sample-payment.js';
import { fixture, IPN, SECRET, signedIpn, verified } from './samples.js';
import type { WorkedExamples } from './samples.js';

interface Vector { readonly id: string; readonly secret: string; readonly signData?: string; readonly params?: Readonly<Record<string, string | number>>; readonly sha512: string }

const examples = fixture<WorkedExamples>('worked-examples');
const terms = { tmnCode: 'TESTTMN1', orderType: '250000', bankCode: '', serverIp: '10.0.0.1', returnUrl: 'https://dvc.example.gov.vn/vnpay/return' };
const oracle = new VNPay({ tmnCode: 'TESTTMN1', secureSecret: SECRET, vnpayHost: 'https://sandbox.vnpayment.vn', testMode: true, hashAlgorithm: HashAlgorithm.SHA512, enableLog: false, loggerFn: ignoreLogger });
const at = (wallClock: string): Date => new Date(`${wallClock}+07:00`);

describe('signatures', () => {
  it.each(fixture<readonly Vector[]>('signature-vectors').map((vector) => [vector.id, vector] as const))('of published vector %s', (_id, { secret, signData, params, sha512 }) => {
    const text = signData ?? canonicalQuery(new Map(Object.entries(params ?? {}).map(([name, value]) => [name, String(value)])));
    expect(sign(secret, text)).toBe(sha512);
  });

  it('of the worked pay URL: fields, order and hash', () => {
    const order = sampleOrder({
      reference: 'HS0001', dossierCode: '0001', amountVnd: 50_000, createdAt: at('2026-01-01T10:30:00'), expiresAt: at('2026-01-01T10:45:00'), clientIp: '10.0.0.1', returnUrl: terms.returnUrl,
    });
    const canonical = canonicalQuery(new Map(Object.entries(payFields(order, terms, 'pay'))));
    expect(canonical).toBe(examples.pay.canonical);
    expect(sign(examples.secret, canonical)).toBe(examples.pay.hash);
  });

  it('of the worked querydr and refund', () => {
    const order = sampleOrder({ reference: 'HS0001', amountVnd: 50_000, createdAt: at('2026-01-01T10:30:00') });
    const query = queryFields(order, { tmnCode: 'TESTTMN1', requestId: 'REQ0001', serverIp: '10.0.0.1', now: at('2026-01-01T10:40:00') });
    const refund = refundFields(sampleRefund(order, { requestId: 'REQ0002', gatewayTransaction: '14271027' }), { tmnCode: 'TESTTMN1', serverIp: '10.0.0.1', now: at('2026-01-02T09:00:00') });
    expect(joinedValues(QUERY_ORDER, query)).toBe(examples.querydr.text);
    expect(joinedValues(REFUND_ORDER, refund)).toBe(examples.refund.text);
    expect([sign(SECRET, examples.querydr.text), sign(SECRET, examples.refund.text)]).toEqual([examples.querydr.hash, examples.refund.hash]);
  });

  it.each([['querydr-paid', 'query'], ['refund-taken', 'refund']] as const)('of the answer %s, amounts and numbers as sent', (name, form) => {
    const reply = apiReply.parse(fixture(name));
    expect(sign(SECRET, signedTextOf(reply, form, { tmnCode: 'TESTTMN1', reference: 'HS0001' }))).toBe(reply.vnp_SecureHash);
  });

  it('of a refusal that leaves out our terminal code are made with it', () => {
    const reply = apiReply.parse({ vnp_ResponseId: 'R1', vnp_Command: 'querydr', vnp_ResponseCode: '91', vnp_Message: 'Not found' });
    expect(signedTextOf(reply, 'query', { tmnCode: 'TESTTMN1', reference: 'HS0001' })).toBe('R1|querydr|91|Not found|TESTTMN1||||||||||');
  });
});

describe('values in a fixed order', () => {
  it('leave a place empty where there is none', () => {
    expect(joinedValues(['b', 'a', 'c'], { a: '1', c: '3' })).toBe('|1|3');
  });
});

describe('npm vnpay, as an independent oracle', () => {
  it.each([
    ['an order', sampleOrder()],
    ['one in English with the largest amount', sampleOrder({ language: 'en', amountVnd: 9_999_999_999 })],
    ['one from an IPv6 address, with a query in the return address', sampleOrder({ clientIp: '2001:db8::7334', returnUrl: 'https://dvc.example.gov.vn/kq?ma=1&x=%20a+b' })],
  ])('builds the same pay URL of %s', (_name, order) => {
    const own = payFields(order, terms, 'pay');
    const canonical = canonicalQuery(new Map(Object.entries(own)));
    const url = oracle.buildPaymentUrl({
      vnp_Amount: order.amountVnd, vnp_IpAddr: own.vnp_IpAddr, vnp_TxnRef: own.vnp_TxnRef, vnp_OrderInfo: own.vnp_OrderInfo, vnp_OrderType: ProductCode.Pay,
      vnp_ReturnUrl: own.vnp_ReturnUrl, vnp_Locale: order.language === 'en' ? VnpLocale.EN : VnpLocale.VN, vnp_CreateDate: Number(own.vnp_CreateDate), vnp_ExpireDate: Number(own.vnp_ExpireDate),
    });
    expect(new URL(url).search.slice(1)).toBe(`${canonical}&vnp_SecureHash=${sign(SECRET, canonical)}`);
  });

  it('believes the IPN that we believe, and no other', () => {
    const asOracleSees = (query: string): boolean => oracle.verifyIpnCall(Object.fromEntries(new URLSearchParams(query)) as unknown as Parameters<VNPay['verifyIpnCall']>[0]).isVerified;
    expect([asOracleSees(signedIpn()), verified(signedIpn()).kind]).toEqual([true, 'verified']);
    const altered = signedIpn().replace('vnp_Amount=5800000', 'vnp_Amount=5800100');
    expect([asOracleSees(altered), verified(altered).kind]).toEqual([false, 'refused']);
  });
});

describe('one changed bit', () => {
  const query = Buffer.from(`${examples.ipn.canonical}&vnp_SecureHash=${examples.ipn.hash}`);

  it('anywhere in an IPN refuses it, but where it changes nothing that is read', () => {
    expect(verified(query).kind).toBe('verified');
    const signatureFrom = query.indexOf('vnp_SecureHash=') + 'vnp_SecureHash='.length;
    const believed: number[] = [];
    for (let bit = 0; bit < query.length * 8; bit += 1) {
      const changed = Buffer.from(query);
      const place = bit >> 3;
      changed.writeUInt8(changed.readUInt8(place) ^ (1 << (bit & 7)), place);
      // Hexadecimal digits of the hash are the same in either case.
      const isSameHash = place >= signatureFrom && changed.toString('latin1').toLowerCase() === query.toString('latin1').toLowerCase();
      if (verified(changed).kind === 'verified' && !isSameHash) believed.push(bit);
    }
    expect(believed).toEqual([]);
  });

  it('in a value that is not ours to read refuses it, too', () => {
    expect(verified(`${signedIpn()}&vnp_Extra=1`)).toEqual({ kind: 'refused', reason: 'signature' });
    expect(verified(signedIpn({ vnp_CardType: 'QRCODE' })).kind).toBe('verified');
    expect(verified(signedIpn().replace(IPN.vnp_CardType, 'QRCODE'))).toEqual({ kind: 'refused', reason: 'signature' });
  });
});
