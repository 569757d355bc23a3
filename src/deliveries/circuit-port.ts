export type CircuitPosition = 'closed' | 'open' | 'half-open';

/** State of one breaker in one process. */
export interface CircuitState {
  readonly party: string;
  readonly operation: string;
  readonly position: CircuitPosition;
  readonly since: Date;
  /** Code of the failure that opened it, or `forced`; null while closed. */
  readonly reason: string | null;
  readonly forced: boolean;
}

/** The breakers of this process, one per party and operation. */
export interface Circuits {
  states(): readonly CircuitState[];
  /** How many calls may be started now: all, one probe, or none. */
  permits(party: string, operation: string): 'all' | 'one' | 'none';
  /** An operator's decision; null gives the breaker back to itself. */
  force(party: string, operation: string, position: 'open' | 'closed' | null): void;
}
