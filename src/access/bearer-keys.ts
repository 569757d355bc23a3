import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../config.js';
import type { Caller } from './caller.js';

/** Longer than any key of ours; what is longer is not hashed. */
const MAX_KEY_LENGTH = 512;

export interface Authenticator {
  /** The caller that an Authorization header proves; null for none. Basic is for browsers: the key is its password. */
  fromHeader(authorization: string | undefined): Caller | null;
}

const presentedKey = (authorization: string | undefined): string | null => {
  const [scheme, value, ...rest] = (authorization ?? '').split(' ');
  if (value === undefined || value === '' || rest.length > 0 || value.length > MAX_KEY_LENGTH) return null;
  if (scheme?.toLowerCase() === 'bearer') return value;
  if (scheme?.toLowerCase() !== 'basic') return null;
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  return decoded.slice(decoded.indexOf(':') + 1);
};

/** Compares the digest of what was presented with every key, in the same time whichever matches. */
export const createAuthenticator = (keys: readonly ApiKey[]): Authenticator => {
  const known = keys.map(({ digest, client, role }) => ({ digest, caller: Object.freeze({ client, role, agencyScope: null }) }));
  return {
    fromHeader: (authorization) => {
      const key = presentedKey(authorization);
      if (key === null) return null;
      const digest = createHash('sha256').update(key).digest();
      let caller: Caller | null = null;
      for (const candidate of known) if (timingSafeEqual(candidate.digest, digest)) caller = candidate.caller;
      return caller;
    },
  };
};
