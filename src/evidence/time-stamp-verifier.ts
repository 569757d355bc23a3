import { createHash, verify, type KeyObject } from 'node:crypto';
import { ContentInfo, SignedData, type SignerInfo } from '@peculiar/asn1-cms';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { PKIStatus, TimeStampResp, TSTInfo, id_ct_tstInfo } from '@peculiar/asn1-tsp';
import { Constructed, ObjectIdentifier, Sequence, fromBER, OctetString as RawOctetString, type BaseBlock } from 'asn1js';
import { isForTimeStamping, isTrusted, stampCertificate, type StampCertificate } from './stamp-certificates.js';
import type { StampFault, StampVerdict } from './time-stamp.js';
import { SHA256_OID, plainBuffer } from './time-stamp-request.js';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const ATTRIBUTE = { contentType: '1.2.840.113549.1.9.3', messageDigest: '1.2.840.113549.1.9.4', certificate: '1.2.840.113549.1.9.16.2.12', certificateV2: '1.2.840.113549.1.9.16.2.47' } as const;
const HASHES: Readonly<Record<string, string>> = { [SHA256_OID]: 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384', '2.16.840.1.101.3.4.2.3': 'sha512' };
/** Algorithm of a signature → type of key. The plain forms name no hash; the signer's digest algorithm is used, and where both are named they must agree. */
const SIGNATURES: Readonly<Record<string, { readonly key: 'rsa' | 'ec'; readonly hash: string | null }>> = {
  '1.2.840.113549.1.1.1': { key: 'rsa', hash: null }, '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' }, '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' }, '1.2.840.10045.4.3.2': { key: 'ec', hash: 'sha256' }, '1.2.840.10045.4.3.3': { key: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', hash: 'sha512' },
};
const SET_TAG = 0x31;

export interface StampExpectation {
  /** SHA-256 of what was to be stamped. */
  readonly imprint: Buffer;
  readonly roots: readonly StampCertificate[];
  /** As sent; null where it is not known any more. */
  readonly nonce: Buffer | null;
  readonly policy: string | null;
}

class Refusal extends Error {
  readonly fault: StampFault;
  constructor(fault: StampFault) {
    super(fault);
    this.fault = fault;
  }
}

const demand = (condition: boolean, fault: StampFault): void => {
  if (!condition) throw new Refusal(fault);
};

interface OpenedStamp {
  readonly info: TSTInfo;
  /** What the signer's digest is made over. */
  readonly content: Buffer;
  readonly signer: SignerInfo;
  /** The signed attributes as they came, as the SET over which the signature is made (RFC 5652, 5.4). */
  readonly attributes: Buffer;
  readonly certificates: readonly StampCertificate[];
}

const CONTEXT_CLASS = 3;
const partsOf = (block: BaseBlock | undefined): readonly BaseBlock[] => (block instanceof Constructed ? block.valueBlock.value : []);
const firstTagged = (parts: readonly BaseBlock[]): BaseBlock | undefined => parts.find(({ idBlock }) => idBlock.tagClass === CONTEXT_CLASS && idBlock.tagNumber === 0);
const bytesOf = (block: BaseBlock): Buffer => Buffer.from(block.valueBeforeDecodeView);

/** Bytes that are hashed or signed as they came: asn1-schema keeps none of a repeated element, and would write certificates anew. */
const rawParts = (response: Buffer): Pick<OpenedStamp, 'attributes' | 'certificates'> => {
  const [, token] = partsOf(fromBER(plainBuffer(response)).result);
  const signedData = partsOf(partsOf(partsOf(token)[1])[0]);
  const attributes = firstTagged(partsOf(partsOf(signedData.at(-1))[0]));
  if (attributes === undefined) throw new Refusal('bad-signature');
  return { attributes: Buffer.concat([Buffer.of(SET_TAG), bytesOf(attributes).subarray(1)]), certificates: partsOf(firstTagged(signedData)).map((block) => stampCertificate(bytesOf(block))) };
};

const open = (response: Buffer): OpenedStamp => {
  const { status, timeStampToken } = AsnConvert.parse(response, TimeStampResp);
  demand(status.status === PKIStatus.granted || status.status === PKIStatus.grantedWithMods, 'not-granted');
  demand(timeStampToken instanceof ContentInfo && timeStampToken.contentType === SIGNED_DATA, 'unreadable');
  const signed = AsnConvert.parse(timeStampToken?.content ?? new ArrayBuffer(0), SignedData);
  const [signer, second] = [...signed.signerInfos];
  const content = signed.encapContentInfo.eContent?.single;
  if (signed.encapContentInfo.eContentType !== id_ct_tstInfo || content === undefined || signer === undefined || second !== undefined) throw new Refusal('unreadable');
  return { info: AsnConvert.parse(content.buffer, TSTInfo), content: Buffer.from(content.buffer), signer, ...rawParts(response) };
};

/** Read from the very bytes that are signed. Null unless there is one such attribute, of one value. */
const attributeOf = (attributes: Buffer, type: string): Buffer | null => {
  const found = partsOf(fromBER(plainBuffer(attributes)).result).map(partsOf).filter(([name]) => name instanceof ObjectIdentifier && name.getValue() === type);
  const [value, second] = found.flatMap(([, values]) => partsOf(values));
  return value === undefined || second !== undefined ? null : bytesOf(value);
};

/**
 * Digest of the signer's certificate (ESSCertID, RFC 2634 and 5816): it binds the signature to one certificate, so the other names of
 * the signer in the message decide nothing.
 */
const signerDigest = (attributes: Buffer): { readonly hash: string; readonly digest: Buffer } | null => {
  const v2 = attributeOf(attributes, ATTRIBUTE.certificateV2);
  const value = v2 ?? attributeOf(attributes, ATTRIBUTE.certificate);
  const listed = value === null ? null : fromBER(plainBuffer(value)).result;
  const [list] = listed instanceof Sequence ? listed.valueBlock.value : [];
  const [first] = list instanceof Sequence ? list.valueBlock.value : [];
  const [head, next] = first instanceof Sequence ? first.valueBlock.value : [];
  if (head instanceof RawOctetString) return { hash: v2 === null ? 'sha1' : 'sha256', digest: Buffer.from(head.valueBlock.valueHexView) };
  const [algorithm] = head instanceof Sequence ? head.valueBlock.value : [];
  const hash = algorithm instanceof ObjectIdentifier && v2 !== null ? HASHES[algorithm.getValue()] : undefined;
  return hash !== undefined && next instanceof RawOctetString ? { hash, digest: Buffer.from(next.valueBlock.valueHexView) } : null;
};

const findSigner = ({ attributes, certificates }: OpenedStamp): StampCertificate => {
  const named = signerDigest(attributes);
  const found = named === null ? undefined : certificates.find(({ x509 }) => createHash(named.hash).update(x509.raw).digest().equals(named.digest));
  if (found === undefined) throw new Refusal('bad-signature');
  return found;
};

const checkSignature = ({ signer, content, attributes }: OpenedStamp, key: KeyObject): void => {
  const hash = HASHES[signer.digestAlgorithm.algorithm];
  const scheme = SIGNATURES[signer.signatureAlgorithm.algorithm];
  if (hash === undefined || scheme === undefined) throw new Refusal('weak-algorithm');
  const [type, digest] = [attributeOf(attributes, ATTRIBUTE.contentType), attributeOf(attributes, ATTRIBUTE.messageDigest)];
  if (type === null || digest === null) throw new Refusal('bad-signature');
  const isOfContent = Buffer.from(AsnConvert.parse(digest, OctetString).buffer).equals(createHash(hash).update(content).digest());
  const stated = fromBER(plainBuffer(type)).result;
  demand(isOfContent && stated instanceof ObjectIdentifier && stated.getValue() === id_ct_tstInfo && (scheme.hash ?? hash) === hash && key.asymmetricKeyType === scheme.key, 'bad-signature');
  demand(verify(hash, attributes, key, Buffer.from(signer.signature.buffer)), 'bad-signature');
};

const integerOf = (bytes: ArrayBuffer | Buffer): bigint => BigInt(`0x${Buffer.from(bytes as ArrayBuffer).toString('hex') || '0'}`);

const check = (stamp: OpenedStamp, { imprint, nonce, policy, roots }: StampExpectation): Date => {
  const { info, certificates } = stamp;
  demand(info.messageImprint.hashAlgorithm.algorithm === SHA256_OID && Buffer.from(info.messageImprint.hashedMessage.buffer).equals(imprint), 'other-imprint');
  demand(nonce === null || (info.nonce !== undefined && integerOf(info.nonce) === integerOf(nonce)), 'other-nonce');
  demand(policy === null || info.policy === policy, 'other-policy');
  const signer = findSigner(stamp);
  checkSignature(stamp, signer.x509.publicKey);
  demand(isForTimeStamping(signer), 'wrong-purpose');
  demand(isTrusted(signer, { roots, others: certificates.filter((other) => other !== signer), at: info.genTime }), 'untrusted');
  return info.genTime;
};

/**
 * Checks a TimeStampResp with nothing but itself and the trusted certificates. Of any bytes: never throws. Certificates are judged at the
 * time that the stamp states, so a stamp stays good when its certificate has expired since.
 */
export const verifyTimeStamp = (response: Buffer, expected: StampExpectation): StampVerdict => {
  try {
    return { ok: true, at: check(open(response), expected) };
  } catch (error) {
    return { ok: false, fault: error instanceof Refusal ? error.fault : 'unreadable' };
  }
};
