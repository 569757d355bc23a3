import type { CallbackOutcome, CallbackReceiver, CallbackReply, CallbackRequest, Verification } from '../../src/callbacks/callback-receiver-port.js';
import type { CarrierClaim } from '../../src/postal/postal-carrier-port.js';
import { verifyToken } from '../support/callback-keys.js';
import type { CallbackKeys } from '../support/callback-keys.js';
import { claimOf, identityOf, readWebhook } from './mapping-webhook.js';
import { PARTY } from './operations.js';
import { isSignedBy } from './signature.js';

export interface WebhookSettings {
  /** Null where only the address vouches. */
  readonly secrets: CallbackKeys | null;
  readonly addresses: readonly string[] | null;
  /** Public, in PEM; null where signatures are not looked at. */
  readonly signingKey: string | null;
}

const STATUSES: Readonly<Record<CallbackOutcome, number>> = { applied: 200, refused: 200, unreadable: 200, conflict: 200, stale: 200, unverified: 401, unavailable: 503, 'too-large': 413 };

/** 200 ends it; its words are read by nobody. */
const replyTo = (outcome: CallbackOutcome): CallbackReply => ({ status: STATUSES[outcome], contentType: 'text/plain; charset=utf-8', body: STATUSES[outcome] === 200 ? 'ok' : outcome });

const verify = ({ bytes, pathSecret = '' }: CallbackRequest, { secrets, signingKey }: WebhookSettings): Verification => {
  const vouchedBy = secrets === null ? 'address' : verifyToken(secrets, pathSecret);
  if (vouchedBy === null) return { kind: 'refused', reason: 'secret' };
  const read = readWebhook(bytes);
  if (read === null) return { kind: 'refused', reason: 'shape' };
  if (signingKey !== null && !isSignedBy(signingKey, read.signed, read.signature)) return { kind: 'refused', reason: 'signature' };
  return { kind: 'verified', verifiedBy: vouchedBy, ...identityOf(read.order) };
};

/**
 * Webhooks of MyVNPost. Whoever knows the address may send one, so it is a claim and no more: what it says is asked for before it counts.
 * Late ones are welcome; their order is that of the party's times.
 */
export const createWebhookReceiver = (settings: WebhookSettings): CallbackReceiver<CarrierClaim> => ({
  party: PARTY, kind: 'webhook', method: 'POST', takesPathSecret: true, timeWindowMs: null, addresses: settings.addresses,
  verify: (request) => verify(request, settings),
  read: (bytes) => {
    const read = readWebhook(bytes);
    return read === null ? null : claimOf(read.order);
  },
  reply: replyTo,
});
