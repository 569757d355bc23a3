import { createHash } from 'node:crypto';
import { verifySuffixDigest } from '../support/callback-keys.js';
import type { CallbackKeys } from '../support/callback-keys.js';

/** Values with bars between and a bar behind, where the secret follows. */
const signedBytes = (values: readonly string[]): Buffer => Buffer.from(`${values.join('|')}|`);

/** Lower-case hexadecimal SHA-256 over the values and, last, the secret. */
export const sign = (values: readonly string[], secret: string): string => createHash('sha256').update(signedBytes(values)).update(secret).digest('hex');

/**
 * A bar inside a value would let two messages share one signature: what ends one field could begin the next. Only the last value, which is
 * free text, may hold one. @returns the id of the key that fits, or null
 */
export const verify = (values: readonly string[], signature: string, keys: CallbackKeys): string | null => {
  if (values.slice(0, -1).some((value) => value.includes('|'))) return null;
  return verifySuffixDigest(keys, { algorithm: 'sha256', encoding: 'hex', signed: signedBytes(values), signature });
};
