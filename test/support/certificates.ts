import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator, cryptoProvider } from '@peculiar/x509';
import type { X509Certificate } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Issued {
  /** A certificate for the host name or address; `expired` makes it end yesterday. */
  issue(host: string, options?: { readonly expired?: boolean }): Promise<Issued>;
}

type Keys = webcrypto.CryptoKeyPair;

const newKeys = (): Promise<Keys> => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const pemOf = async (certificate: X509Certificate, keys: Keys): Promise<Issued> => {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n` };
};

const nameOf = (host: string): SubjectAlternativeNameExtension =>
  new SubjectAlternativeNameExtension([{ type: /^[\d.]+$/.test(host) ? 'ip' : 'dns', value: host }]);

/** A certificate authority made at run time; nothing of it is kept. */
export const createAuthority = async (name: string): Promise<Authority> => {
  cryptoProvider.set(webcrypto as never);
  const keys = await newKeys();
  const now = Date.now();
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01', name: `CN=${name}`, notBefore: new Date(now - 30 * DAY_MS), notAfter: new Date(now + 30 * DAY_MS),
    signingAlgorithm: ALGORITHM, keys, extensions: [new BasicConstraintsExtension(true, 1, true)],
  });
  return {
    ...(await pemOf(root, keys)),
    issue: async (host, { expired = false } = {}) => {
      const own = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        serialNumber: '02', subject: `CN=${host}`, issuer: root.subject, notBefore: new Date(now - 10 * DAY_MS),
        notAfter: new Date(now + (expired ? -1 : 10) * DAY_MS), signingAlgorithm: ALGORITHM, publicKey: own.publicKey, signingKey: keys.privateKey,
        extensions: [nameOf(host)],
      });
      return pemOf(certificate, own);
    },
  };
};

/** A certificate that vouches for itself. */
export const selfSigned = async (host: string): Promise<Issued> => {
  cryptoProvider.set(webcrypto as never);
  const keys = await newKeys();
  return pemOf(await X509CertificateGenerator.createSelfSigned({
    serialNumber: '03', name: `CN=${host}`, notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: ALGORITHM, keys, extensions: [nameOf(host)],
  }), keys);
};
