import type { Attempt, AttemptOutcome, Delivery, DeliveryState, Exchange, LeasedDelivery, LeasePurpose } from './delivery.js';
import type { PartyErrorKind } from '../errors/party-error.js';

/** A row of `deliveries`, as pg reads it: bigint comes as text, timestamptz as Date. */
export interface DeliveryRow {
  readonly id: string;
  readonly party: string;
  readonly operation: string;
  readonly lane: string;
  readonly head: boolean;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly reason_text: string | null;
  readonly subject_id: string;
  readonly subject_key: string;
  readonly attempts: number;
  readonly failures: number;
  readonly maybe_sent: boolean;
  readonly due_at: Date;
  readonly park_at: Date;
  readonly lease_token: string | null;
  readonly lease_purpose: LeasePurpose | null;
  readonly correlation_id: string;
  readonly traceparent: string | null;
  readonly resolved_by: 'party' | 'operator' | null;
  readonly created_at: Date;
  readonly settled_at: Date | null;
}

export interface AttemptRow {
  readonly delivery_id: string;
  readonly number: number;
  readonly purpose: LeasePurpose;
  readonly started_at: Date;
  readonly duration_ms: number;
  readonly outcome: AttemptOutcome;
  readonly error_kind: PartyErrorKind | null;
  readonly error_code: string | null;
  readonly correlation_id: string;
  readonly exchanges: (Omit<Exchange, 'startedAt'> & { readonly startedAt: string })[];
}

export const toDelivery = (row: DeliveryRow): Delivery => ({
  id: row.id, party: row.party, operation: row.operation, lane: row.lane, state: row.state, reason: row.reason,
  reasonText: row.reason_text, subjectId: row.subject_id, subjectKey: row.subject_key, attempts: row.attempts,
  failures: row.failures, maybeSent: row.maybe_sent, head: row.head, dueAt: row.due_at, parkAt: row.park_at,
  createdAt: row.created_at, settledAt: row.settled_at, correlationId: row.correlation_id, traceparent: row.traceparent,
  resolvedBy: row.resolved_by,
});

export function toLeased(row: DeliveryRow): LeasedDelivery {
  if (row.lease_token === null || row.lease_purpose === null) throw new Error(`delivery ${row.id} is not leased`);
  return { ...toDelivery(row), leaseToken: row.lease_token, purpose: row.lease_purpose };
}

export const toAttempt = (row: AttemptRow): Attempt => ({
  deliveryId: row.delivery_id, number: row.number, purpose: row.purpose, startedAt: row.started_at, durationMs: row.duration_ms,
  outcome: row.outcome, errorKind: row.error_kind, errorCode: row.error_code, correlationId: row.correlation_id,
  exchanges: row.exchanges.map((exchange) => ({ ...exchange, startedAt: new Date(exchange.startedAt) })),
});
