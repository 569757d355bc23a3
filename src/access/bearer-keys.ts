import { hash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../config.js';
import type { Authenticator, Proof } from './authenticator.js';
import { firstProof } from './authenticator.js';
import type { Caller } from './caller.js';

/** Longer than any key or token of ours; what is longer is not hashed. */
const MAX_LENGTH = 8_192;

/** Whoever knows a kind of bearer: undefined when this is none of that kind. */
export interface BearerKind {
  find(bearer: string): Caller | null | undefined | Promise<Caller | null>;
}

export const keyDigest = (key: string): Buffer => hash('sha256', key, 'buffer');

/** Key or token of an Authorization header. Basic is for browsers: the key is its password. */
const presentedBearer = (authorization: string): string | null => {
  const [scheme, value, ...rest] = authorization.split(' ');
  if (value === undefined || value === '' || rest.length > 0 || value.length > MAX_LENGTH) return null;
  if (scheme?.toLowerCase() === 'bearer') return value;
  if (scheme?.toLowerCase() !== 'basic') return null;
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  return decoded.slice(decoded.indexOf(':') + 1);
};

/** Asks each kind in turn; the first that knows the form of the bearer decides. */
export const createBearerProof = (kinds: readonly BearerKind[]): Proof => ({
  check: ({ headers: { authorization } }) => {
    if (authorization === undefined) return undefined;
    const bearer = presentedBearer(authorization);
    if (bearer === null) return null;
    for (const kind of kinds) {
      const caller = kind.find(bearer);
      if (caller !== undefined) return caller;
    }
    return null;
  },
});

/** Keys of the configuration: compares the digest of what was presented with every one, in the same time whichever matches. */
export const createConfiguredKeys = (keys: readonly ApiKey[]): BearerKind => {
  const known = keys.map(({ digest, client, role }) => ({ digest, caller: Object.freeze({ client, role, agencyScope: null }) }));
  return {
    find: (bearer) => {
      const digest = keyDigest(bearer);
      let caller: Caller | undefined;
      for (const candidate of known) if (timingSafeEqual(candidate.digest, digest)) caller = candidate.caller;
      return caller;
    },
  };
};

/** Keys of the configuration alone. */
export const createAuthenticator = (keys: readonly ApiKey[]): Authenticator => firstProof([createBearerProof([createConfiguredKeys(keys)])]);
