import type { CallbackOutcome, CallbackReceiver, CallbackReply } from '../../src/callbacks/callback-receiver-port.js';
import type { BankMovement } from '../../src/payments/bank-credit-port.js';
import { bearerClient } from '../support/issued-tokens.js';
import type { TokenDoor } from '../support/issued-tokens.js';
import { parseStrictJson } from '../support/strict-json.js';
import { BODY_REASON, UNEXPECTED_REASON } from './errors.js';
import { failedReply, identityOf, movementOf, reasonOf, takenReply } from './mapping.js';
import { PARTY } from './operations.js';
import type { PushReply } from './wire.js';

export interface PushSettings {
  readonly door: TokenDoor;
  readonly addresses: readonly string[] | null;
  readonly now: () => number;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const SHAPE = 'shape';

const parsed = (bytes: Buffer | undefined): unknown => {
  try {
    return bytes === undefined ? null : parseStrictJson(bytes.toString('utf8'));
  } catch {
    return null;
  }
};

const sent = (status: number, body: PushReply): CallbackReply => ({ status, contentType: JSON_TYPE, body: JSON.stringify(body) });

/** The bank only tells, so whatever the domain made of it counts as taken; an error asks for the same push again. */
const replyTo = (outcome: CallbackOutcome, code: string | null, bytes: Buffer | undefined): CallbackReply => {
  if (outcome === 'applied' || outcome === 'refused') return sent(200, takenReply(parsed(bytes)));
  if (outcome === 'unreadable' || code === SHAPE) return sent(400, failedReply(reasonOf(parsed(bytes))));
  if (outcome === 'too-large') return sent(413, failedReply(BODY_REASON));
  if (outcome === 'unverified') return sent(401, failedReply(UNEXPECTED_REASON));
  return sent(outcome === 'conflict' ? 400 : 503, failedReply(UNEXPECTED_REASON));
};

/**
 * Changes of an account's balance. Nothing is signed: the token that we gave is all that vouches for a push, so addresses should be
 * set too. Money in and out of one transfer are two messages.
 */
export const createPushReceiver = ({ door, addresses, now }: PushSettings): CallbackReceiver<BankMovement> => ({
  party: PARTY,
  kind: 'transaction-sync',
  method: 'POST',
  // The time of a transfer, not of the push: a late one must not be lost.
  timeWindowMs: null,
  addresses,
  verify: ({ bytes, headers }) => {
    const verifiedBy = bearerClient(door, headers['authorization'], now());
    if (verifiedBy === null) return { kind: 'refused', reason: 'token' };
    const identity = identityOf(parsed(bytes));
    return identity === null ? { kind: 'refused', reason: SHAPE } : { kind: 'verified', verifiedBy, partyAt: null, ...identity };
  },
  read: (bytes) => movementOf(parsed(bytes)),
  reply: replyTo,
});
