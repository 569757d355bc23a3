/**
 * What the client saw when no trustworthy answer came. It says nothing of danger: `classify` decides that with the effect class.
 * `not-sent`: no byte of the request can have reached the party. `lost`: it may have, and no answer came.
 */
export type Signal =
  | { readonly kind: 'not-sent'; readonly code: NotSentCode }
  | { readonly kind: 'lost'; readonly code: 'timeout' | 'reset' | 'aborted' | 'too-large' }
  | { readonly kind: 'status'; readonly status: number; readonly faultCode: string | null; readonly retryAfterMs: number | null }
  | { readonly kind: 'html' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused-session' }
  | { readonly kind: 'refused-question'; readonly code: string }
  | { readonly kind: 'unreadable'; readonly code: string };

export type NotSentCode = 'connection-refused' | 'dns' | 'tls' | 'certificate' | 'connect-timeout' | 'timeout-before-sent' | 'aborted' | 'address-refused' | 'connect-failed';

/** Carries a signal from the client to `classify`; it never leaves adapters/support. */
export class SignalError extends Error {
  override readonly name = 'SignalError';
  readonly signal: Signal;
  // Private, so that no serialiser of errors can print what the party said.
  readonly #body: unknown;

  constructor(signal: Signal, options: { cause?: unknown; body?: unknown } = {}) {
    super(signal.kind, { cause: options.cause });
    this.signal = signal;
    this.#body = options.body ?? null;
  }

  /** Parsed reply body for the journal; null where none could be read. It may hold personal data. */
  replyBody(): unknown {
    return this.#body;
  }
}

/** No cause on purpose: a parser's message quotes the text that it could not read, which may be personal data. */
export const unreadable = (code: string, body?: unknown): SignalError => new SignalError({ kind: 'unreadable', code }, { body });
