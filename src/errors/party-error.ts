/** What failed when a party gave no answer, or none that can be trusted. A party's "no" is a value, never one of these. */
export type PartyErrorKind =
  | 'unavailable'
  | 'rate-limited'
  | 'outcome-unknown'
  | 'bad-reply'
  | 'bad-request'
  | 'refused-credentials';

export interface PartyErrorRule {
  /** May the same call be sent again without asking first? */
  readonly repeat: 'yes' | 'after-delay' | 'ask-first' | 'no';
  readonly breakerCounts: boolean;
  readonly logLevel: 'info' | 'warn' | 'error';
}

/** The one table that says what each kind means to retry, breaker and log. */
export const PARTY_ERROR_RULES: Readonly<Record<PartyErrorKind, PartyErrorRule>> = {
  unavailable: { repeat: 'yes', breakerCounts: true, logLevel: 'warn' },
  'rate-limited': { repeat: 'after-delay', breakerCounts: false, logLevel: 'info' },
  'outcome-unknown': { repeat: 'ask-first', breakerCounts: true, logLevel: 'warn' },
  'bad-reply': { repeat: 'ask-first', breakerCounts: true, logLevel: 'error' },
  'bad-request': { repeat: 'no', breakerCounts: false, logLevel: 'error' },
  'refused-credentials': { repeat: 'no', breakerCounts: false, logLevel: 'error' },
};

export interface PartyErrorDetails {
  readonly party: string;
  readonly operation: string;
  /** Stable machine code such as `timeout`, `connection-refused`, `circuit-open`, `html-reply`, `http-503`. */
  readonly code: string;
  /** Told by the party (Retry-After), in milliseconds. */
  readonly retryAfterMs?: number;
  /** `rate-limited` that is about this one subject: other calls to the party may go on. */
  readonly isOfOne?: boolean;
  readonly cause?: unknown;
}

/** Thrown by adapters. The message is built from codes only, so it can hold no personal data. */
export class PartyError extends Error {
  override readonly name = 'PartyError';
  readonly kind: PartyErrorKind;
  readonly party: string;
  readonly operation: string;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly isOfOne: boolean;

  constructor(kind: PartyErrorKind, details: PartyErrorDetails) {
    super(`${details.party} ${details.operation}: ${kind} (${details.code})`, { cause: details.cause });
    this.kind = kind;
    this.party = details.party;
    this.operation = details.operation;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
    this.isOfOne = details.isOfOne ?? false;
  }
}
