import { createHash } from 'node:crypto';
import { verifyHmac, verifyToken } from '../support/callback-keys.js';
import type { CallbackKey, CallbackKeys } from '../support/callback-keys.js';

/** `md5`: lower-case hexadecimal of the secret and the text behind it, by the document. `hmac`: Base64 of HMAC-SHA256, since October 2024. */
export type ChecksumForm = 'md5' | 'hmac';

/** What is signed is the secret and the values in a row; the HMAC keeps the secret in front of the text too. */
const signedText = (secret: string, values: readonly string[]): string => `${secret}${values.join('')}`;

/**
 * MD5 with the secret in front can be continued by whoever knows one checksum. What is continued ends in bytes that no amount and no
 * number of a customer has, and those were refused before; the bearer token stands before it too.
 */
const fitsMd5 = (key: CallbackKey, values: readonly string[], given: string): boolean =>
  verifyToken([{ id: key.id, secret: createHash('md5').update(signedText(key.secret, values)).digest('hex') }], given.toLowerCase()) !== null;

const fitsHmac = (key: CallbackKey, values: readonly string[], given: string): boolean =>
  verifyHmac([key], { algorithm: 'sha256', encoding: 'base64', signed: Buffer.from(signedText(key.secret, values)), signature: given }) !== null;

const FITS = { md5: fitsMd5, hmac: fitsHmac } as const;

/** @returns the id of the key that fits in one of the forms, or null. All are tried, so that the time tells nothing */
export const verifyChecksum = (keys: CallbackKeys, { forms, values, given }: { readonly forms: readonly ChecksumForm[]; readonly values: readonly string[]; readonly given: string }): string | null => {
  const fitting = keys.flatMap((key) => forms.map((form) => (FITS[form](key, values, given) ? key.id : null)));
  return fitting.find((id) => id !== null) ?? null;
};
