import type { CallbackOutcome, CallbackReceiver, CallbackReply, CallbackRequest, Verification } from '../../src/callbacks/callback-receiver-port.js';
import type { CarrierClaim } from '../../src/postal/postal-carrier-port.js';
import { verifyToken } from '../support/callback-keys.js';
import type { CallbackKeys } from '../support/callback-keys.js';
import { claimOf, identityOf, readWebhook } from './mapping-answers.js';
import { PARTY } from './operations.js';

export interface WebhookSettings {
  readonly secrets: CallbackKeys;
  readonly addresses: readonly string[] | null;
}

const STATUSES: Readonly<Record<CallbackOutcome, number>> = { applied: 200, refused: 200, unreadable: 200, conflict: 200, stale: 200, unverified: 401, unavailable: 503, 'too-large': 413 };

/** Anything but 200 has it come again, five times. */
const replyTo = (outcome: CallbackOutcome): CallbackReply =>
  ({ status: STATUSES[outcome], contentType: 'application/json; charset=utf-8', body: JSON.stringify({ status: STATUSES[outcome], message: STATUSES[outcome] === 200 ? 'OK' : outcome }) });

const verify = ({ bytes, headers }: CallbackRequest, secrets: CallbackKeys): Verification => {
  const read = readWebhook(bytes);
  // By the document the secret is the header and the last field; a client was seen to rely on each.
  const verifiedBy = verifyToken(secrets, headers['authorization'] ?? '') ?? verifyToken(secrets, read?.token ?? '');
  if (verifiedBy === null) return { kind: 'refused', reason: 'secret' };
  return read === null ? { kind: 'refused', reason: 'shape' } : { kind: 'verified', verifiedBy, ...identityOf(read.order) };
};

/** Webhooks of Viettel Post: claims, for nothing in them is signed. Doubled and idle ones are announced by the party itself. */
export const createWebhookReceiver = ({ secrets, addresses }: WebhookSettings): CallbackReceiver<CarrierClaim> => ({
  party: PARTY, kind: 'webhook', method: 'POST', timeWindowMs: null, addresses,
  verify: (request) => verify(request, secrets),
  read: (bytes) => {
    const read = readWebhook(bytes);
    return read === null ? null : claimOf(read.order);
  },
  reply: replyTo,
});
