import type { LeasedDelivery } from '../../../src/deliveries/delivery.js';
import type { DeliveryOperation, WhenUnknown } from '../../../src/deliveries/delivery-operation.js';
import { DEFAULT_BACKOFF } from '../../../src/deliveries/retry-policy.js';
import type { AttemptEnd, Situation } from '../../../src/deliveries/retry-policy.js';
import { PartyError } from '../../../src/errors/party-error.js';
import type { PartyErrorKind } from '../../../src/errors/party-error.js';

export const NOW = new Date('2026-11-23T02:00:00Z');

export const leased = (over: Partial<LeasedDelivery> = {}): LeasedDelivery => ({
  id: '1', party: 'p', operation: 'o', lane: 'l', state: 'leased', reason: null, reasonText: null, subjectId: '1', subjectKey: 'k',
  attempts: 1, failures: 0, maybeSent: false, head: true, dueAt: NOW, parkAt: new Date(NOW.getTime() + 60_000), createdAt: NOW, settledAt: null,
  correlationId: 'c', traceparent: null, resolvedBy: null, leaseToken: 't', purpose: 'send', ...over,
});

export const situation = (over: { delivery?: Partial<LeasedDelivery>; effect?: DeliveryOperation['effect']; whenUnknown?: WhenUnknown; random?: () => number } = {}): Situation => ({
  delivery: leased(over.delivery), now: NOW, random: over.random ?? (() => 0.5), backoff: DEFAULT_BACKOFF,
  operation: {
    party: 'p', name: 'o', effect: over.effect ?? 'keyed', maxAgeMs: 1, whenUnknown: over.whenUnknown ?? { act: 'ask', afterMs: 90_000 },
    load: () => Promise.resolve(new Map()), send: () => Promise.resolve({ kind: 'accepted' }), settled: () => Promise.resolve(),
  },
});

export const failed = (kind: PartyErrorKind, over: { code?: string; retryAfterMs?: number; isOfOne?: boolean } = {}): AttemptEnd => ({
  kind: 'failed',
  error: new PartyError(kind, { party: 'p', operation: 'o', code: kind, ...over }),
});
