import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** A secret that a party signs with, under an id that may be logged. */
export interface CallbackKey {
  readonly id: string;
  readonly secret: string;
}

/** The current key, and during a rotation the one before or after it. */
export type CallbackKeys = readonly [CallbackKey, ...CallbackKey[]];

const ENTRY = /^([A-Za-z0-9-]{1,32}):(.{8,512})$/s;

const isKeys = (keys: readonly CallbackKey[]): keys is CallbackKeys => keys.length > 0;

/** `id:secret,id:secret`, one or two of them; null where empty, and then there must be no receiver. A secret holds no comma. */
export const callbackKeys: z.ZodType<CallbackKeys | null> = z.string().transform((text, context) => {
  if (text.trim() === '') return null;
  const keys = text.split(',').flatMap((item) => {
    const [, id, secret] = ENTRY.exec(item.trim()) ?? [];
    return id === undefined || secret === undefined ? [] : [{ id, secret }];
  });
  const isFine = keys.length === text.split(',').length && keys.length <= 2 && new Set(keys.map(({ id }) => id)).size === keys.length;
  if (isFine && isKeys(keys)) return keys;
  context.addIssue({ code: 'custom', message: 'must be one or two keys as id:secret, separated by a comma, each secret of 8 characters or more' });
  return z.NEVER;
});

/** Equal in constant time, whatever the lengths: digests of both are compared. */
const isSame = (given: string, expected: string): boolean =>
  timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(expected).digest());

/** Every key is tried, so that the time tells nothing of which one fits. */
const findKey = (keys: CallbackKeys, fits: (key: CallbackKey) => boolean): string | null => {
  let found: string | null = null;
  for (const key of keys) if (fits(key)) found ??= key.id;
  return found;
};

export interface SignedText {
  readonly algorithm: 'sha256' | 'sha512';
  readonly encoding: 'hex' | 'base64';
  /** Exactly the bytes that were signed. */
  readonly signed: Buffer;
  /** As the party sent it; hexadecimal digits of either case. */
  readonly signature: string;
}

/**
 * Texts are compared, not the bytes that they stand for: Buffer.from drops what is not of the encoding, half a byte included, so a
 * signature with rubbish behind it would pass.
 */
const isSignature = ({ signature, encoding }: SignedText, digest: Buffer): boolean =>
  isSame(encoding === 'hex' ? signature.toLowerCase() : signature, digest.toString(encoding));

/** HMAC of the text. @returns the id of the key that fits, or null */
export const verifyHmac = (keys: CallbackKeys, text: SignedText): string | null =>
  findKey(keys, ({ secret }) => isSignature(text, createHmac(text.algorithm, secret).update(text.signed).digest()));

/**
 * Digest of the text with the secret behind it, as several Vietnamese payment interfaces do. The secret must stand at the end:
 * in front, the digest could be continued by a stranger (length extension). @returns the id of the key that fits, or null
 */
export const verifySuffixDigest = (keys: CallbackKeys, text: SignedText): string | null =>
  findKey(keys, ({ secret }) => isSignature(text, createHash(text.algorithm).update(text.signed).update(secret).digest()));

/** A shared token. @returns the id of the key that fits, or null */
export const verifyToken = (keys: CallbackKeys, given: string): string | null => findKey(keys, ({ secret }) => isSame(given, secret));
