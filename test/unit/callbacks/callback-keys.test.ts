import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { callbackKeys, verifyHmac, verifySuffixDigest, verifyToken } from '../../../adapters/support/callback-keys.js';
import type { CallbackKeys } from '../../../adapters/support/callback-keys.js';

const KEYS: CallbackKeys = [{ id: 'new', secret: 'new-secret-0001' }, { id: 'old', secret: 'old-secret-0001' }];
const signed = Buffer.from('amount=100&order=7');
const hmac = (secret: string): string => createHmac('sha256', secret).update(signed).digest('hex');

describe('keys of a party', () => {
  it.each([
    ['', null], [' \n', null], [`${'Ab-3'.repeat(8)}:${'x'.repeat(512)}`, [{ id: 'Ab-3'.repeat(8), secret: 'x'.repeat(512) }]], ['a:12345678', [{ id: 'a', secret: '12345678' }]], [' a:12345678 , b:8765:4321', [{ id: 'a', secret: '12345678' }, { id: 'b', secret: '8765:4321' }]],
  ])('%j are read', (text, expected) => { expect(callbackKeys.parse(text)).toEqual(expected); });
  it.each(['12345678', 'a:short', 'a:12345678,', 'a:12345678,a:12345678', 'a:12345678,b:12345678,c:12345678', 'á:12345678', 'a b:12345678', ':12345678', `${'a'.repeat(33)}:12345678`, `a:12345678${'x'.repeat(505)}`])('%j are refused, without being quoted', (text) => {
    const read = callbackKeys.safeParse(text);
    expect(read.success).toBe(false);
    expect(read.error?.message).not.toContain('12345678');
    expect(read.error?.message).toMatch(/id:secret.*8 characters/);
  });
});

describe('signatures', () => {
  it('agree with RFC 4231, test case 2', () => {
    const text = { algorithm: 'sha256', encoding: 'hex', signed: Buffer.from('what do ya want for nothing?'), signature: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843' } as const;
    expect(verifyHmac([{ id: 'rfc', secret: 'Jefe' }], text)).toBe('rfc');
  });

  it('are valid under either of two keys, and name it', () => {
    const of = (secret: string, encoding: 'hex' | 'base64') => ({ algorithm: 'sha256', encoding, signed, signature: createHmac('sha256', secret).update(signed).digest(encoding) } as const);
    expect(verifyHmac(KEYS, of('new-secret-0001', 'hex'))).toBe('new');
    expect(verifyHmac(KEYS, of('old-secret-0001', 'base64'))).toBe('old');
    expect(verifyHmac(KEYS, of('any-secret-0001', 'hex'))).toBeNull();
    const suffix = createHash('sha256').update(signed).update('old-secret-0001').digest('hex').toUpperCase();
    expect(verifySuffixDigest(KEYS, { algorithm: 'sha256', encoding: 'hex', signed, signature: suffix })).toBe('old');
    const prefix = createHash('sha256').update('old-secret-0001').update(signed).digest('hex');
    expect(verifySuffixDigest(KEYS, { algorithm: 'sha256', encoding: 'hex', signed, signature: prefix })).toBeNull();
    expect(verifyToken(KEYS, 'old-secret-0001')).toBe('old');
    expect(verifyToken(KEYS, '')).toBeNull();
    expect(verifyToken(KEYS, 'old-secret-000')).toBeNull();
  });

  it.each(['', ' ', hmac('new-secret-0001').slice(0, -1), `${hmac('new-secret-0001')}0`, `${hmac('new-secret-0001')}00`, `${hmac('new-secret-0001')}zz`, `${hmac('new-secret-0001')}\n`])('%j is none', (signature) => {
    expect(verifyHmac(KEYS, { algorithm: 'sha256', encoding: 'hex', signed, signature })).toBeNull();
  });

  it.each(['sha256', 'sha512'] as const)('in Base64 of %s fit whole only', (algorithm) => {
    const signature = createHmac(algorithm, 'new-secret-0001').update(signed).digest('base64');
    const verify = (given: string): string | null => verifyHmac(KEYS, { algorithm, encoding: 'base64', signed, signature: given });
    expect(verify(signature)).toBe('new');
    for (const altered of [` ${signature}`, `-${signature}`, `${signature} `, `${signature}=`, `${signature}\n`, `${signature}A`]) expect(verify(altered)).toBeNull();
  });

  it('break with any single changed byte', () => {
    fc.assert(fc.property(fc.nat(signed.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
      const altered = Buffer.from(signed);
      altered[index] = (altered[index] ?? 0) ^ change;
      expect(verifyHmac(KEYS, { algorithm: 'sha256', encoding: 'hex', signed: altered, signature: hmac('new-secret-0001') })).toBeNull();
    }));
  });
});
