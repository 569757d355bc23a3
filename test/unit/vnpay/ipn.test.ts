import { describe, expect, it } from '@jest/globals';
import { OLD_SECRET, receiver, signedIpn, verified } from './samples.js';

const refusedFor = (reason: string): object => ({ kind: 'refused', reason });
const read = (query: string): unknown => receiver().read(Buffer.from(query));

describe('an IPN is verified', () => {
  it('under the current secret, and under the one before it', () => {
    expect(verified(signedIpn())).toMatchObject({ kind: 'verified', verifiedBy: 'TESTTMN1', partyAt: new Date('2026-03-15T03:32:15Z') });
    expect(verified(signedIpn({}, OLD_SECRET))).toMatchObject({ kind: 'verified', verifiedBy: 'TESTTMN1-previous' });
  });

  it.each([
    ['a strange secret', signedIpn({}, 'A-SECRET-OF-NOBODY-AT-ALL'), 'signature'],
    ['no hash', signedIpn().replace(/&vnp_SecureHash=.*/, ''), 'signature'],
    ['an empty hash', signedIpn().replace(/(vnp_SecureHash=).*/, '$1'), 'signature'],
    ['a hash with something behind it', `${signedIpn()}zz`, 'signature'],
    ['a terminal code that is not ours', signedIpn({ vnp_TmnCode: 'OTHERTMN' }), 'merchant'],
    ['no terminal code', signedIpn({ vnp_TmnCode: '' }), 'merchant'],
    ['a parameter that comes twice', `vnp_Amount=5800000&${signedIpn()}`, 'duplicate-parameter'],
    ['one that comes twice in two spellings', `vnp%5FAmount=1&${signedIpn()}`, 'duplicate-parameter'],
    ['two hashes', `${signedIpn()}&vnp_SecureHash=0`, 'duplicate-parameter'],
    ['a percent sign that is none', `${signedIpn()}&vnp_X=%zz`, 'shape'],
    ['bytes that are not UTF-8', `${signedIpn()}&vnp_X=%ff`, 'shape'],
    ['nothing', '', 'shape'],
    ['a signed reference that is too long', signedIpn({ vnp_TxnRef: 'A'.repeat(101) }), 'shape'],
    ['a signed amount that is no number', signedIpn({ vnp_Amount: '5e6' }), 'shape'],
    ['no signed reference', signedIpn({ vnp_TxnRef: '' }), 'shape'],
  ])('and refused with %s', (_name, query, reason) => {
    expect(verified(query)).toEqual(refusedFor(reason));
  });

  it('whatever name a parameter has', () => {
    expect(verified(signedIpn({ ['__proto__']: 'x', constructor: 'y' })).kind).toBe('verified');
    expect(verified(`__proto__=1&${signedIpn()}`)).toEqual(refusedFor('signature'));
  });

  it('whatever the order of its parameters, as the same message under the same key', () => {
    const turned = signedIpn().split('&').reverse().join('&');
    expect(verified(turned)).toEqual(verified(signedIpn()));
    expect(turned).not.toBe(signedIpn());
  });

  it('with `vnp_SecureHashType`, which is not signed', () => {
    expect(verified(`${signedIpn()}&vnp_SecureHashType=HmacSHA512`)).toEqual(verified(signedIpn()));
  });

  it('under another key where it says something else of the same order', () => {
    const keys = [{}, { vnp_Amount: '5800100' }, { vnp_ResponseCode: '24' }, { vnp_TransactionStatus: '02' }, { vnp_TransactionNo: '14271028' }, { vnp_TxnRef: 'OG0123456789ABD' }].map((changes) => {
      const verification = verified(signedIpn(changes));
      return verification.kind === 'verified' ? verification.uniqueKey : '';
    });
    expect(new Set(keys).size).toBe(keys.length);
    expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(200);
  });

  it('without a readable time', () => {
    for (const time of ['', '20260230103215', '15/03/2026']) expect(verified(signedIpn({ vnp_PayDate: time }))).toMatchObject({ kind: 'verified', partyAt: null });
  });
});

describe('an IPN is read', () => {
  it('as a payment', () => {
    expect(read(signedIpn())).toEqual({
      reference: 'OG0123456789ABC', dossierCode: null, merchant: 'TESTTMN1', says: 'paid', code: '00/00', text: 'Giao dịch thanh toán thành công', amountVnd: 58_000, gatewayTransaction: '14271027', bankCode: 'NCB',
      paidAt: new Date('2026-03-15T03:32:15Z'),
    });
  });

  it.each([
    ['00', '00', 'paid'], ['00', '01', 'pending'], ['00', '02', 'pending'], ['00', '', 'pending'], ['00', '42', 'pending'],
    ['24', '02', 'failed'], ['51', '02', 'failed'], ['99', '02', 'failed'], ['11', '02', 'failed'],
    ['24', '00', 'pending'], ['24', '01', 'pending'], ['99', '00', 'pending'], ['01', '02', 'pending'], ['58', '02', 'pending'], ['toString', '02', 'pending'],
    ['07', '07', 'disputed'], ['07', '00', 'disputed'], ['00', '07', 'disputed'], ['07', '02', 'disputed'], ['99', '04', 'disputed'], ['00', '04', 'disputed'],
    ['00', '10', 'pending'], ['00', '20', 'pending'], ['00', '05', 'pending'], ['00', '09', 'pending'],
  ])('code %s with status %s as %s', (code, status, says) => {
    expect(read(signedIpn({ vnp_ResponseCode: code, vnp_TransactionStatus: status }))).toMatchObject({ says, code: `${code}/${status}` });
  });

  it('without a transaction where there is none, and without a time of payment where nothing was paid', () => {
    expect(read(signedIpn({ vnp_ResponseCode: '24', vnp_TransactionStatus: '02', vnp_TransactionNo: '0', vnp_BankCode: '' })))
      .toMatchObject({ gatewayTransaction: null, bankCode: null, paidAt: null });
  });

  it('not at all where the amount is no whole number of đồng', () => {
    expect(read(signedIpn({ vnp_Amount: '5800050' }))).toBeNull();
    expect(read('vnp_Amount=1')).toBeNull();
  });
});

describe('an IPN is answered', () => {
  const answer = (...given: Parameters<ReturnType<typeof receiver>['reply']>): unknown => {
    const { status, body } = receiver().reply(...given);
    return { status, ...(JSON.parse(body) as object) };
  };

  it.each([
    ['applied', 'confirmed', '00', 'Confirm Success'], ['applied', 'already', '02', 'Order already confirmed'], ['applied', null, '00', 'Confirm Success'],
    ['refused', 'unknown-order', '01', 'Order not found'], ['refused', 'amount', '04', 'Invalid amount'], ['refused', 'state', '02', 'Order already confirmed'], ['refused', null, '99', 'Unknown error'],
    ['unverified', null, '97', 'Invalid Checksum'], ['unreadable', null, '99', 'Unknown error'], ['conflict', null, '99', 'Unknown error'], ['stale', null, '99', 'Unknown error'],
    ['unavailable', null, '99', 'Unknown error'], ['too-large', null, '99', 'Unknown error'],
  ] as const)('%s %s with %s', (outcome, code, RspCode, Message) => {
    expect(answer(outcome, code)).toEqual({ status: 200, RspCode, Message });
  });

  it('a second time as confirmed already, and as before where it was refused', () => {
    const again = (...given: Parameters<ReturnType<typeof receiver>['reply']>): string | undefined => receiver().repeated?.(receiver().reply(...given)).body;
    expect(again('applied', 'confirmed')).toContain('"02"');
    expect(again('refused', 'amount')).toContain('"04"');
  });
});
