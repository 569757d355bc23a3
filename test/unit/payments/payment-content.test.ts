import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SealedFieldError } from '../../../src/errors/sealed-field-error.js';
import { creditContext, openContent, openQr, sealContent, sealQr } from '../../../src/payments/payment-content.js';
import { FieldCipher } from '../../../src/store/field-cipher.js';

const cipher = new FieldCipher([{ id: 'k1', key: randomBytes(32) }]);
const CONTENT = { payer: { name: 'Nguyễn Văn Thử', idNumber: null, address: null, province: null, district: null }, clientIp: '10.0.0.1', returnUrl: null };

describe('what a payment keeps of people', () => {
  it('is opened as it was sealed, and tells nothing sealed', () => {
    const content = sealContent(cipher, 'OG1', CONTENT);
    expect(content).not.toContain('10.0.0.1');
    expect(openContent(cipher, { reference: 'OG1', content })).toEqual(CONTENT);
    expect(openQr(cipher, 'OG1', sealQr(cipher, 'OG1', '00020101'))).toBe('00020101');
  });

  it('is only what every order needs, once it was erased', () => {
    expect(openContent(cipher, { reference: 'OG1', content: null })).toEqual({ payer: null, clientIp: '127.0.0.1', returnUrl: null });
  });

  it('cannot be put into the row of another payment, or into another column', () => {
    expect(() => openContent(cipher, { reference: 'OG2', content: sealContent(cipher, 'OG1', CONTENT) })).toThrow(SealedFieldError);
    expect(() => openQr(cipher, 'OG2', sealQr(cipher, 'OG1', 'x'))).toThrow(SealedFieldError);
    expect(() => openQr(cipher, 'OG1', sealContent(cipher, 'OG1', CONTENT))).toThrow(SealedFieldError);
  });

  it('is bound to its bank and transfer where it came with money', () => {
    const sealed = cipher.seal('x', creditContext('mb-bank', 'FT1'));
    for (const context of [creditContext('mb-bank', 'FT2'), creditContext('bidv', 'FT1')]) expect(() => cipher.open(sealed, context)).toThrow(SealedFieldError);
    expect(cipher.open(sealed, creditContext('mb-bank', 'FT1'))).toBe('x');
  });
});
