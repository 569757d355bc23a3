import { describe, expect, it } from '@jest/globals';
import { classify } from '../../../adapters/support/classify.js';
import { parseRetryAfter } from '../../../adapters/support/retry-after.js';
import type { Signal } from '../../../adapters/support/signals.js';

const status = (code: number, faultCode: string | null = null, retryAfterMs: number | null = null): Signal => ({ kind: 'status', status: code, faultCode, retryAfterMs });

describe('classify', () => {
  it.each<[string, Signal, string, string]>([
    ['a refused connection', { kind: 'not-sent', code: 'connection-refused' }, 'unavailable', 'unavailable'],
    ['an unknown host', { kind: 'not-sent', code: 'dns' }, 'unavailable', 'unavailable'],
    ['a failed handshake', { kind: 'not-sent', code: 'tls' }, 'unavailable', 'unavailable'],
    ['a certificate that we do not trust', { kind: 'not-sent', code: 'certificate' }, 'refused-credentials', 'refused-credentials'],
    ['a timeout before sending', { kind: 'not-sent', code: 'timeout-before-sent' }, 'unavailable', 'unavailable'],
    ['a timeout', { kind: 'lost', code: 'timeout' }, 'unavailable', 'outcome-unknown'],
    ['a reset', { kind: 'lost', code: 'reset' }, 'unavailable', 'outcome-unknown'],
    ['500', status(500), 'unavailable', 'outcome-unknown'],
    ['504', status(504), 'unavailable', 'outcome-unknown'],
    ['408', status(408), 'unavailable', 'outcome-unknown'],
    ['a suspended backend', status(503, '303001'), 'unavailable', 'unavailable'],
    ['throttling by code', status(503, '900802'), 'rate-limited', 'rate-limited'],
    ['429', status(429), 'rate-limited', 'rate-limited'],
    ['401', status(401, '900901'), 'refused-credentials', 'refused-credentials'],
    ['403', status(403), 'refused-credentials', 'refused-credentials'],
    ['400', status(400), 'bad-request', 'bad-request'],
    ['404', status(404), 'bad-request', 'bad-request'],
    ['a redirect', status(302), 'bad-reply', 'bad-reply'],
    ['HTML', { kind: 'html' }, 'unavailable', 'outcome-unknown'],
    ['"busy"', { kind: 'busy' }, 'unavailable', 'outcome-unknown'],
    ['an unreadable body', { kind: 'unreadable', code: 'json-invalid' }, 'bad-reply', 'bad-reply'],
    ['a refused session', { kind: 'refused-session' }, 'refused-credentials', 'refused-credentials'],
  ])('%s', (_what, signal, onRead, onWrite) => {
    expect(classify(signal, 'read').kind).toBe(onRead);
    expect(classify(signal, 'keyed').kind).toBe(onWrite);
    expect(classify(signal, 'unsafe').kind).toBe(onWrite);
  });

  it('hands the told delay on', () => {
    expect(classify(status(429, null, 3000), 'read')).toEqual({ kind: 'rate-limited', code: 'http-429', retryAfterMs: 3000 });
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-03-15T00:00:00Z');
  it.each<[string | undefined, number | null]>([
    ['120', 120_000], ['0', 0], [' 5 ', 5_000], ['Sun, 15 Mar 2026 00:01:00 GMT', 60_000], ['Sat, 14 Mar 2026 00:00:00 GMT', 0],
    ['999999999', 86_400_000], ['-5', null], ['soon', null], ['1.5', null], ['', null], [undefined, null],
  ])('%p is %p ms', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});
