/** Who stands at the other end of the connection, as far as a trusted proxy or the socket tells. */
export interface CallbackPeer {
  readonly address: string;
  /** Subject of the client certificate that a trusted proxy verified; null where there is none to believe. */
  readonly certificate: string | null;
}

/** A message exactly as it came. */
export interface CallbackRequest {
  /** The body; for a GET the raw query string without its question mark. At most 256 kB. */
  readonly bytes: Buffer;
  /** Lower-case names. A header that came twice is left out: two readers could choose differently. */
  readonly headers: Readonly<Record<string, string>>;
  readonly peer: CallbackPeer;
  /** What stood behind the kind in the path, for a receiver that takes one; left out where nothing did. Never logged. */
  readonly pathSecret?: string;
}

export type Verification =
  | {
    readonly kind: 'verified';
    /** Id of the key, token or certificate that vouched for it; never the secret itself. */
    readonly verifiedBy: string;
    /** What the party calls this message, at most 200 characters; holds no personal data. Must be covered by the signature. */
    readonly uniqueKey: string;
    /** The party's time of the message; must be covered by the signature. Null where it tells none. */
    readonly partyAt: Date | null;
    /** What makes two messages the same, where a repeat differs in time or signature; else the bytes. */
    readonly sameness?: Buffer;
  }
  /** `reason` is a stable code such as `signature`, `token`, `shape`. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * `applied`: the domain took it. `refused`: the domain says no, for good. `unreadable`: verified, but not what was agreed.
 * `conflict`: other content under a known key. `stale`: outside the time window. `unavailable`: stored or not, the party must send it again.
 */
export type CallbackOutcome = 'applied' | 'refused' | 'unreadable' | 'unverified' | 'stale' | 'conflict' | 'unavailable' | 'too-large';

export interface CallbackReply {
  readonly status: number;
  readonly contentType: string;
  /** Holds no personal data: it is stored, to be sent again to a repeat. */
  readonly body: string;
}

/**
 * What a party's `callback.ts` implements: verification, reading and the answer that the party demands. It has no effect; the domain's
 * use case, bound to it in the composition root, has. One without its secrets must not be made, so that there is no route either.
 */
export interface CallbackReceiver<Message> {
  readonly party: string;
  /** Last part of the route `/callbacks/<party>/<kind>`. */
  readonly kind: string;
  readonly method: 'GET' | 'POST';
  /** The party can prove itself by its address book only: its route may go on, `/callbacks/<party>/<kind>/<secret>`. Any other route may not. */
  readonly takesPathSecret?: true;
  /** How far the party's time may be from ours, beyond the skew seen so far; null where it tells no time. */
  readonly timeWindowMs: number | null;
  /** Addresses and networks that may call, a second line behind the signature; null for any. */
  readonly addresses: readonly string[] | null;
  /** Must compare secrets in constant time and must not throw. */
  verify(request: CallbackRequest): Verification;
  /** Parses verified bytes. @returns null where they are not what was agreed */
  read(bytes: Buffer): Message | null;
  /**
   * `code` is what the domain gave with its answer; of an `unverified` message it is the reason that `verify` gave. `bytes` are those of the
   * message, where the party wants some of it repeated or its reply signed; missing where they could not be read, and a stranger's where the
   * outcome is `unverified`: never sign those.
   */
  reply(outcome: CallbackOutcome, code: string | null, bytes?: Buffer): CallbackReply;
  /** What a repeat is answered, where the party has a word of its own for "we know this already"; left out, it hears the first answer again. */
  repeated?(first: CallbackReply): CallbackReply;
}
