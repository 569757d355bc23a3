import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/** Which senders are proxies of ours, whose forwarded headers are believed. */
export interface ProxyTrust {
  /** Whether a socket's address is that of a proxy of ours. */
  isProxy(address: string | undefined): boolean;
  /**
   * Address of whoever called. X-Forwarded-For is believed as far as it was written by proxies of ours; from anybody else it is
   * ignored, as are all other forwarded headers.
   */
  addressOf(request: Pick<IncomingMessage, 'headers' | 'socket'>): string;
}

/** `proxies`: addresses, networks such as `10.0.0.0/8`, or `loopback`, `linklocal`, `uniquelocal`. Throws TypeError on anything else. */
export const createProxyTrust = (proxies: readonly string[]): ProxyTrust => {
  const trusted = proxyAddr.compile([...proxies]);
  return {
    isProxy: (address) => address !== undefined && trusted(address, 0),
    addressOf: (request) => (proxies.length === 0 ? request.socket.remoteAddress ?? 'unknown' : proxyAddr(request as IncomingMessage, trusted)),
  };
};
