import { describe, expect, it } from '@jest/globals';
import type { LookupAddress } from 'node:dns';
import fc from 'fast-check';
import { classifyAddress, isLoopbackHost, permitsAddress } from '../../../src/net/address-guard.js';
import { guardedLookup } from '../../../src/net/guarded-connect.js';

describe('classes of addresses', () => {
  it.each([
    ['8.8.8.8', 'public'], ['203.162.0.1', 'public'], ['2001:ee0::1', 'public'], ['172.32.0.1', 'public'], ['11.0.0.1', 'public'],
    ['10.0.0.1', 'private'], ['172.16.0.1', 'private'], ['172.31.255.255', 'private'], ['192.168.1.1', 'private'], ['100.64.0.1', 'private'], ['fd12::1', 'private'],
    ['127.0.0.1', 'loopback'], ['127.255.0.1', 'loopback'], ['::1', 'loopback'], ['0:0:0:0:0:0:0:1', 'loopback'],
    ['0.0.0.0', 'forbidden'], ['169.254.169.254', 'forbidden'], ['169.254.0.1', 'forbidden'], ['224.0.0.1', 'forbidden'], ['255.255.255.255', 'forbidden'],
    ['100.100.100.200', 'forbidden'], ['168.63.129.16', 'forbidden'], ['fd00:ec2::254', 'forbidden'], ['fe80::1', 'forbidden'], ['ff02::1', 'forbidden'], ['::', 'forbidden'],
    ['::ffff:127.0.0.1', 'forbidden'], ['::ffff:7f00:1', 'forbidden'], ['::ffff:8.8.8.8', 'forbidden'], ['::ffff:169.254.169.254', 'forbidden'], ['::127.0.0.1', 'forbidden'],
    ['64:ff9b::7f00:1', 'forbidden'], ['2002:7f00:1::1', 'forbidden'], ['2001::1', 'forbidden'], ['fe80::1%eth0', 'forbidden'],
    ['2130706433', 'forbidden'], ['0x7f.1', 'forbidden'], ['127.1', 'forbidden'], ['', 'forbidden'], ['localhost', 'forbidden'],
  ])('%s is %s', (address, expected) => {
    expect(classifyAddress(address)).toBe(expected);
  });

  it('never permits what is forbidden, whatever the rules, and all that is public', () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.boolean(), fc.boolean(), (address, allowPrivate, allowLoopback) => {
      const kind = classifyAddress(address);
      const expected = { public: true, private: allowPrivate, loopback: allowLoopback, forbidden: false }[kind];
      expect(permitsAddress(address, { allowPrivate, allowLoopback })).toBe(expected);
    }));
  });

  it.each([['localhost', true], ['LOCALHOST.', true], ['x.localhost', true], ['127.0.0.1', true], ['[::1]', true], ['localhost.evil.vn', false], ['10.0.0.1', false], ['ss', false]])(
    'the configured host %s is this machine: %s', (host, expected) => { expect(isLoopbackHost(host)).toBe(expected); });
});

describe('a lookup that checks what it hands on', () => {
  const resolving = (addresses: readonly string[]) => (_host: string, _family: number, done: (error: null, found: readonly LookupAddress[]) => void): void => {
    done(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
  const lookUp = (addresses: readonly string[], all: boolean): unknown => {
    const seen: unknown[] = [];
    guardedLookup({ allowPrivate: true, allowLoopback: false }, resolving(addresses))('party.example', { all }, (error, found) => { seen.push(error === null ? found : (error as { code?: string }).code); });
    return seen[0];
  };

  it('gives the addresses that it checked', () => {
    expect(lookUp(['10.1.2.3', '2001:ee0::1'], false)).toBe('10.1.2.3');
    expect(lookUp(['10.1.2.3', '2001:ee0::1'], true)).toEqual([{ address: '10.1.2.3', family: 4 }, { address: '2001:ee0::1', family: 6 }]);
  });

  it.each([[['127.0.0.1']], [['169.254.169.254']], [['8.8.8.8', '127.0.0.1']], [['::ffff:10.0.0.1']], [[]]])('refuses a name that leads to %j', (addresses) => {
    expect(lookUp(addresses, true)).toBe('ERR_ADDRESS_REFUSED');
    expect(lookUp(addresses, false)).toBe('ERR_ADDRESS_REFUSED');
  });
});
