import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from './caller.js';

/** What of a request says who sent it; node's and Express' requests fit. */
export interface AccessRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

export interface Authenticator {
  /**
   * The caller that a request proves; null for none, whatever the reason. A promise only where something must be looked up first.
   * Rejects when that cannot be done, so that nobody passes unchecked.
   */
  fromRequest(request: AccessRequest): Caller | null | Promise<Caller | null>;
}

/** One way of proving who calls. `undefined`: the request does not use this way; null: it does, and proves nothing. */
export interface Proof {
  check(request: AccessRequest): Caller | null | undefined | Promise<Caller | null>;
}

/** The first way that a request uses decides alone: a wrong key is not made good by a cookie beside it. */
export const firstProof = (proofs: readonly Proof[]): Authenticator => ({
  fromRequest: (request) => {
    for (const proof of proofs) {
      const caller = proof.check(request);
      if (caller !== undefined) return caller;
    }
    return null;
  },
});
