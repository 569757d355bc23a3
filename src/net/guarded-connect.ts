import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { bareHost, isLoopbackHost, permitsAddress } from './address-guard.js';
import type { AddressRules } from './address-guard.js';

/** What we show and what we trust in TLS; PEM texts, null where the system's own roots or no client certificate apply. */
export interface TlsIdentity {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

export const PLAIN_TLS: TlsIdentity = { ca: null, cert: null, key: null };

/** A name led to an address that the configuration does not cover. The address is not told: it came from outside. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
  readonly code = 'ERR_ADDRESS_REFUSED';
  constructor() {
    super('The host leads to an address that outgoing calls may not reach');
  }
}

export type ResolveAll = (hostname: string, family: number, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void;

const resolveWithSystem: ResolveAll = (hostname, family, done) => { lookup(hostname, { all: true, family }, done); };

const familyOf = (family: number | 'IPv4' | 'IPv6' | undefined): number => (family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family ?? 0);

/**
 * A lookup for `net.connect` that hands on only addresses it has checked itself, so a second answer of the name server changes nothing.
 * One refused address among several refuses the name: an honest name has no reason to carry it.
 */
export const guardedLookup = (rules: AddressRules, resolve: ResolveAll = resolveWithSystem): LookupFunction => (hostname, options, callback) => {
  resolve(hostname, familyOf(options.family), (error, addresses) => {
    const first = addresses?.[0];
    if (error !== null) callback(error, '', 0);
    else if (first === undefined || addresses.some(({ address }) => !permitsAddress(address, rules))) callback(new AddressRefusedError(), '', 0);
    else if (options.all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  });
};

export interface GuardedConnectOptions {
  /** Origin of the configuration; connections to any other host are refused. */
  readonly origin: URL;
  readonly allowPrivate: boolean;
  readonly connectTimeoutMs: number;
  readonly tls?: TlsIdentity;
  readonly resolve?: ResolveAll;
}

/**
 * Opens connections to one configured origin, for undici's `connect`. Certificates are always verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says;
 * a pinned CA replaces the system's roots.
 * @throws through undici: AddressRefusedError, and what net and tls report
 */
export const guardedConnector = (options: GuardedConnectOptions): buildConnector.connector => {
  const host = bareHost(options.origin.hostname);
  const rules: AddressRules = { allowPrivate: options.allowPrivate, allowLoopback: isLoopbackHost(host) };
  const { ca, cert, key } = options.tls ?? PLAIN_TLS;
  const connect = buildConnector({
    timeout: options.connectTimeoutMs,
    lookup: guardedLookup(rules, options.resolve),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  });
  return (target, callback) => {
    const asked = bareHost(target.hostname);
    // net.connect looks up names only, so a literal address is judged here.
    const isRefused = asked !== host || (isIP(asked) !== 0 && !permitsAddress(asked, rules));
    if (isRefused) callback(new AddressRefusedError(), null);
    else connect(target, (...[error, socket]) => {
      // A TLS alert after the handshake comes as `error` and then `end`; without this undici would report only the end.
      socket?.once('error', (reason: Error) => { socket.destroy(reason); });
      if (error === null) callback(null, socket);
      else callback(error, null);
    });
  };
};
