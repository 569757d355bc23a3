import type { IncomingMessage } from 'node:http';
import { addressList, plainAddress } from '../net/address-list.js';
import type { CallbackPeer } from './callback-receiver-port.js';

export interface PeerSettings {
  /** Proxies whose headers are believed; none by default. */
  readonly trustedProxies: readonly string[];
  /** Lower-case header in which such a proxy names the subject of the client certificate it verified; null for none. */
  readonly certificateHeader: string | null;
}

export type PeerReader = (request: IncomingMessage) => CallbackPeer;

const only = (value: string | string[] | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Who calls. From a stranger no header is believed: anyone can write one. */
export const createPeerReader = ({ trustedProxies, certificateHeader }: PeerSettings): PeerReader => {
  const proxies = addressList(trustedProxies);
  return (request) => {
    const socketAddress = plainAddress(request.socket.remoteAddress ?? '');
    if (!proxies.includes(socketAddress)) return { address: socketAddress, certificate: null };
    const hops = (only(request.headers['x-forwarded-for']) ?? '').split(',').map((hop) => plainAddress(hop.trim())).filter((hop) => hop !== '');
    // Read from the right: what stands left of the last trusted hop was written by whoever called it.
    const address = hops.findLast((hop) => !proxies.includes(hop)) ?? socketAddress;
    return { address, certificate: certificateHeader === null ? null : only(request.headers[certificateHeader]) };
  };
};
