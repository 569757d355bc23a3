import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { CertificateSettings } from '../config/access-keys.js';
import type { AccessRequest, Proof } from './authenticator.js';
import type { Caller } from './caller.js';

/** A certificate of a large key with a long chain of names stays below. */
const MAX_LENGTH = 16_384;

/** SHA-256 of the certificate that a header holds, in any of the forms that proxies send; null for anything else. */
const fingerprintOf = (header: string): Buffer | null => {
  if (header.length > MAX_LENGTH) return null;
  if (/^[0-9a-f]{64}$/i.test(header)) return Buffer.from(header, 'hex');
  try {
    const text = header.includes('%') ? decodeURIComponent(header) : header;
    const der = text.includes('BEGIN CERTIFICATE') ? text : Buffer.from(text.replace(/^:|:$/g, ''), 'base64');
    return createHash('sha256').update(new X509Certificate(der).raw).digest();
  } catch {
    return null;
  }
};

/**
 * Callers whose certificate a TLS proxy has checked. Only what comes from a proxy's own address is looked at: from anybody else
 * the header means nothing. The proxy must set or remove the header on each request.
 */
export const createCertificateProof = ({ header, proxies, certificates }: CertificateSettings): Proof => {
  const known = certificates.map(({ digest, client, role }) => ({ digest, caller: Object.freeze({ client, role, agencyScope: null }) }));
  const isProxy = (address: string): boolean => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
    return isIP(plain) !== 0 && proxies.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
  return {
    check: ({ headers, socket }: AccessRequest): Caller | null | undefined => {
      const given = headers[header];
      if (given === undefined || given === '' || !isProxy(socket.remoteAddress ?? '')) return undefined;
      const fingerprint = typeof given === 'string' ? fingerprintOf(given) : null;
      return known.find(({ digest }) => fingerprint !== null && timingSafeEqual(digest, fingerprint))?.caller ?? null;
    },
  };
};
