import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createPushReceiver } from '../../../adapters/mb-bank/callback.js';
import { mbBankSettings } from '../../../adapters/mb-bank/config.js';
import { accountVerdict } from '../../../adapters/mb-bank/errors.js';
import { canEnquire, enquiryQuery, identityOf, movementOf, nameIn, reasonOf } from '../../../adapters/mb-bank/mapping.js';
import { accountReply } from '../../../adapters/mb-bank/wire.js';
import { issueToken } from '../../../adapters/support/issued-tokens.js';
import type { TokenDoor } from '../../../adapters/support/issued-tokens.js';

const fixture = (name: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(`../../fixtures/mb-bank/${name}.json`, import.meta.url), 'utf8')) as Record<string, unknown>;
const CREDIT = fixture('push-credit');
const NOW = 1_770_000_000_000;

describe('a push', () => {
  it('of a credit is read', () => {
    expect(movementOf(CREDIT)).toEqual({
      kind: 'credit', credit: { bankReference: 'FT26033012345678', amountVnd: 58_000, content: CREDIT['content'], accountNumber: '0123456789', bankBin: '970422', reference: null, at: new Date(NOW) },
    });
  });

  it('of a debit is told apart, with numbers as text', () => {
    expect(movementOf(fixture('push-debit'))).toEqual({ kind: 'debit', bankReference: 'FT26033012345678' });
    expect(identityOf(fixture('push-debit'))?.uniqueKey).toBe('FT26033012345678/D');
  });

  it.each([['OG0123456789ABC', 'OG0123456789ABC'], [' og0123456789abc ', 'OG0123456789ABC'], ['ORDER-1', null], ['', null], [null, null]])('with order %j names %j', (orderId, reference) => {
    expect(movementOf({ ...CREDIT, orderId })).toMatchObject({ credit: { reference } });
  });

  it.each([
    ['amount', 0, '002'], ['amount', -1, '002'], ['amount', 1.5, '002'], ['amount', '58000.50', '002'], ['amount', 'x', '002'], ['transType', 'X', '003'], ['transactiontime', 1_770_000_000, '004'],
    ['transactionid', '', '007'], ['referencenumber', '  ', '008'], ['content', null, '009'], ['bankaccount', '', '010'],
  ])('with %s %j is not read, and the bank is told %s', (field, value, reason) => {
    const body = { ...CREDIT, [field]: value };
    expect(movementOf(body)).toBeNull();
    expect(reasonOf(body)).toBe(reason);
  });

  it('is the same in other words, and another with another amount, account or direction', () => {
    const same = (changes: object): boolean => identityOf({ ...CREDIT, ...changes })?.sameness.equals(identityOf(CREDIT)?.sameness ?? Buffer.alloc(0)) ?? false;
    expect([same({ content: 'QR khac', transactionid: 'x', transactiontime: NOW + 5, orderId: 'OG0123456789ABC' }), same({ amount: 58_001 }), same({ bankaccount: '1' }), same({ transType: 'D' })]).toEqual([true, false, false, false]);
    expect([identityOf({ transType: 'C' }), identityOf(null), identityOf('x')]).toEqual([null, null, null]);
  });
});

describe('the receiver', () => {
  const door: TokenDoor = { party: 'mb-bank', clients: [{ id: 'mb', secret: 'mb-demo-password' }], lifeMs: 300_000 };
  const receiver = createPushReceiver({ door, addresses: null, now: () => NOW });
  const bytes = Buffer.from(JSON.stringify(CREDIT));
  const verify = (token: string, body = bytes) => receiver.verify({ bytes: body, headers: { authorization: `Bearer ${token}` }, peer: { address: '127.0.0.1', certificate: null } });

  it('believes a push under a token that has not ended', () => {
    expect(verify(issueToken(door, NOW))).toMatchObject({ kind: 'verified', verifiedBy: 'mb', uniqueKey: 'FT26033012345678/C', partyAt: null });
    expect(verify(issueToken(door, NOW - 300_000))).toEqual({ kind: 'refused', reason: 'token' });
    expect(verify(issueToken({ ...door, party: 'bidv' }, NOW))).toEqual({ kind: 'refused', reason: 'token' });
    expect(verify(issueToken(door, NOW), Buffer.from('[]'))).toEqual({ kind: 'refused', reason: 'shape' });
    expect(verify(issueToken(door, NOW), Buffer.from('{"referencenumber":"1","referencenumber":"2","transType":"C"}'))).toEqual({ kind: 'refused', reason: 'shape' });
  });

  it.each([
    ['applied', 'confirmed', 200, { error: false, errorReason: '000' }], ['applied', 'already', 200, { error: false, errorReason: '000' }], ['refused', 'unknown-order', 200, { error: false, errorReason: '000' }],
    ['unreadable', null, 400, { error: true, errorReason: '001' }], ['unverified', 'shape', 400, { error: true, errorReason: '001' }], ['unverified', 'token', 401, { error: true, errorReason: '005' }],
    ['conflict', null, 400, { error: true, errorReason: '005' }], ['unavailable', null, 503, { error: true, errorReason: '005' }], ['too-large', null, 413, { error: true, errorReason: '001' }],
  ] as const)('answers %s %s with %s', (outcome, code, status, body) => {
    const reply = receiver.reply(outcome, code, bytes);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toMatchObject(body);
  });
});

describe('the enquiry', () => {
  it('goes within MB for its own accounts and through NAPAS for others', () => {
    expect(enquiryQuery({ bankBin: '970422', number: '0123 456' })).toEqual({ accountNumber: '0123456', accountType: 'ACCOUNT', transferType: 'INHOUSE' });
    expect(enquiryQuery({ bankBin: '970436', number: '0123456' })).toEqual({ accountNumber: '0123456', accountType: 'ACCOUNT', transferType: 'NAPAS', bankCode: '970436' });
    expect([canEnquire({ bankBin: '970436', number: '3511.0.1104195' }), canEnquire({ bankBin: '', number: '0123456' }), canEnquire({ bankBin: '970436', number: '123' })]).toEqual([false, false, false]);
  });

  it('reads the name, or that there is none', () => {
    expect(nameIn(accountReply.parse(fixture('account-info')))).toEqual({ kind: 'found', holderName: 'UBND PHUONG HOA LU' });
    expect([nameIn({ data: { customerName: 'B' } }), nameIn({ data: null, errorCode: '000' }), nameIn({})])
      .toEqual([{ kind: 'found', holderName: 'B' }, { kind: 'not-found', code: '000' }, { kind: 'not-found', code: 'no-name' }]);
    expect([accountVerdict('000', []), accountVerdict(null, []), accountVerdict('203', ['203']), accountVerdict('204', ['203'])]).toEqual(['answer', 'answer', 'not-found', 'unlisted']);
  });
});

describe('settings', () => {
  it('are off by default, and an address needs its password', () => {
    expect(mbBankSettings.read({})).toMatchObject({ ok: true, settings: { MB_BANK_URL: '', MB_BANK_PUSH_CLIENTS: null } });
    expect(mbBankSettings.read({ MB_BANK_URL: 'https://api-sandbox.mbbank.com.vn/' })).toEqual({
      ok: false, problems: ['MB_BANK_USERNAME is not set, and MB_BANK_URL needs it', 'MB_BANK_PASSWORD is not set, and MB_BANK_URL needs it'],
    });
  });
});
