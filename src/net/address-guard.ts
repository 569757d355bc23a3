import { BlockList, isIP } from 'node:net';

export type AddressClass = 'public' | 'private' | 'loopback' | 'forbidden';

/** Whom one configured host may turn out to be. `forbidden` addresses are refused whatever is configured. */
export interface AddressRules {
  readonly allowPrivate: boolean;
  readonly allowLoopback: boolean;
}

const blockListOf = (ranges: readonly string[]): BlockList => {
  const found = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix = ''] = range.split('/');
    found.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return found;
};

const LOOPBACK = blockListOf(['127.0.0.0/8', '::1/128']);

/** RFC 1918, carrier-grade NAT (RFC 6598) and unique local addresses (RFC 4193). */
const PRIVATE = blockListOf(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']);

const FORBIDDEN = blockListOf([
  // "This host", link-local, protocol assignments, documentation, benchmarks, multicast, reserved and broadcast.
  '0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3',
  'fe80::/10', 'fec0::/10', 'ff00::/8', '2001:db8::/32', '100::/64',
  // Cloud metadata services outside link-local: Alibaba, Azure, AWS over IPv6.
  '100.100.100.200/32', '168.63.129.16/32', 'fd00:ec2::254/128',
  // An IPv4 address inside: NAT64, 6to4, Teredo. None of them is the address that it seems to be.
  '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32',
]);

/** The deprecated form `::a.b.c.d`, and `::ffff:a.b.c.d`. No resolver of an honest party gives one. */
const MAPPED = blockListOf(['::ffff:0:0/96']);
const COMPATIBLE = blockListOf(['::/96']);

/** What kind of place an address is. Anything that is no address in its usual notation is forbidden. */
export const classifyAddress = (address: string): AddressClass => {
  const family = isIP(address);
  // A zone such as %eth0 exists for link-local addresses only.
  if (family === 0 || address.includes('%')) return 'forbidden';
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  // First: BlockList takes a mapped address for the IPv4 address inside it.
  if (family === 6 && MAPPED.check(address, kind)) return 'forbidden';
  if (LOOPBACK.check(address, kind)) return 'loopback';
  if (FORBIDDEN.check(address, kind) || (family === 6 && COMPATIBLE.check(address, kind))) return 'forbidden';
  return PRIVATE.check(address, kind) ? 'private' : 'public';
};

export const permitsAddress = (address: string, rules: AddressRules): boolean => {
  const kind = classifyAddress(address);
  return kind === 'public' || (kind === 'private' && rules.allowPrivate) || (kind === 'loopback' && rules.allowLoopback);
};

/** Host of a URL without the brackets of an IPv6 address. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** Does the configuration itself say "this machine"? Only then may a connection end here. */
export const isLoopbackHost = (hostname: string): boolean => {
  const host = bareHost(hostname).toLowerCase().replace(/\.$/, '');
  return host === 'localhost' || host.endsWith('.localhost') || classifyAddress(host) === 'loopback';
};
