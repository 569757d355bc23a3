import CircuitBreaker from 'opossum';
import type { CircuitPosition, CircuitState, Circuits } from '../../src/deliveries/circuit-port.js';
import { PARTY_ERROR_RULES, PartyError } from '../../src/errors/party-error.js';

export interface CircuitBoardOptions {
  /** Calls within the window below which the error share opens nothing. */
  readonly volumeThreshold: number;
  readonly errorThresholdPercent: number;
  readonly rollingWindowMs: number;
  /** Failures in a row that open the breaker whatever the share: after a long healthy time the share rises too slowly. */
  readonly consecutiveFailures: number;
  /** How long it stays open before one probe is let through. */
  readonly resetTimeoutMs: number;
}

/** The window exceeds the longest deadline (60 s): a failure that is counted after its own call left the window opens nothing. */
export const DEFAULT_CIRCUITS: CircuitBoardOptions = {
  volumeThreshold: 10,
  errorThresholdPercent: 50,
  rollingWindowMs: 90_000,
  consecutiveFailures: 10,
  resetTimeoutMs: 10_000,
};

/** Stands before every other operation of a party that has one: without a session nothing can be sent. */
export const LOGIN_OPERATION = 'login';

type Work = () => Promise<unknown>;

interface Circuit {
  readonly party: string;
  readonly operation: string;
  readonly breaker: CircuitBreaker<[Work], unknown>;
  since: Date;
  reason: string | null;
  lastFailure: string | null;
  failuresInRow: number;
  forced: 'open' | 'closed' | null;
}

/** opossum emits what its filter passes as `success`; so a probe answered by 429 closes the breaker, which is right: the party answers. */
const isNotTheParty = (error: unknown): boolean =>
  error instanceof PartyError && (error.code === 'aborted' || !PARTY_ERROR_RULES[error.kind].breakerCounts);

const ownPosition = (breaker: CircuitBreaker<[Work], unknown>): CircuitPosition =>
  breaker.opened ? 'open' : breaker.halfOpen ? 'half-open' : 'closed';

const codeOf = (error: unknown): string => (error instanceof PartyError ? error.code : 'unexpected-error');

/** The breakers of this process, made on first use, one per party and operation. State is not shared between processes. */
export class CircuitBoard implements Circuits {
  readonly #options: CircuitBoardOptions;
  readonly #circuits = new Map<string, Circuit>();
  readonly #listeners = new Set<(state: CircuitState) => void>();

  constructor(options: Partial<CircuitBoardOptions> = {}) {
    this.#options = { ...DEFAULT_CIRCUITS, ...options };
  }

  /**
   * Runs `work` unless the breaker is open.
   * @throws PartyError of kind `unavailable`, code `circuit-open`, without having called `work`
   */
  async run<T>(party: string, operation: string, work: () => Promise<T>): Promise<T> {
    const circuit = this.#circuit(party, operation);
    if (circuit.forced === 'closed') return work();
    if (circuit.forced === 'open') throw this.#openError(circuit);
    // The call is refused here and not by opossum, whose own refusal would have to be told apart from the work's errors.
    if (!circuit.breaker.closed && !circuit.breaker.pendingClose) throw this.#openError(circuit);
    return circuit.breaker.fire(work) as Promise<T>;
  }

  states(): readonly CircuitState[] {
    return [...this.#circuits.values()].map((circuit) => this.#state(circuit));
  }

  permits(party: string, operation: string): 'all' | 'one' | 'none' {
    const own = this.#permit(party, operation);
    const login = operation === LOGIN_OPERATION ? 'all' : this.#permit(party, LOGIN_OPERATION);
    if (own === 'none' || login === 'none') return 'none';
    return own === 'one' || login === 'one' ? 'one' : 'all';
  }

  force(party: string, operation: string, position: 'open' | 'closed' | null): void {
    const circuit = this.#circuit(party, operation);
    circuit.forced = position;
    circuit.failuresInRow = 0;
    if (position === null) circuit.breaker.close();
    this.#moved(circuit, position === null ? null : 'forced');
  }

  /** Calls `listener` at every change of position. @returns a function that ends it */
  onChange(listener: (state: CircuitState) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  close(): void {
    for (const circuit of this.#circuits.values()) circuit.breaker.shutdown();
    this.#circuits.clear();
  }

  #permit(party: string, operation: string): 'all' | 'one' | 'none' {
    const circuit = this.#circuits.get(`${party} ${operation}`);
    if (circuit === undefined || circuit.forced === 'closed') return 'all';
    if (circuit.forced === 'open' || circuit.breaker.opened) return 'none';
    if (circuit.breaker.closed) return 'all';
    return circuit.breaker.pendingClose ? 'one' : 'none';
  }

  #circuit(party: string, operation: string): Circuit {
    const key = `${party} ${operation}`;
    const known = this.#circuits.get(key);
    if (known !== undefined) return known;
    const circuit = this.#create(party, operation);
    this.#circuits.set(key, circuit);
    return circuit;
  }

  #create(party: string, operation: string): Circuit {
    const options = this.#options;
    const breaker = new CircuitBreaker<[Work], unknown>((work) => work(), {
      name: `${party} ${operation}`,
      // Its timeout would reject the caller and leave the call running; the deadline is in the client.
      timeout: false,
      volumeThreshold: options.volumeThreshold,
      errorThresholdPercentage: options.errorThresholdPercent,
      rollingCountTimeout: options.rollingWindowMs,
      rollingPercentilesEnabled: false,
      resetTimeout: options.resetTimeoutMs,
      errorFilter: isNotTheParty,
    });
    const circuit: Circuit = { party, operation, breaker, since: new Date(), reason: null, lastFailure: null, failuresInRow: 0, forced: null };
    this.#watch(circuit);
    return circuit;
  }

  #watch(circuit: Circuit): void {
    const { breaker } = circuit;
    breaker.on('success', () => { circuit.failuresInRow = 0; });
    breaker.on('failure', (error: unknown) => {
      circuit.lastFailure = codeOf(error);
      circuit.failuresInRow += 1;
      if (circuit.failuresInRow >= this.#options.consecutiveFailures && breaker.closed) breaker.open();
    });
    breaker.on('open', () => { this.#moved(circuit, circuit.lastFailure); });
    breaker.on('halfOpen', () => { this.#moved(circuit, circuit.lastFailure); });
    breaker.on('close', () => { this.#moved(circuit, null); });
  }

  #moved(circuit: Circuit, reason: string | null): void {
    circuit.since = new Date();
    circuit.reason = reason;
    const state = this.#state(circuit);
    for (const listener of this.#listeners) listener(state);
  }

  #state(circuit: Circuit): CircuitState {
    const { party, operation, since, reason, forced, breaker } = circuit;
    return { party, operation, since, reason, position: forced ?? ownPosition(breaker), forced: forced !== null };
  }

  #openError(circuit: Circuit): PartyError {
    return new PartyError('unavailable', { party: circuit.party, operation: circuit.operation, code: 'circuit-open' });
  }
}
