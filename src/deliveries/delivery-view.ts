import type { Attempt, Delivery, Exchange } from './delivery.js';
import type { ReportedCircuit } from './circuit-store.js';
import type { DeliveryOperation } from './delivery-operation.js';
import { explain } from './delivery-explanations.js';
import type { PartyCounts, PartyStatus } from './party-store.js';

const upper = (word: string): string => word.toUpperCase().replaceAll('-', '_');

/** Domain → GraphQL; attempts and the queue behind it are resolved when asked for. */
export const deliveryView = (delivery: Delivery, operation: DeliveryOperation | undefined) => ({
  id: delivery.id, party: delivery.party, operation: delivery.operation, lane: delivery.lane, dossierCode: delivery.subjectKey,
  effect: operation === undefined ? null : upper(operation.effect), state: upper(delivery.state), reason: delivery.reason, reasonText: delivery.reasonText,
  explanation: explain(delivery), maybeSent: delivery.maybeSent, head: delivery.head, attemptCount: delivery.attempts,
  dueAt: delivery.dueAt, parkAt: delivery.parkAt, createdAt: delivery.createdAt, settledAt: delivery.settledAt,
  resolvedBy: delivery.resolvedBy === null ? null : upper(delivery.resolvedBy), correlationId: delivery.correlationId,
});
export type DeliveryView = ReturnType<typeof deliveryView>;

const exchangeView = (exchange: Exchange) => ({
  operation: exchange.operation, startedAt: exchange.startedAt, durationMs: Math.round(exchange.durationMs), httpStatus: exchange.httpStatus,
  request: JSON.stringify(exchange.request ?? null), reply: JSON.stringify(exchange.reply ?? null),
});

export const attemptView = (attempt: Attempt) => ({
  number: attempt.number, purpose: upper(attempt.purpose), startedAt: attempt.startedAt, durationMs: attempt.durationMs,
  outcome: upper(attempt.outcome), errorKind: attempt.errorKind, errorCode: attempt.errorCode, correlationId: attempt.correlationId,
  exchanges: attempt.exchanges.map(exchangeView),
});

const circuitView = (circuit: ReportedCircuit) => ({
  operation: circuit.operation, processId: circuit.processId, position: upper(circuit.position), since: circuit.since, reason: circuit.reason, forced: circuit.forced,
});

export const partyView = (status: PartyStatus, of: { counts: PartyCounts | undefined; circuits: readonly ReportedCircuit[] }) => ({
  name: status.party, concurrency: status.concurrency, ratePerSecond: status.ratePerSecond, paused: status.paused, pausedReason: status.pausedReason,
  pausedBy: status.pausedBy, heldUntil: status.heldUntil, lastTakenAt: status.lastTakenAt,
  due: of.counts?.due ?? 0, leased: of.counts?.leased ?? 0, unknown: of.counts?.unknown ?? 0, parked: of.counts?.parked ?? 0,
  oldestOpenSeconds: of.counts?.oldestOpenSeconds ?? null,
  circuits: of.circuits.filter((circuit) => circuit.party === status.party).map(circuitView),
});
