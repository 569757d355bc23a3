import { randomBytes } from 'node:crypto';
import { keyDigest } from './bearer-keys.js';

const PREFIX_BYTES = 6;
const SECRET_BYTES = 32;
/** The leading word lets scanners of leaked secrets know the key for what it is. */
const FORM = /^osg_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

export interface NewApiKey {
  /** Shown once, never stored. */
  readonly secret: string;
  /** Public part: names the key in lists, logs and commands. */
  readonly prefix: string;
  readonly digest: Buffer;
}

/** A key of 256 random bits: `osg_<prefix>_<secret>`. */
export const newApiKey = (): NewApiKey => {
  const prefix = randomBytes(PREFIX_BYTES).toString('hex');
  const secret = `osg_${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { secret, prefix, digest: keyDigest(secret) };
};

/** Public part of what has the form of an issued key; null for anything else. */
export const prefixOf = (bearer: string): string | null => FORM.exec(bearer)?.[1] ?? null;
