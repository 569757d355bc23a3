import type { PartyErrorKind } from '../errors/party-error.js';

/** How dangerous a repeat is: harmless, recognised by the party by our key, or done twice. */
export type EffectClass = 'read' | 'keyed' | 'unsafe';

export const DELIVERY_STATES = ['due', 'leased', 'unknown', 'accepted', 'rejected', 'parked'] as const;
/**
 * due: to be sent when `dueAt` has come. leased: a worker has it. unknown: sent, and no trustworthy answer; asked at `dueAt`.
 * accepted, rejected: finished. parked: waits for a person and blocks its lane.
 */
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Who moves a delivery: the worker that holds it, the sweeper (expired lease, age), an operator, or a correction by the portal. */
export type DeliveryMover = 'worker' | 'sweeper' | 'operator' | 'correction';

export interface DeliveryMove {
  readonly from: DeliveryState;
  readonly to: DeliveryState;
  readonly by: readonly DeliveryMover[];
}

/** Legal moves as data; the store refuses any other, and the diagram in docs is generated from it. */
export const DELIVERY_MOVES: readonly DeliveryMove[] = [
  { from: 'due', to: 'leased', by: ['worker'] },
  { from: 'due', to: 'parked', by: ['sweeper'] },
  { from: 'leased', to: 'accepted', by: ['worker'] },
  { from: 'leased', to: 'rejected', by: ['worker'] },
  { from: 'leased', to: 'due', by: ['worker', 'sweeper'] },
  { from: 'leased', to: 'unknown', by: ['worker', 'sweeper'] },
  { from: 'leased', to: 'parked', by: ['worker', 'sweeper'] },
  { from: 'unknown', to: 'leased', by: ['worker'] },
  { from: 'unknown', to: 'parked', by: ['sweeper'] },
  { from: 'unknown', to: 'accepted', by: ['operator'] },
  { from: 'unknown', to: 'rejected', by: ['operator'] },
  { from: 'parked', to: 'due', by: ['operator', 'correction'] },
  { from: 'parked', to: 'unknown', by: ['operator'] },
  { from: 'parked', to: 'accepted', by: ['operator'] },
  { from: 'parked', to: 'rejected', by: ['operator'] },
];

export const isTerminal = (state: DeliveryState): boolean => state === 'accepted' || state === 'rejected';

export const mayMove = (from: DeliveryState, to: DeliveryState, by: DeliveryMover): boolean =>
  DELIVERY_MOVES.some((move) => move.from === from && move.to === to && move.by.includes(by));

/** Why a lease was taken: to send, or to ask what became of an earlier send. */
export type LeasePurpose = 'send' | 'ask';

/** One effect that we owe a party, as stored. Ids are decimal strings (PostgreSQL bigint). */
export interface Delivery {
  readonly id: string;
  readonly party: string;
  readonly operation: string;
  readonly lane: string;
  readonly state: DeliveryState;
  /** Stable code: why parked, rejected, unknown or waiting; null while nothing went wrong. */
  readonly reason: string | null;
  /** The party's own words, redacted and cut to 500 characters; null where it said nothing. */
  readonly reasonText: string | null;
  /** Row that holds the content; which table it is in is the operation's business. */
  readonly subjectId: string;
  /** Business code by which people know it: the dossier code. */
  readonly subjectKey: string;
  readonly attempts: number;
  /** Consecutive failures since the last answer; drives the back-off. */
  readonly failures: number;
  /** True when an earlier send may have reached the party. */
  readonly maybeSent: boolean;
  /** First open delivery of its lane: the only one of the lane that may be sent. */
  readonly head: boolean;
  readonly dueAt: Date;
  readonly parkAt: Date;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
  readonly correlationId: string;
  readonly traceparent: string | null;
  /** Who finished it: the party's answer, or an operator's decision. */
  readonly resolvedBy: 'party' | 'operator' | null;
}

export interface LeasedDelivery extends Delivery {
  readonly leaseToken: string;
  readonly purpose: LeasePurpose;
}

/** One exchange with a party, as the journal keeps it: only declared fields are legible, all else is masked. */
export interface Exchange {
  readonly operation: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly httpStatus: number | null;
  readonly request: unknown;
  readonly reply: unknown;
}

export type AttemptOutcome = 'accepted' | 'rejected' | 'unknown' | 'retry' | 'parked' | 'not-done' | 'interrupted';

/** One try of a delivery (or one question about it), kept in the journal. */
export interface Attempt {
  readonly deliveryId: string;
  readonly number: number;
  readonly purpose: LeasePurpose;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  readonly errorKind: PartyErrorKind | null;
  readonly errorCode: string | null;
  readonly correlationId: string;
  readonly exchanges: readonly Exchange[];
}
