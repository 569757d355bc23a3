import { describe, expect, it } from '@jest/globals';
import { sign } from '../../../adapters/vnpt-pay/signature.js';
import type { CallbackOutcome } from '../../../src/callbacks/callback-receiver-port.js';
import { asData, asForm, asJson, IPN, ipnFields, OLD_SECRET, receiver, SECRET, verified } from './samples.js';

const refusedFor = (reason: string): object => ({ kind: 'refused', reason });
const read = (fields: object): unknown => receiver().read(Buffer.from(asJson(fields)));

describe('an IPN is verified', () => {
  it('under the current secret, and under the one before it', () => {
    expect(verified(asJson(ipnFields()))).toMatchObject({ kind: 'verified', verifiedBy: '900001', partyAt: new Date('2026-03-15T03:32:15Z') });
    expect(verified(asJson(ipnFields({}, OLD_SECRET)))).toMatchObject({ kind: 'verified', verifiedBy: '900001-previous' });
  });

  it('with a missing field that counts as empty, with fields that nobody signs, and with digits of either case', () => {
    const rest = Object.fromEntries(Object.entries(ipnFields()).filter(([name]) => name !== 'ADDITIONAL_INFO'));
    expect(verified(asJson({ ...rest, MERCHANT_DATA: 'x' }))).toEqual(verified(asJson(ipnFields())));
    expect(verified(asJson({ ...rest, SECURE_CODE: rest['SECURE_CODE']?.toUpperCase() })).kind).toBe('verified');
  });

  it.each([
    ['a strange secret', asJson(ipnFields({}, 'A-SECRET-OF-NOBODY')), 'signature'],
    ['no signature', asJson({ ...ipnFields(), SECURE_CODE: '' }), 'signature'],
    ['its signature under a name with a blank', asJson({ ...IPN, 'SECURE_CODE ': ipnFields()['SECURE_CODE'] }), 'signature'],
    ['a signature with something behind it', asJson({ ...ipnFields(), SECURE_CODE: `${ipnFields()['SECURE_CODE'] ?? ''}zz` }), 'signature'],
    ['a signature without the secret', asJson({ ...IPN, SECURE_CODE: sign('', Object.values(IPN)) }), 'signature'],
    ['a service that is not ours', asJson(ipnFields({ MERCHANT_SERVICE_ID: '900002' })), 'merchant'],
    ['no service', asJson(ipnFields({ MERCHANT_SERVICE_ID: '' })), 'merchant'],
    ['a bar in a value, which could move the borders of others', asJson(ipnFields({ MERCHANT_ORDER_ID: 'A|1' })), 'shape'],
    ['a name that comes twice', asJson(ipnFields()).replace('{', '{"AMOUNT":"1",'), 'shape'],
    ['a name that comes twice in a form', `AMOUNT=1&${asForm(ipnFields())}`, 'shape'],
    ['a list', '[]', 'shape'],
    ['an object in it', asJson({ ...ipnFields(), ADDITIONAL_INFO: {} }), 'shape'],
    ['a truth value in it', asJson({ ...ipnFields(), ADDITIONAL_INFO: true }), 'shape'],
    ['half of it', asData(ipnFields()).slice(0, 200), 'shape'],
    ['nothing', '', 'shape'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'shape'],
    ['bytes in a form that are not UTF-8', `X=%ff&${asForm(ipnFields())}`, 'shape'],
  ])('and refused with %s', (_name, body, reason) => {
    expect(verified(body)).toEqual(refusedFor(reason));
  });

  it('under another key where it says something else of the same order', () => {
    const keys = [{}, { AMOUNT: '58001' }, { RESPONSE_CODE: '01' }, { VNPTPAY_TRANSACTION_ID: 'VP2' }, { MERCHANT_ORDER_ID: 'OG2' }].map((changes) => {
      const verification = verified(asJson(ipnFields(changes)));
      return verification.kind === 'verified' ? verification.uniqueKey : '';
    });
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toBe('900001/OG0123456789ABC/VP123456789/00/58000');
  });

  it('without a readable time', () => {
    for (const time of ['', '20260230103215', '15/03/2026']) expect(verified(asJson(ipnFields({ PAY_DATE: time })))).toMatchObject({ kind: 'verified', partyAt: null });
  });
});

describe('an IPN is read', () => {
  it('as a payment', () => {
    expect(read(ipnFields())).toEqual({
      reference: 'OG0123456789ABC', dossierCode: null, merchant: '900001', says: 'paid', code: '00', text: 'Thành công', amountVnd: 58_000, gatewayTransaction: 'VP123456789', bankCode: 'VNPTPAY',
      paidAt: new Date('2026-03-15T03:32:15Z'),
    });
  });

  it.each([['00', 'paid'], ['01', 'failed'], ['04', 'pending'], ['05', 'pending'], ['06', 'pending'], ['96', 'pending'], ['99', 'pending'], ['58', 'pending'], ['toString', 'pending']])('code %s as %s', (code, says) => {
    expect(read(ipnFields({ RESPONSE_CODE: code }))).toMatchObject({ says, code, paidAt: says === 'paid' ? new Date('2026-03-15T03:32:15Z') : null });
  });

  it('with an amount that has a fraction of nothing', () => {
    expect(read(ipnFields({ AMOUNT: '58000.00' }))).toMatchObject({ amountVnd: 58_000 });
  });

  it.each([
    { ACTION: 'PAY' }, { AMOUNT: '58000.5' }, { AMOUNT: '-58000' }, { AMOUNT: '5e4' }, { AMOUNT: '' }, { CURRENCY_CODE: 'USD' }, { MERCHANT_ORDER_ID: '' }, { RESPONSE_CODE: '' },
    { VNPTPAY_TRANSACTION_ID: 'a b' }, { MERCHANT_ORDER_ID: 'A'.repeat(101) },
  ])('not at all with %j', (changes) => {
    expect(verified(asJson(ipnFields(changes))).kind).toBe('verified');
    expect(read(ipnFields(changes))).toBeNull();
  });
});

describe('an IPN is answered', () => {
  const bytes = Buffer.from(asJson(ipnFields()));
  const answer = (outcome: CallbackOutcome, code: string | null, of: Buffer | undefined = bytes): Record<string, string> =>
    JSON.parse(receiver().reply(outcome, code, of).body) as Record<string, string>;
  const isSignedWith = ({ SECURE_CODE: signature, ...rest }: Record<string, string>, secret: string): boolean => signature === sign(secret, Object.values(rest));

  it.each([
    ['applied', 'confirmed', '00', 'Thanh cong'], ['applied', 'already', '02', 'Giao dich da confirm'], ['applied', null, '00', 'Thanh cong'],
    ['refused', 'unknown-order', '01', 'Khong tim thay giao dich'], ['refused', 'amount', '99', 'Cac loi khac'], ['refused', 'state', '02', 'Giao dich da confirm'], ['refused', null, '99', 'Cac loi khac'],
    ['unreadable', null, '99', 'Cac loi khac'], ['conflict', null, '99', 'Cac loi khac'], ['stale', null, '99', 'Cac loi khac'], ['unavailable', null, '08', 'He thong ban hoac timeout'],
  ] as const)('%s %s with %s, signed, naming service and order', (outcome, code, RESPONSE_CODE, DESCRIPTION) => {
    const said = answer(outcome, code);
    expect(said).toMatchObject({ RESPONSE_CODE, DESCRIPTION, MERCHANT_SERVICE_ID: '900001', MERCHANT_ORDER_ID: 'OG0123456789ABC', CREATE_DATE: '20260101103216' });
    expect(isSignedWith(said, SECRET)).toBe(true);
    expect(receiver().reply(outcome, code, bytes).status).toBe(200);
  });

  it('under the secret that vouched for it', () => {
    expect(isSignedWith(answer('applied', 'confirmed', Buffer.from(asJson(ipnFields({}, OLD_SECRET)))), OLD_SECRET)).toBe(true);
  });

  it.each([['a stranger\'s', 'unverified', Buffer.from(asJson(ipnFields({}, 'A-SECRET-OF-NOBODY'))), '97'], ['one that was too large', 'too-large', undefined, '99'], ['one that could not be stored', 'unavailable', undefined, '08']] as const)(
    'without a signature or anything of it where it is %s', (_name, outcome, of, code) => {
      expect(JSON.parse(receiver().reply(outcome, 'signature', of).body)).toMatchObject({ RESPONSE_CODE: code, MERCHANT_SERVICE_ID: '', MERCHANT_ORDER_ID: '', SECURE_CODE: '' });
    });

  it('as confirmed already where it is repeated, under the secret of the first answer', () => {
    for (const secret of [SECRET, OLD_SECRET]) {
      const first = receiver().reply('applied', 'confirmed', Buffer.from(asJson(ipnFields({}, secret))));
      const again = JSON.parse(receiver().repeated?.(first).body ?? '{}') as Record<string, string>;
      expect(again).toMatchObject({ RESPONSE_CODE: '02', MERCHANT_ORDER_ID: 'OG0123456789ABC' });
      expect(isSignedWith(again, secret)).toBe(true);
    }
  });

  it('as the first time where that was no confirmation, or its service is gone', () => {
    const refused = receiver().reply('refused', 'amount', bytes);
    expect(receiver().repeated?.(refused)).toBe(refused);
    const gone = { ...refused, body: refused.body.replace('900001', '900009').replace('"99"', '"00"') };
    expect(receiver().repeated?.(gone)).toBe(gone);
  });
});
