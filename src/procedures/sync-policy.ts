import { PartyError } from '../errors/party-error.js';

/** What the sync does after a call that brought no answer. */
export type SyncReaction =
  /** This item, or this page, is tried again after the delay. */
  | { readonly act: 'retry'; readonly delayMs: number; readonly reason: string }
  /** A further try would bring the same. */
  | { readonly act: 'give-up'; readonly reason: string }
  /** Nothing more is asked of the party until then; nobody's tries are used up. */
  | { readonly act: 'wait'; readonly waitMs: number; readonly reason: string }
  /** A person must act first. */
  | { readonly act: 'stop'; readonly reason: string };

/** A short break of the party passes in the first ones; what fails for a minute will be read in the next sync. */
const MAX_TRIES = 5;
const BASE_MS = 1_000;
const CAP_MS = 60_000;
/** The breaker lets probes through by itself; looking more often brings nothing. */
const CIRCUIT_WAIT_MS = 5_000;
/** A party that says "wait" without saying how long. */
const RATE_WAIT_MS = 30_000;

/** `tries` counts this one. `random` is 0 to 1. Pure. */
export const reactTo = (error: unknown, tries: number, random: number): SyncReaction => {
  if (!(error instanceof PartyError)) return { act: 'give-up', reason: 'internal-error' };
  const reason = error.code;
  switch (error.kind) {
    case 'rate-limited': return { act: 'wait', waitMs: error.retryAfterMs ?? RATE_WAIT_MS, reason };
    case 'refused-credentials': return { act: 'stop', reason };
    case 'bad-request': return { act: 'give-up', reason };
    case 'unavailable':
    case 'outcome-unknown':
    case 'bad-reply':
      if (reason === 'circuit-open') return { act: 'wait', waitMs: CIRCUIT_WAIT_MS, reason };
      // Everything here is a read: what may have been done harms nobody when it is done again.
      return tries >= MAX_TRIES ? { act: 'give-up', reason } : { act: 'retry', delayMs: Math.min(CAP_MS, BASE_MS * 2 ** (tries - 1)) * (0.5 + random / 2), reason };
  }
};
