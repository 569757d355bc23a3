import { PartyError } from '../errors/party-error.js';
import type { AttemptOutcome, DeliveryState, LeasedDelivery } from './delivery.js';
import type { DeliveryOperation, Inquiry, SendResult } from './delivery-operation.js';

export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * First waiting time, doubled with each failure in a row: short, because most failures are a restart on the other side. A party that
 * is down for hours is tried every few minutes, no more.
 */
export const DEFAULT_BACKOFF: Backoff = { baseMs: 1_000, capMs: 5 * 60_000 };
/** An open breaker lets probes through by itself; the delivery only waits for the next look. */
const CIRCUIT_OPEN_DELAY_MS = 1_000;
/** Answers that break the contract: after as many in a row a person must look, for a machine will not mend it. */
const MAX_BAD_REPLIES = 3;

/** What becomes of a leased delivery, and what the party's row must be told. */
export interface Decision {
  readonly to: Exclude<DeliveryState, 'leased'>;
  readonly outcome: AttemptOutcome;
  readonly reason: string | null;
  readonly reasonText: string | null;
  readonly delayMs: number;
  readonly failures: number;
  readonly maybeSent: boolean;
  /** The party said "wait": nothing is sent to it for as long. */
  readonly holdMs: number;
  /** Credentials were refused: the party is paused until a person resumes it. */
  readonly pause: boolean;
}

/** What one attempt ended with: an answer, or the error that stood in its place. */
export type AttemptEnd =
  | { readonly kind: 'sent'; readonly result: SendResult }
  | { readonly kind: 'asked'; readonly inquiry: Inquiry }
  | { readonly kind: 'unsendable'; readonly reason: string; readonly broughtBy: string | null }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Exponential back-off with full jitter, so that what failed together does not come back together. */
export function backoffMs(failures: number, { backoff, random }: { backoff: Backoff; random: () => number }): number {
  const ceiling = Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(failures, 20));
  return Math.max(Math.round(backoff.baseMs / 10), Math.round(random() * ceiling));
}

export interface Situation {
  readonly delivery: LeasedDelivery;
  readonly operation: DeliveryOperation;
  readonly now: Date;
  readonly random: () => number;
  readonly backoff: Backoff;
}

const settled = (situation: Situation, over: Partial<Decision> & Pick<Decision, 'to' | 'outcome'>): Decision => ({
  reason: null, reasonText: null, delayMs: 0, failures: 0, maybeSent: situation.delivery.maybeSent, holdMs: 0, pause: false, ...over,
});

/** Decides what becomes of a delivery after one attempt. Pure: time and chance come in with the situation. */
export function decide(end: AttemptEnd, situation: Situation): Decision {
  const decision = decideByEnd(end, situation);
  const waits = decision.to === 'due' || decision.to === 'unknown';
  if (waits && end.kind !== 'asked' && situation.now >= situation.delivery.parkAt) {
    return { ...decision, to: 'parked', outcome: 'parked', reason: 'too-old' };
  }
  return decision;
}

function decideByEnd(end: AttemptEnd, situation: Situation): Decision {
  switch (end.kind) {
    case 'sent': return decideSent(end.result, situation);
    case 'asked': return decideAsked(end.inquiry, situation);
    case 'unsendable': return settled(situation, { to: 'parked', outcome: 'parked', reason: end.reason });
    case 'failed':
      return end.error instanceof PartyError
        ? decideFailed(end.error, situation)
        // Not an error of the party but a defect of ours: nobody knows how far the call came.
        : settled(situation, { to: 'parked', outcome: 'parked', reason: 'internal-error', maybeSent: situation.delivery.maybeSent || situation.delivery.purpose === 'send' });
  }
}

function decideSent(result: SendResult, situation: Situation): Decision {
  const failures = situation.delivery.failures + 1;
  switch (result.kind) {
    case 'accepted': return settled(situation, { to: 'accepted', outcome: 'accepted', maybeSent: true });
    case 'rejected': return settled(situation, { to: 'rejected', outcome: 'rejected', reason: result.code, reasonText: result.text, maybeSent: true });
    case 'partial':
      return settled(situation, { to: 'due', outcome: 'retry', reason: 'items-unanswered', delayMs: backoffMs(failures, situation), failures });
  }
}

function decideAsked(inquiry: Inquiry, situation: Situation): Decision {
  switch (inquiry.kind) {
    case 'done': return settled(situation, { to: 'accepted', outcome: 'accepted' });
    case 'not-done': return settled(situation, { to: 'due', outcome: 'not-done', maybeSent: false, failures: situation.delivery.failures });
    case 'repeat': return settled(situation, { to: 'due', outcome: 'not-done', failures: situation.delivery.failures });
  }
}

function decideFailed(error: PartyError, situation: Situation): Decision {
  const { delivery } = situation;
  const failures = delivery.failures + 1;
  const waiting = delivery.purpose === 'ask' ? 'unknown' : 'due';
  const retry = { outcome: delivery.purpose === 'ask' ? 'unknown' : 'retry', reason: error.code } as const;
  switch (error.kind) {
    case 'unavailable':
      return error.code === 'circuit-open'
        ? settled(situation, { to: waiting, ...retry, delayMs: CIRCUIT_OPEN_DELAY_MS, failures: delivery.failures })
        : settled(situation, { to: waiting, ...retry, delayMs: backoffMs(failures, situation), failures });
    case 'rate-limited': {
      const delayMs = error.retryAfterMs ?? backoffMs(failures, situation);
      return settled(situation, { to: waiting, ...retry, delayMs, holdMs: error.isOfOne ? 0 : delayMs, failures: delivery.failures });
    }
    case 'refused-credentials':
      // Once can be two workers whose sessions displaced each other; the same refusal again is a matter for a person.
      return settled(situation, { to: waiting, ...retry, delayMs: backoffMs(failures, situation), failures, pause: delivery.reason === error.code });
    case 'bad-request':
      return settled(situation, { to: 'parked', outcome: 'parked', reason: error.code, failures });
    case 'outcome-unknown':
    case 'bad-reply':
      return decideUnknown(error, situation);
  }
}

function decideUnknown(error: PartyError, situation: Situation): Decision {
  const { delivery, operation } = situation;
  const failures = delivery.failures + 1;
  if (error.kind === 'bad-reply' && (operation.effect === 'read' || (failures >= MAX_BAD_REPLIES && delivery.reason === error.code))) {
    return settled(situation, { to: 'parked', outcome: 'parked', reason: error.code, failures, maybeSent: operation.effect !== 'read' });
  }
  if (operation.effect === 'read') {
    return settled(situation, { to: 'due', outcome: 'retry', reason: error.code, delayMs: backoffMs(failures, situation), failures });
  }
  if (operation.whenUnknown.act === 'park') {
    return settled(situation, { to: 'parked', outcome: 'unknown', reason: error.code, failures, maybeSent: true });
  }
  const settleTimeMs = delivery.purpose === 'ask' ? 0 : operation.whenUnknown.afterMs;
  return settled(situation, {
    to: 'unknown', outcome: 'unknown', reason: error.code, failures, maybeSent: true, delayMs: settleTimeMs + backoffMs(failures, situation),
  });
}
