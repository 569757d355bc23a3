import { describe, expect, it } from '@jest/globals';
import { createProxyTrust } from '../../../src/server/proxy-trust.js';

const request = (remoteAddress: string, forwarded?: string): never => ({ socket: { remoteAddress }, headers: { ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }), 'x-real-ip': '6.6.6.6' } }) as never;

describe('forwarded headers', () => {
  it('are nobody\'s to set where no proxy is named', () => {
    const trust = createProxyTrust([]);
    expect(trust.addressOf(request('127.0.0.1', '6.6.6.6'))).toBe('127.0.0.1');
    expect(trust.isProxy('127.0.0.1')).toBe(false);
  });

  it('are believed of a named proxy only, as far as proxies wrote them', () => {
    const trust = createProxyTrust(['10.0.0.0/8', 'loopback']);
    expect(trust.addressOf(request('10.1.2.3', '203.0.113.9'))).toBe('203.0.113.9');
    expect(trust.addressOf(request('10.1.2.3', '6.6.6.6, 203.0.113.9, 10.9.9.9'))).toBe('203.0.113.9');
    expect(trust.addressOf(request('::ffff:10.1.2.3', '203.0.113.9'))).toBe('203.0.113.9');
    expect(trust.addressOf(request('192.0.2.1', '203.0.113.9'))).toBe('192.0.2.1');
    expect([trust.isProxy('127.0.0.1'), trust.isProxy('11.0.0.1'), trust.isProxy(undefined)]).toEqual([true, false, false]);
  });

  it('take no list that says nothing', () => {
    expect(() => createProxyTrust(['everyone'])).toThrow(TypeError);
  });
});
