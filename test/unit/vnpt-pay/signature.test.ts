import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFlatJson } from '../../../adapters/vnpt-pay/flat-json.js';
import { openFields, queryFields, signedBody } from '../../../adapters/vnpt-pay/mapping.js';
import { readReply } from '../../../adapters/vnpt-pay/mapping-reply.js';
import { hasSeparator, sign, verifySigned } from '../../../adapters/vnpt-pay/signature.js';
import { VARIANTS } from '../../../adapters/vnpt-pay/wire.js';
import { sampleOrder } from '../../contract/sample-payment.js';
import { asData, asForm, asJson, fixture, ipnFields, receiver, SECRET, verified } from './samples.js';
import type { WorkedExamples } from './samples.js';

const examples = fixture<WorkedExamples>('worked-examples');
const KEYS = [{ id: '900001', secret: SECRET }] as const;
const at = (wallClock: string): Date => new Date(`${wallClock}+07:00`);
const terms = { merchantServiceId: '900001', agencyId: 'A1', paymentMethod: 'VNPTPAY', device: '1', serviceId: '1', channelId: '1', serviceCategory: '57', serverIp: '10.0.0.9' };

describe('signatures', () => {
  it.each(['payQrcode', 'ipn', 'ipnReply'] as const)('of the worked %s', (name) => {
    const { text, secureCode } = examples[name];
    expect(sign(examples.secret, text.split('|'))).toBe(secureCode);
    expect(verifySigned(KEYS, text.split('|'), secureCode)).toBe('900001');
  });

  it('of the worked opening: fields in their order', () => {
    const order = sampleOrder({ reference: 'ORD0001', amountVnd: 50_000, createdAt: at('2026-01-01T10:30:00'), clientIp: '10.0.0.1' });
    const fields = { ...openFields(order, { ...terms, variant: 'pay-qrcode' }), DESCRIPTION: 'Thanh toan' };
    expect(Object.values(fields).join('|')).toBe(examples.payQrcode.text);
    expect(signedBody(fields, examples.secret)).toMatchObject({ AMOUNT: 50_000, MERCHANT_DATA: '', SECURE_CODE: examples.payQrcode.secureCode });
  });

  it('of our answer to the worked IPN', () => {
    const reply = receiver().reply('applied', 'confirmed', Buffer.from(JSON.stringify(fixture('ipn-paid'))));
    expect(JSON.parse(reply.body)).toMatchObject({ RESPONSE_CODE: '00', DESCRIPTION: 'Thanh cong', MERCHANT_ORDER_ID: 'ORD0001', CREATE_DATE: '20260101103216', SECURE_CODE: examples.ipnReply.secureCode });
  });

  it.each(VARIANTS)('of an opening by %s cover every field that is sent, but for the one that is empty', (variant) => {
    const fields = openFields(sampleOrder(), { ...terms, variant });
    const body = signedBody(fields, SECRET);
    expect(Object.keys(body).filter((name) => !(name in fields))).toEqual(variant === 'pay-qrcode' ? ['MERCHANT_DATA', 'SECURE_CODE'] : ['SECURE_CODE']);
    expect(Object.values(fields)).not.toContain('');
    expect(body['SECURE_CODE']).toBe(sign(SECRET, Object.values(fields)));
  });

  it('of a query repeat the time of the order', () => {
    const fields = queryFields({ reference: 'ORD0001', createdAt: at('2026-01-01T10:30:00') }, { variant: 'init', merchantServiceId: '900001' });
    expect(Object.values(fields).join('|')).toBe('QUERY|1.0.5|900001|ORD0001|20260101103000');
  });

  it('of a reply are over its values as they came: in their order, numbers to the letter, nulls as nothing', () => {
    const { signed, signature } = readReply(readFlatJson('{"RESPONSE_CODE":"00","9":"nine","AMOUNT":50000.00,"SECURE_CODE":"x","PAY_DATE":null,"VNPTPAY_TRANSACTION_ID":12345678901234567890}'));
    expect([signed, signature]).toEqual([['00', 'nine', '50000.00', '', '12345678901234567890'], 'x']);
  });
});

describe('a bar in a value', () => {
  it('is seen, wherever it stands', () => {
    expect(['|', 'a|', '|a', 'a|b', 'ab', ''].map(hasSeparator)).toEqual([true, true, true, true, false, false]);
  });
});

describe('one changed bit', () => {
  const body = Buffer.from(asJson(fixture('ipn-paid')));

  it('anywhere in an IPN refuses it, but where it changes nothing that is read', () => {
    expect(verified(body).kind).toBe('verified');
    const believed: number[] = [];
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const changed = Buffer.from(body);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      // Hexadecimal digits of the signature are the same in either case.
      const isSame = changed.toString('latin1').toLowerCase() === body.toString('latin1').toLowerCase() && body.indexOf('"SECURE_CODE":"') + 14 < bit >> 3;
      if (verified(changed).kind === 'verified' && !isSame) believed.push(bit);
    }
    expect(believed).toEqual([]);
  });
});

describe('the three dresses of an IPN', () => {
  it('are one message', () => {
    const fields = ipnFields({ ADDITIONAL_INFO: 'Nộp lệ phí & "phí" 100%+|{}' });
    expect(verified(asData(fields))).toEqual(verified(asJson(fields)));
    expect(verified(asForm(fields))).toEqual(verified(asJson(fields)));
    expect(verified(asJson(fields)).kind).toBe('verified');
    expect(receiver().read(Buffer.from(asData(fields)))).toEqual(receiver().read(Buffer.from(asForm(fields))));
  });

  it('are one message whatever is in the free field', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }).filter((text) => !/\p{Surrogate}/u.test(text)), (text) => {
      const fields = ipnFields({ ADDITIONAL_INFO: text });
      return [asJson(fields), asData(fields), asForm(fields)].every((body) => verified(body).kind === 'verified');
    }), { numRuns: 200 });
  });

  it('are refused for anything else that comes, and never throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array().map((bytes) => Buffer.from(bytes))), (body) => {
      expect(verified(body as string | Buffer).kind).toBe('refused');
      expect(receiver().read(Buffer.from(body as string))).toBeNull();
    }), { numRuns: 500 });
  });
});
