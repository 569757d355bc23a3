import { createHash } from 'node:crypto';
import { verifySuffixDigest } from '../support/callback-keys.js';
import type { CallbackKeys } from '../support/callback-keys.js';

const SEPARATOR = '|';

/** What is hashed, up to the secret. */
const signedText = (values: readonly string[]): string => [...values, ''].join(SEPARATOR);

/** Lower-case hexadecimal SHA-256 of the values and the secret, with bars between. */
export const sign = (secret: string, values: readonly string[]): string => createHash('sha256').update(signedText(values) + secret).digest('hex');

/** @returns the id of the key that fits, or null */
export const verifySigned = (keys: CallbackKeys, values: readonly string[], signature: string): string | null =>
  verifySuffixDigest(keys, { algorithm: 'sha256', encoding: 'hex', signed: Buffer.from(signedText(values)), signature });

/** A value with a bar in it would let the same signature stand for other fields. */
export const hasSeparator = (value: string): boolean => value.includes(SEPARATOR);
