import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { headDigest } from './canonical-digest.js';
import type { EvidenceHead } from './evidence.js';

/** An Ed25519 seed of 32 bytes and the id under which its public key is handed out. */
export interface SigningKey {
  readonly id: string;
  readonly key: Buffer;
}

/** A key that verifies: 32 raw bytes, base64. */
export interface EvidencePublicKey {
  readonly id: string;
  readonly publicKey: string;
}

const KEY_BYTES = 32;
// RFC 8410: what stands before the raw bytes of an Ed25519 key in PKCS #8 and in SubjectPublicKeyInfo.
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const privateKeyOf = (seed: Buffer): KeyObject => createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });

const rawPublicKey = (seed: Buffer): string =>
  createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length).toString('base64');

export const publicKeysOf = (keys: readonly SigningKey[]): readonly EvidencePublicKey[] => keys.map(({ id, key }) => ({ id, publicKey: rawPublicKey(key) }));

/** Ed25519 over the bytes, base64. */
export const signBytes = (bytes: Buffer, { key }: SigningKey): string => sign(null, bytes, privateKeyOf(key)).toString('base64');

/** Whether the key of that id signed these bytes; a key that is unknown or malformed proves nothing. */
export const isSigned = (bytes: Buffer, by: { readonly keyId: string; readonly signature: string }, keys: readonly EvidencePublicKey[]): boolean => {
  const raw = Buffer.from(keys.find(({ id }) => id === by.keyId)?.publicKey ?? '', 'base64');
  if (raw.length !== KEY_BYTES) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  return verify(null, bytes, key, Buffer.from(by.signature, 'base64'));
};

/** Signs with the given key, whose id becomes part of what is signed. */
export const signHead = (head: Omit<EvidenceHead, 'digest' | 'signature' | 'keyId'>, key: SigningKey): EvidenceHead => {
  const unsigned = { ...head, keyId: key.id };
  const digest = headDigest(unsigned);
  return { ...unsigned, digest, signature: signBytes(Buffer.from(digest, 'hex'), key) };
};

/** Whether one of the keys signed this head. */
export const isSignedHead = (head: EvidenceHead, keys: readonly EvidencePublicKey[]): boolean =>
  headDigest(head) === head.digest && isSigned(Buffer.from(head.digest, 'hex'), head, keys);
