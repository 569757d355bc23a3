import { createHash, randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { trustedStampRoots } from '../../../src/evidence/stamp-certificates.js';
import { newNonce, timeStampRequest } from '../../../src/evidence/time-stamp-request.js';
import { verifyTimeStamp, type StampExpectation } from '../../../src/evidence/time-stamp-verifier.js';
import { POLICY, TimeStampAuthority, type AuthorityTraits } from '../../support/time-stamp-authority.js';

const authorities: TimeStampAuthority[] = [];
const authorityOf = (traits: AuthorityTraits = {}): TimeStampAuthority => {
  const made = new TimeStampAuthority(traits);
  authorities.push(made);
  return made;
};
afterAll(() => authorities.forEach((authority) => authority.remove()));

const imprint = createHash('sha256').update('signed head').digest();
const nonce = newNonce();
const request = timeStampRequest(imprint, { nonce, policy: null });
const good = authorityOf();
const answer = good.answer(request);
const expectationFor = (authority: TimeStampAuthority, change: Partial<StampExpectation> = {}): StampExpectation =>
  ({ imprint, nonce, policy: null, roots: trustedStampRoots(authority.caPem), ...change });

describe('a time-stamp that openssl made', () => {
  it.each<[string, AuthorityTraits]>([['RSA', {}], ['ECDSA', { key: 'ec' }]])('is good with %s', (_key, traits) => {
    const authority = authorityOf(traits);
    const before = Date.now();
    const verdict = verifyTimeStamp(authority.answer(request), expectationFor(authority));
    if (!verdict.ok) throw new Error(verdict.fault);
    // The authority states whole seconds.
    expect(verdict.at.getTime()).toBeGreaterThan(before - 2_000);
    expect(verdict.at.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('is good without the nonce at hand, under the policy that was asked for, and when its own certificate is the trusted one', () => {
    expect(verifyTimeStamp(answer, expectationFor(good, { nonce: null }))).toMatchObject({ ok: true });
    const asked = good.answer(timeStampRequest(imprint, { nonce, policy: '1.2.3.4.5' }));
    expect(verifyTimeStamp(asked, expectationFor(good, { policy: '1.2.3.4.5' }))).toMatchObject({ ok: true });
    expect(verifyTimeStamp(answer, expectationFor(good, { roots: trustedStampRoots(good.certificatePem) }))).toMatchObject({ ok: true });
  });

  it('signed with the older form of the certificate\'s digest is good, too', () => {
    const old = authorityOf();
    expect(verifyTimeStamp(old.answer(request, 'sha1'), expectationFor(old))).toMatchObject({ ok: true });
  });

  it('is refused for other bytes, another nonce, another policy and another root', () => {
    expect(verifyTimeStamp(answer, expectationFor(good, { imprint: randomBytes(32) }))).toEqual({ ok: false, fault: 'other-imprint' });
    expect(verifyTimeStamp(answer, expectationFor(good, { nonce: newNonce() }))).toEqual({ ok: false, fault: 'other-nonce' });
    expect(verifyTimeStamp(answer, expectationFor(good, { policy: `${POLICY}.9` }))).toEqual({ ok: false, fault: 'other-policy' });
    expect(verifyTimeStamp(answer, expectationFor(authorityOf()))).toEqual({ ok: false, fault: 'untrusted' });
    expect(verifyTimeStamp(answer, expectationFor(good, { roots: [] }))).toEqual({ ok: false, fault: 'untrusted' });
  });

  it('is refused when the authority refused', () => {
    const refused = good.answer(timeStampRequest(imprint, { nonce, policy: '9.9.9' }));
    expect(verifyTimeStamp(refused, expectationFor(good))).toEqual({ ok: false, fault: 'not-granted' });
  });

  it('is refused under an expired certificate', () => {
    const expired = authorityOf({ days: -1 });
    expect(verifyTimeStamp(expired.answer(request), expectationFor(expired))).toEqual({ ok: false, fault: 'untrusted' });
  });

  it('is refused under a key that is too short', () => {
    const weak = authorityOf({ key: 'rsa:1024' });
    expect(verifyTimeStamp(weak.answer(request), expectationFor(weak))).toEqual({ ok: false, fault: 'untrusted' });
  });
});

describe('a time-stamp that was signed by hand', () => {
  it('is good under a certificate for time-stamping, which shows that the cases below fail for their own reason', () => {
    expect(verifyTimeStamp(good.signAgain(answer), expectationFor(good))).toMatchObject({ ok: true });
  });

  it.each([
    ['no purpose', ['keyUsage=critical,digitalSignature'], 'wrong-purpose'],
    ['another purpose', ['extendedKeyUsage=critical,serverAuth'], 'wrong-purpose'],
    ['a second purpose', ['extendedKeyUsage=critical,timeStamping,serverAuth'], 'wrong-purpose'],
    ['a purpose that is not critical', ['extendedKeyUsage=timeStamping'], 'wrong-purpose'],
    ['a key for other uses', ['extendedKeyUsage=critical,timeStamping', 'keyUsage=critical,keyEncipherment'], 'wrong-purpose'],
    ['a critical extension that nobody knows', ['extendedKeyUsage=critical,timeStamping', '1.2.3.4=critical,DER:0500'], 'untrusted'],
  ] as const)('is refused under a certificate with %s', (_what, extensions, fault) => {
    const other = authorityOf({ extensions });
    expect(verifyTimeStamp(other.signAgain(answer), expectationFor(other))).toEqual({ ok: false, fault });
  });

  it('is refused without the digest of its certificate, without attributes, and with SHA-1', () => {
    expect(verifyTimeStamp(good.signAgain(answer, ['-md', 'sha256']), expectationFor(good))).toEqual({ ok: false, fault: 'bad-signature' });
    expect(verifyTimeStamp(good.signAgain(answer, ['-noattr', '-md', 'sha256']), expectationFor(good))).toEqual({ ok: false, fault: 'bad-signature' });
    expect(verifyTimeStamp(good.signAgain(answer, ['-cades', '-md', 'sha1']), expectationFor(good))).toEqual({ ok: false, fault: 'weak-algorithm' });
  });
});

describe('any bytes', () => {
  it('are refused without an exception, also a good answer of which one byte differs', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(verifyTimeStamp(Buffer.from(bytes), expectationFor(good)).ok).toBe(false);
    }));
    const roots = trustedStampRoots(good.caPem);
    const at = verifyTimeStamp(answer, expectationFor(good, { roots }));
    fc.assert(fc.property(fc.nat({ max: answer.length - 1 }), fc.integer({ min: 1, max: 255 }), (index, flip) => {
      const changed = Buffer.from(answer);
      changed[index] = (changed[index] ?? 0) ^ flip;
      const verdict = verifyTimeStamp(changed, expectationFor(good, { roots }));
      // Some bytes decide nothing (an outer tag's form); what is stated never changes.
      if (verdict.ok) expect(verdict).toEqual(at);
    }), { numRuns: 400 });
  });

  it('nested deeply are refused', () => {
    expect(verifyTimeStamp(Buffer.from('30808'.repeat(20_000), 'hex'), expectationFor(good))).toEqual({ ok: false, fault: 'unreadable' });
  });
});
