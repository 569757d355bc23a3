import type { IncomingMessage } from 'node:http';
import { plainAddress } from '../net/address-list.js';
import { createProxyTrust } from '../server/proxy-trust.js';
import type { CallbackPeer } from './callback-receiver-port.js';

export interface PeerSettings {
  /** Proxies whose headers are believed, as `TRUSTED_PROXY` lists them; none by default. */
  readonly trustedProxies: readonly string[];
  /** Lower-case header in which such a proxy names the subject of the client certificate it verified; null for none. */
  readonly certificateHeader: string | null;
}

export type PeerReader = (request: IncomingMessage) => CallbackPeer;

const only = (value: string | string[] | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Who calls. From a stranger no header is believed: anyone can write one. */
export const createPeerReader = ({ trustedProxies, certificateHeader }: PeerSettings): PeerReader => {
  const proxies = createProxyTrust(trustedProxies);
  return (request) => {
    const address = plainAddress(proxies.addressOf(request));
    const isVouchedFor = certificateHeader !== null && proxies.isProxy(request.socket.remoteAddress);
    return { address, certificate: isVouchedFor ? only(request.headers[certificateHeader]) : null };
  };
};
