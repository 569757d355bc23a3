import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { createPeerReader } from '../../../src/callbacks/callback-peer.js';
import { expectedSkew, medianOf } from '../../../src/callbacks/clock-skew.js';
import { addressList } from '../../../src/net/address-list.js';

const from = (remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage => ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

describe('who calls', () => {
  const peerOf = createPeerReader({ trustedProxies: ['10.0.0.0/8', '::1'], certificateHeader: 'x-client-subject' });
  const forged = { 'x-forwarded-for': '1.1.1.1', 'x-client-subject': 'CN=bank' };

  it('is the socket for a stranger, whatever it writes', () => {
    expect(peerOf(from('8.8.8.8', forged))).toEqual({ address: '8.8.8.8', certificate: null });
    expect(createPeerReader({ trustedProxies: [], certificateHeader: 'x-client-subject' })(from('10.0.0.1', forged))).toEqual({ address: '10.0.0.1', certificate: null });
  });

  it.each([
    [{ 'x-forwarded-for': '1.1.1.1' }, '1.1.1.1'], [{ 'x-forwarded-for': '6.6.6.6, 1.1.1.1' }, '1.1.1.1'], [{ 'x-forwarded-for': '6.6.6.6, 1.1.1.1, 10.9.9.9' }, '1.1.1.1'], [{}, '10.0.0.1'],
  ])('is read from the right of what a trusted proxy tells: %j', (headers, address) => {
    expect(peerOf(from('::ffff:10.0.0.1', headers)).address).toBe(address);
  });

  it('has the certificate that a trusted proxy verified', () => {
    expect(peerOf(from('10.0.0.1', forged)).certificate).toBe('CN=bank');
  });
});

describe('address lists', () => {
  const list = addressList(['203.0.113.0/28', '198.51.100.7', '2001:db8::/64']);
  it.each([['203.0.113.15', true], ['203.0.113.16', false], ['::ffff:203.0.113.1', true], ['198.51.100.7', true], ['198.51.100.8', false], ['2001:db8::5', true], ['2001:db8:1::5', false], ['', false], ['x', false]])(
    '%s: %s', (address, expected) => { expect(list.includes(address)).toBe(expected); });
  it.each(['x', '1.2.3.4/33', '1.2.3.4/-1', '1.2.3.4/', '::1/129', ''])('%j is no entry', (entry) => { expect(() => addressList([entry])).toThrow(RangeError); });
});

describe('skew', () => {
  it('is the median, and zero while there are too few samples', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1])).toBe(2.5);
    expect(expectedSkew([1_000, 1_000, 1_000, 1_000])).toBe(0);
    expect(expectedSkew([1_000, 1_000, 900, 1_100, 3_600_000])).toBe(1_000);
  });
});
