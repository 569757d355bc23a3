import type { Logger } from 'pino';
import { PARTY_ERROR_RULES, PartyError } from '../errors/party-error.js';
import { isTransient } from '../store/database-errors.js';
import type { Attempt, Exchange, LeasedDelivery } from './delivery.js';
import type { DeliveryOperation, Unsendable } from './delivery-operation.js';
import type { PartyAnswer, PartyCall } from './party-call.js';
import { decide } from './retry-policy.js';
import type { AttemptEnd, Backoff, Decision } from './retry-policy.js';
import type { Outcome } from './settlement-batcher.js';

export type LoadedContent = { readonly content: unknown } | Unsendable;

/** Wraps one attempt in a trace span; without tracing it just runs it. */
export type SpanWrapper = <Result>(delivery: LeasedDelivery, run: (traceparent: string | null) => Promise<Result>) => Promise<Result>;

export interface AttemptRunnerDeps {
  readonly logger: Logger;
  readonly random: () => number;
  readonly backoff: Backoff;
  readonly inSpan: SpanWrapper;
  readonly observe: (attempt: { party: string; operation: string; outcome: string; seconds: number; to: string }) => void;
}

export interface FinishedAttempt {
  readonly outcome: Outcome;
  readonly decision: Decision;
}

const NO_ITEMS: ReadonlyMap<string, PartyAnswer> = new Map();
/** The party's own words are shown to operators; longer texts are pages, not reasons. */
const REASON_TEXT_LIMIT = 500;

/** Runs one leased delivery against its party and decides what becomes of it. Never throws. */
export class AttemptRunner {
  readonly #deps: AttemptRunnerDeps;

  constructor(deps: AttemptRunnerDeps) {
    this.#deps = deps;
  }

  async run(delivery: LeasedDelivery, operation: DeliveryOperation, work: { loaded: LoadedContent; signal: AbortSignal }): Promise<FinishedAttempt> {
    const startedAt = new Date();
    const started = performance.now();
    const exchanges: Exchange[] = [];
    const end = await this.#deps.inSpan(delivery, (traceparent) =>
      attemptEnd(delivery, operation, {
        loaded: work.loaded,
        call: { correlationId: delivery.correlationId, signal: work.signal, traceparent, journal: (exchange) => exchanges.push(exchange) },
      }));
    const decision = decide(end, { delivery, operation, now: new Date(), random: this.#deps.random, backoff: this.#deps.backoff });
    const durationMs = Math.round(performance.now() - started);
    this.#report(delivery, end, { decision, durationMs });
    return { decision, outcome: this.#outcome(delivery, end, { decision, startedAt, durationMs, exchanges }) };
  }

  #outcome(delivery: LeasedDelivery, end: AttemptEnd, of: { decision: Decision; startedAt: Date; durationMs: number; exchanges: readonly Exchange[] }): Outcome {
    const { decision } = of;
    const error = end.kind === 'failed' && end.error instanceof PartyError ? end.error : null;
    const attempt: Omit<Attempt, 'deliveryId'> = {
      number: delivery.attempts, purpose: delivery.purpose, startedAt: of.startedAt, durationMs: of.durationMs,
      outcome: decision.outcome, errorKind: error?.kind ?? null, errorCode: error?.code ?? null,
      correlationId: delivery.correlationId, exchanges: of.exchanges,
    };
    const reasonText = decision.reasonText?.slice(0, REASON_TEXT_LIMIT) ?? null;
    return {
      delivery,
      settlement: {
        id: delivery.id, token: delivery.leaseToken, to: decision.to, reason: decision.reason,
        reason_text: reasonText, delay_ms: decision.delayMs, failures: decision.failures,
        maybe_sent: decision.maybeSent, waits_for: end.kind === 'unsendable' ? end.broughtBy : null, event: eventFor(delivery, decision), attempt,
      },
      // Its subject is told what the party said now, not what it said of an earlier try.
      settled: { delivery: { ...delivery, reasonText }, to: decision.to, reason: decision.reason, items: end.kind === 'sent' ? end.result.items ?? NO_ITEMS : NO_ITEMS },
    };
  }

  #report(delivery: LeasedDelivery, end: AttemptEnd, of: { decision: Decision; durationMs: number }): void {
    const { decision, durationMs } = of;
    this.#deps.observe({ party: delivery.party, operation: delivery.operation, outcome: decision.outcome, seconds: durationMs / 1000, to: decision.to });
    if (end.kind !== 'failed') return;
    const level = end.error instanceof PartyError ? PARTY_ERROR_RULES[end.error.kind].logLevel : 'error';
    this.#deps.logger[level]({
      deliveryId: delivery.id, party: delivery.party, operation: delivery.operation, attempt: delivery.attempts,
      correlationId: delivery.correlationId, reason: decision.reason, to: decision.to, durationMs,
      // A party error's text is made of codes; a defect's stack is needed to mend it, its message is not trusted.
      ...(end.error instanceof PartyError ? {} : { stack: stackOf(end.error) }),
    }, 'delivery attempt failed');
  }
}

async function attemptEnd(delivery: LeasedDelivery, operation: DeliveryOperation, work: { loaded: LoadedContent; call: PartyCall }): Promise<AttemptEnd> {
  if ('unsendable' in work.loaded) {
    return { kind: 'unsendable', reason: work.loaded.unsendable, broughtBy: 'broughtBy' in work.loaded ? work.loaded.broughtBy : null };
  }
  try {
    if (delivery.purpose === 'ask' && operation.ask !== undefined) {
      return { kind: 'asked', inquiry: await operation.ask(work.loaded.content, work.call) };
    }
    return { kind: 'sent', result: await operation.send(work.loaded.content, work.call, delivery) };
  } catch (error) {
    return { kind: 'failed', error: databaseAway(delivery, error) ?? error };
  }
}

/** A database that is away in the middle of an attempt is no defect, for which a person would be called: a question is put again, and of a send nobody knows whether it had left. */
const databaseAway = ({ party, operation, purpose }: LeasedDelivery, error: unknown): PartyError | null =>
  (error instanceof PartyError || !isTransient(error) ? null : new PartyError(purpose === 'ask' ? 'unavailable' : 'outcome-unknown', { party, operation, code: 'database-away', cause: error }));

/** The portal hears of each end, and once of an outcome that is unknown; retries are our own business. */
function eventFor(delivery: LeasedDelivery, decision: Decision): string | null {
  if (decision.to === 'accepted' || decision.to === 'rejected' || decision.to === 'parked') return decision.to;
  return decision.to === 'unknown' && !delivery.maybeSent ? 'unknown' : null;
}

/** Frames only, and those from behind the message, which might quote content in lines of any look. */
const stackOf = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  const stack = error.stack ?? '';
  const frames = stack.slice(stack.indexOf(error.message) + error.message.length).split('\n').filter((line) => line.trimStart().startsWith('at '));
  return [error.name, ...frames].join('\n');
};
