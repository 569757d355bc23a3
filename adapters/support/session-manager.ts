import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyError } from '../../src/errors/party-error.js';
import { listenForAbort } from './abort-listener.js';

/** What a log-in gave: the secret, and how long we trust it. */
export interface Grant {
  readonly token: string;
  readonly lifeMs: number;
}

export interface SessionLease {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface SessionManagerParts {
  readonly party: string;
  /** Logs in, once. Whatever it rejects with goes to everyone who waits. */
  readonly open: (call: PartyCall) => Promise<Grant>;
  /** A lease with less life left than this is replaced in the background while it is still used. */
  readonly refreshAheadMs: number;
}

/** A log-in serves many calls, so none of them may end it; a hung one is ended by its own deadline. */
const NEVER: AbortSignal = new AbortController().signal;

/** Waits for `work`, but no longer than the caller does. The work itself goes on for the others. */
const orAborted = <T>(work: Promise<T>, call: PartyCall, party: string): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const stopListening = listenForAbort(call.signal, () => { reject(new PartyError('unavailable', { party, operation: 'login', code: 'aborted' })); });
    work.then(resolve, reject).finally(stopListening);
  });

/** One session for all calls: single-flight log-in, refreshed ahead of its end, never logged or shown. */
export class SessionManager {
  readonly #parts: SessionManagerParts;
  #current: SessionLease | null = null;
  #opening: Promise<SessionLease> | null = null;
  #refreshNotBeforeMs = 0;

  constructor(parts: SessionManagerParts) {
    this.#parts = parts;
  }

  /** @throws PartyError of operation `login` */
  async lease(call: PartyCall): Promise<SessionLease> {
    const current = this.#current;
    const nowMs = Date.now();
    if (current === null || nowMs >= current.expiresAtMs) return orAborted(this.#open(call), call, this.#parts.party);
    if (nowMs >= current.expiresAtMs - this.#parts.refreshAheadMs && nowMs >= this.#refreshNotBeforeMs) this.#refresh(call, nowMs);
    return current;
  }

  /** Forgets a lease that the party refused; one that has been replaced meanwhile stays. */
  drop(lease: SessionLease): void {
    if (this.#current === lease) this.#current = null;
  }

  /** The journal of the call that happened to come by may be closed before the refresh ends, so it is left out of it. */
  #refresh(call: PartyCall, nowMs: number): void {
    this.#refreshNotBeforeMs = nowMs + 5_000;
    this.#open({ ...call, journal: () => undefined }).catch(() => undefined);
  }

  #open(call: PartyCall): Promise<SessionLease> {
    this.#opening ??= this.#openOnce({ ...call, signal: NEVER }).finally(() => { this.#opening = null; });
    return this.#opening;
  }

  async #openOnce(call: PartyCall): Promise<SessionLease> {
    const grant = await this.#parts.open(call);
    const lease: SessionLease = { token: grant.token, expiresAtMs: Date.now() + grant.lifeMs };
    this.#current = lease;
    return lease;
  }
}

const isSessionRefusal = (error: unknown): boolean =>
  error instanceof PartyError && error.kind === 'refused-credentials' && error.operation !== 'login';

/**
 * Runs `use` with a session. A refusal of the session means that nothing was done, so there is one new log-in and one replay;
 * a second refusal is the answer.
 */
export const withSession = async <T>(sessions: SessionManager, call: PartyCall, use: (token: string) => Promise<T>): Promise<T> => {
  const first = await sessions.lease(call);
  try {
    return await use(first.token);
  } catch (error) {
    if (!isSessionRefusal(error)) throw error;
    sessions.drop(first);
  }
  const second = await sessions.lease(call);
  try {
    return await use(second.token);
  } catch (error) {
    if (isSessionRefusal(error)) sessions.drop(second);
    throw error;
  }
};
