import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { BasicConstraints, Certificate, ExtendedKeyUsage, KeyUsage, KeyUsageFlags } from '@peculiar/asn1-x509';

const OID = { basicConstraints: '2.5.29.19', keyUsage: '2.5.29.15', extendedKeyUsage: '2.5.29.37', policies: '2.5.29.32' } as const;
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
/** What this program understands; a certificate with any other critical extension is refused (RFC 5280, 4.2). Name constraints are among those. */
const UNDERSTOOD: ReadonlySet<string> = new Set(Object.values(OID));
/** RSA and ECDSA with SHA-256, -384 and -512, RSASSA-PSS, Ed25519: no authority may be vouched for by SHA-1. */
const STRONG_SIGNATURES: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11', '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13', '1.2.840.113549.1.1.10',
  '1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.4', '1.3.101.112',
]);
const MIN_RSA_BITS = 2_048;
/** Links between the authority's certificate and a trusted one; more than any public key infrastructure has. */
const MAX_LINKS = 6;

/** A certificate in both readings: OpenSSL's, for names and signatures, and that of its extensions. */
export interface StampCertificate {
  readonly x509: X509Certificate;
  readonly asn: Certificate;
}

/** Throws for what is no certificate. */
export const stampCertificate = (der: Buffer): StampCertificate => ({ x509: new X509Certificate(der), asn: AsnConvert.parse(der, Certificate) });

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Every certificate of a PEM text; each is trusted by itself. Throws for a text that holds what is none. */
export const trustedStampRoots = (pem: string): readonly StampCertificate[] => (pem.match(PEM_BLOCK) ?? []).map((block) => stampCertificate(new X509Certificate(block).raw));

const extensionOf = ({ asn }: StampCertificate, oid: string) => (asn.tbsCertificate.extensions ?? []).find(({ extnID }) => extnID === oid);

const keyUsageOf = (certificate: StampCertificate): number | null => {
  const extension = extensionOf(certificate, OID.keyUsage);
  return extension === undefined ? null : AsnConvert.parse(extension.extnValue.buffer, KeyUsage).toNumber();
};

const isStrongKey = ({ x509: { publicKey } }: StampCertificate): boolean =>
  publicKey.asymmetricKeyType !== 'rsa' || (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;

/** RFC 3161, 2.3: one extended key usage, critical, time-stamping and nothing else. */
export const isForTimeStamping = (certificate: StampCertificate): boolean => {
  const extension = extensionOf(certificate, OID.extendedKeyUsage);
  if (extension?.critical !== true) return false;
  const usages = [...AsnConvert.parse(extension.extnValue.buffer, ExtendedKeyUsage)];
  const keyUsage = keyUsageOf(certificate);
  return usages.length === 1 && usages[0] === TIME_STAMPING
    && (keyUsage === null || (keyUsage & (KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation)) !== 0);
};

const isValidAt = ({ x509 }: StampCertificate, at: Date): boolean => at >= new Date(x509.validFrom) && at <= new Date(x509.validTo);

const isUnderstood = ({ asn }: StampCertificate): boolean =>
  (asn.tbsCertificate.extensions ?? []).every(({ critical, extnID }) => !critical || UNDERSTOOD.has(extnID));

/** Whether it may issue a certificate under which `below` others stand. */
const mayIssue = (certificate: StampCertificate, below: number): boolean => {
  const extension = extensionOf(certificate, OID.basicConstraints);
  if (extension === undefined) return false;
  const { cA, pathLenConstraint } = AsnConvert.parse(extension.extnValue.buffer, BasicConstraints);
  const keyUsage = keyUsageOf(certificate);
  return cA && (pathLenConstraint === undefined || pathLenConstraint >= below) && (keyUsage === null || (keyUsage & KeyUsageFlags.keyCertSign) !== 0);
};

const hasIssued = (issuer: StampCertificate, certificate: StampCertificate): boolean =>
  certificate.x509.checkIssued(issuer.x509) && STRONG_SIGNATURES.has(certificate.asn.signatureAlgorithm.algorithm) && isStrongKey(issuer)
  && certificate.x509.verify(issuer.x509.publicKey);

export interface ChainQuestion {
  readonly roots: readonly StampCertificate[];
  /** What the authority sent along; trusted only as far as the roots vouch for it. */
  readonly others: readonly StampCertificate[];
  readonly at: Date;
}

/** Whether a chain of certificates, all valid at that time, leads from this one to a trusted one, or it is trusted itself. Revocation is not asked. */
export const isTrusted = (certificate: StampCertificate, question: ChainQuestion, links = 0): boolean => {
  const { roots, others, at } = question;
  if (links > MAX_LINKS || !isValidAt(certificate, at) || !isUnderstood(certificate) || !isStrongKey(certificate)) return false;
  if (roots.some(({ x509 }) => x509.raw.equals(certificate.x509.raw))) return true;
  const issuers = [...roots, ...others].filter((issuer) => mayIssue(issuer, links) && hasIssued(issuer, certificate));
  return issuers.some((issuer) => isTrusted(issuer, { ...question, others: others.filter((other) => other !== issuer) }, links + 1));
};
