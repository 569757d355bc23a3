import type { EffectClass } from '../../src/deliveries/delivery.js';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import { listenForAbort } from './abort-listener.js';
import type { CircuitBoard } from './circuit-board.js';
import { classify } from './classify.js';
import type { HttpRequest, RawReply } from './http-transport.js';
import { redactBody } from './journal-redaction.js';
import type { KeptFields } from './journal-redaction.js';
import { SignalError } from './signals.js';

/** One operation of a party: how dangerous a repeat is, how long we wait, and what the journal may show. */
export interface OperationSpec {
  readonly name: string;
  readonly effect: EffectClass;
  readonly deadlineMs: number;
  readonly kept: KeptFields;
}

/** What one call is about, for deadline, breaker and journal. */
interface CallSubject {
  readonly operation: OperationSpec;
  /** The body before it was serialised, for the journal. */
  readonly content: unknown;
  /** Personal values of the request that are masked wherever the reply repeats them. */
  readonly personal: readonly string[];
}

interface Understood<T> {
  readonly value: T;
  /** The reply as parsed, for the journal. */
  readonly body: unknown;
}

/** For a client that makes request and reply itself. It sends at most once. */
export interface Conversation<T> extends CallSubject {
  /** @throws SignalError where the party said nothing that can be trusted */
  readonly run: (send: (request: HttpRequest) => Promise<RawReply>) => Promise<Understood<T>>;
}

export interface WireExchange<T> extends CallSubject {
  readonly request: HttpRequest;
  /** Turns the raw reply into a value. @throws SignalError where it says nothing that can be trusted */
  readonly read: (reply: RawReply) => Understood<T>;
}

/** Sends once; HttpTransport in production. */
export interface Transport {
  send(request: HttpRequest, signal: AbortSignal): Promise<RawReply>;
}

export interface PartyCallerParts {
  readonly party: string;
  readonly circuits: CircuitBoard;
  readonly transport: Transport;
}

interface Trace {
  status: number | null;
  body: unknown;
  failed: string | null;
}

/** The one way to a party: redacted journal → breaker → deadline → client. */
export class PartyCaller {
  readonly #party: string;
  readonly #circuits: CircuitBoard;
  readonly #transport: Transport;

  constructor(parts: PartyCallerParts) {
    this.#party = parts.party;
    this.#circuits = parts.circuits;
    this.#transport = parts.transport;
  }

  /** @throws PartyError, and nothing else but defects of ours */
  call<T>(exchange: WireExchange<T>, call: PartyCall): Promise<T> {
    return this.converse({ ...exchange, run: async (send) => exchange.read(await send(exchange.request)) }, call);
  }

  /** @throws PartyError, and nothing else but defects of ours */
  async converse<T>(exchange: Conversation<T>, call: PartyCall): Promise<T> {
    const startedAt = new Date();
    const started = performance.now();
    const trace: Trace = { status: null, body: null, failed: null };
    try {
      return await this.#circuits.run(this.#party, exchange.operation.name, () => this.#exchange(exchange, call, trace));
    } catch (error) {
      trace.failed = error instanceof PartyError ? error.code : 'unexpected-error';
      throw error;
    } finally {
      if (trace.failed !== 'circuit-open') this.#record(exchange, call, { trace, startedAt, durationMs: Math.round(performance.now() - started) });
    }
  }

  #record(exchange: CallSubject, call: PartyCall, seen: { trace: Trace; startedAt: Date; durationMs: number }): void {
    const { kept, name } = exchange.operation;
    const { trace, startedAt, durationMs } = seen;
    const body = redactBody(trace.body, kept, exchange.personal);
    call.journal({
      operation: name,
      startedAt,
      durationMs,
      httpStatus: trace.status,
      request: redactBody(exchange.content, kept, exchange.personal),
      reply: trace.failed === null ? body : { failed: trace.failed, body },
    });
  }

  async #exchange<T>(exchange: Conversation<T>, call: PartyCall, trace: Trace): Promise<T> {
    try {
      const { value, body } = await exchange.run(async (request) => {
        const reply = await this.#sendBefore(request, exchange.operation.deadlineMs, call.signal);
        trace.status = reply.status;
        return reply;
      });
      trace.body = body;
      return value;
    } catch (error) {
      if (!(error instanceof SignalError)) throw error;
      trace.body = error.replyBody();
      const verdict = classify(error.signal, exchange.operation.effect);
      const retryAfterMs = verdict.retryAfterMs === undefined ? {} : { retryAfterMs: verdict.retryAfterMs };
      throw new PartyError(verdict.kind, {
        party: this.#party, operation: exchange.operation.name, code: verdict.code, cause: error.cause, ...retryAfterMs,
      });
    }
  }

  /** AbortSignal.any is not used: on Node 20 it leaks listeners on a signal that lives as long as the process. */
  async #sendBefore(request: HttpRequest, deadlineMs: number, signal: AbortSignal): Promise<RawReply> {
    const own = new AbortController();
    const timer = setTimeout(() => { own.abort('timeout'); }, deadlineMs);
    const stopListening = listenForAbort(signal, () => { own.abort('aborted'); });
    try {
      return await this.#transport.send(request, own.signal);
    } finally {
      clearTimeout(timer);
      stopListening();
    }
  }
}
