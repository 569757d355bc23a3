import { BlockList, isIP } from 'node:net';

/** Addresses and networks (`10.0.0.0/8`, `2001:db8::1`). */
export interface AddressList {
  includes(address: string): boolean;
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An IPv4 caller of a socket that listens on IPv6 is told as `::ffff:a.b.c.d`. */
export const plainAddress = (address: string): string => MAPPED.exec(address)?.[1] ?? address;

/** @throws RangeError naming the entry that is neither an address nor a network */
export const addressList = (entries: readonly string[]): AddressList => {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : bits + 1;
    if (family === 0 || length > bits) throw new RangeError(`${entry} is neither an address nor a network`);
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return {
    includes: (address) => {
      const plain = plainAddress(address);
      const family = isIP(plain);
      return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
    },
  };
};
