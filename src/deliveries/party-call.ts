import type { Exchange } from './delivery.js';

/** What an adapter needs to know of the call that it serves, whatever the operation. */
export interface PartyCall {
  readonly correlationId: string;
  /** Ends when the caller gives up or the process drains; adapters combine it with their own deadline. */
  readonly signal: AbortSignal;
  /** Journal of this attempt; adapters record each exchange in it, already redacted. */
  readonly journal: (exchange: Exchange) => void;
  /** W3C traceparent of the call, sent on where the party's wire allows headers. */
  readonly traceparent: string | null;
}

/** The party understood. "No" is a value with the party's own code and words (personal data removed). */
export type PartyAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly code: string; readonly text: string };

/** The party understood a batch and answered per item; items are named by our own key. */
export interface ItemisedAnswer {
  readonly items: ReadonlyMap<string, PartyAnswer>;
}
