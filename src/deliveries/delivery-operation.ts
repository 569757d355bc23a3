import type pg from 'pg';
import type { Delivery, EffectClass, LeasedDelivery } from './delivery.js';
import type { PartyAnswer, PartyCall } from './party-call.js';

/**
 * What to do when a send ends without a trustworthy answer. `afterMs` is the party's longest in-flight time: a request delayed
 * in the network may still arrive before it, so nothing is asked or repeated earlier.
 */
export type WhenUnknown =
  | { readonly act: 'ask'; readonly afterMs: number }
  | { readonly act: 'repeat'; readonly afterMs: number; readonly because: string }
  | { readonly act: 'park' };

/** What the party says of a send whose outcome we do not know. */
export type Inquiry =
  | { readonly kind: 'done' }
  /** Surely not executed: the delivery becomes due again. */
  | { readonly kind: 'not-done' }
  /** The party holds something under our key, but not provably this content; a keyed repeat is right. */
  | { readonly kind: 'repeat' };

/** Result of one send. `items` is there for batches: what was said of each item that was sent. */
export type SendResult =
  | (PartyAnswer & { readonly items?: ReadonlyMap<string, PartyAnswer> })
  /** A batch of which some items got no answer: they are sent again, the others are settled. */
  | { readonly kind: 'partial'; readonly items: ReadonlyMap<string, PartyAnswer> };

/** Content that cannot be sent now, and why; the delivery is parked under this reason. */
export type Unsendable =
  | { readonly unsendable: 'content-missing' | 'content-unreadable' | 'procedure-not-usable' }
  /**
   * What an earlier delivery of the lane should have brought about it did not, for it was refused. `broughtBy` names the operation that
   * can: the next such delivery of the lane, owed already or later, goes first, and then this one follows by itself.
   */
  | { readonly unsendable: 'prerequisite-missing'; readonly broughtBy: string };

/** A delivery with what became of it, handed to its subject inside the settling transaction. */
export interface Settled {
  readonly delivery: Delivery;
  readonly to: 'accepted' | 'rejected' | 'due' | 'unknown' | 'parked';
  readonly reason: string | null;
  readonly items: ReadonlyMap<string, PartyAnswer>;
}

/**
 * One operation that we may owe a party, as the domain declares it. The engine obeys `effect`, `whenUnknown` and the limits;
 * it knows nothing else of the content.
 */
export interface DeliveryOperation<Content = unknown> {
  readonly party: string;
  readonly name: string;
  readonly effect: EffectClass;
  readonly whenUnknown: WhenUnknown;
  /** Age at which an unfinished delivery is parked instead of tried again, in milliseconds. */
  readonly maxAgeMs: number;
  /** Reads the content of many deliveries at once; a delivery missing from the map is parked as `content-missing`. */
  load(deliveries: readonly LeasedDelivery[]): Promise<ReadonlyMap<string, Content | Unsendable>>;
  send(content: Content, call: PartyCall, delivery: LeasedDelivery): Promise<SendResult>;
  /** Present when `whenUnknown.act` is `ask`. */
  ask?(content: Content, call: PartyCall): Promise<Inquiry>;
  /** Writes the outcome to the domain's own rows, in the transaction that settles the deliveries. */
  settled(client: pg.ClientBase, settled: readonly Settled[]): Promise<void>;
}
