import { describe, expect, it } from '@jest/globals';
import { findTotpStep, newTotpSecret, otpauthUri, totpCode, totpStepAt } from '../../../src/access/totp.js';

/** Base32 of RFC 6238's "12345678901234567890". */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('codes of authenticator apps', () => {
  // RFC 6238, appendix B, SHA-1; the last six of its eight digits.
  it.each([[59, '287082'], [1_111_111_109, '081804'], [1_111_111_111, '050471'], [1_234_567_890, '005924'], [2_000_000_000, '279037'], [20_000_000_000, '353130']])('at %i s are those of RFC 6238', (seconds, code) => {
    expect(totpCode(RFC_SECRET, totpStepAt(new Date(seconds * 1_000)))).toBe(code);
  });

  it('are taken one step early and late, and not two', () => {
    const at = new Date(2_000_000_000_000);
    const step = totpStepAt(at);
    const taken = [-2, -1, 0, 1, 2].map((offset) => findTotpStep(RFC_SECRET, totpCode(RFC_SECRET, step + offset), at));
    expect(taken).toEqual([null, step - 1, step, step + 1, null]);
  });

  it.each(['', '27903', '2790370', '27903a', ' 279037', '２７９０３７'])('are six plain digits: not "%s"', (code) => {
    expect(findTotpStep(RFC_SECRET, code, new Date(2_000_000_000_000))).toBeNull();
  });

  it('come from secrets of 160 bits, which the otpauth address carries', () => {
    const secret = newTotpSecret();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(otpauthUri(secret, 'an.nguyen')).toBe(`otpauth://totp/Onestop:an.nguyen?secret=${secret}&issuer=Onestop&algorithm=SHA1&digits=6&period=30`);
  });
});
