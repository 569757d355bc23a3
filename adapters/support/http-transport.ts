import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { guardedConnector } from '../../src/net/guarded-connect.js';
import type { TlsIdentity } from '../../src/net/guarded-connect.js';
import { SignalError } from './signals.js';
import type { NotSentCode } from './signals.js';

/** What came back, untouched. Header names are lower case. */
export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, from the root of the origin. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface HttpTransportOptions {
  /** Scheme, host and port. Nothing else of a URL is used. */
  readonly origin: string;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly maxReplyBytes: number;
  /** May the host turn out to be on the local network? Loopback is allowed where `origin` itself says so, link-local never. */
  readonly allowPrivateAddresses: boolean;
  /** Pinned CA and client certificate; the system's roots and none where left out. */
  readonly tls?: TlsIdentity;
}

const CERTIFICATE_CODES = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|HOSTNAME_MISMATCH)/;

/**
 * The party ended the handshake because of our certificate. In TLS 1.3 our side thinks itself connected by then, and the first request
 * may be on the wire; it was thrown away unread.
 */
const CERTIFICATE_ALERT = /ALERT_(CERTIFICATE_|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/;

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');

const notSentCode = (error: unknown): NotSentCode => {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return 'connection-refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns';
  if (code === 'ERR_ADDRESS_REFUSED') return 'address-refused';
  if (CERTIFICATE_CODES.test(code) || CERTIFICATE_ALERT.test(code)) return 'certificate';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'connect-timeout';
  if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code === 'EPROTO') return 'tls';
  return 'connect-failed';
};

interface Settle {
  resolve(reply: RawReply): void;
  reject(error: SignalError): void;
}

/** Why we ourselves ended a call: `too-large` is the reply, the others come from the caller's signal. */
type OwnEnd = 'timeout' | 'aborted' | 'too-large';

/**
 * One exchange on undici's dispatch API. It is used because `onRequestStart` says exactly when the first byte may leave: a failure
 * before it is harmless, one after it is a lost answer. An error code alone cannot tell (ECONNRESET comes in both).
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #settle: Settle;
  readonly #maxBytes: number;
  #controller: Dispatcher.DispatchController | null = null;
  #ended: OwnEnd | null = null;
  #settled = false;
  #status = 0;
  #headers: RawReply['headers'] = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(settle: Settle, maxBytes: number) {
    this.#settle = settle;
    this.#maxBytes = maxBytes;
  }

  /** Ends the exchange now; a request still queued in the pool will never be written. */
  end(why: OwnEnd): void {
    if (this.#settled) return;
    this.#ended = why;
    this.#fail(null);
    this.#controller?.abort(new Error(why));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
      controller.abort(new Error('ended before it was sent'));
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: RawReply['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.end('too-large');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settled = true;
    const contentType = this.#headers['content-type'];
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    this.#settle.resolve({
      status: this.#status,
      headers: this.#headers,
      contentType: typeof contentType === 'string' ? contentType.toLowerCase() : '',
      body: only ?? Buffer.concat(this.#chunks, this.#bytes),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #fail(error: Error | null): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle.reject(this.#controller === null ? this.#notSent(error) : this.#lost(error));
  }

  #notSent(cause: Error | null): SignalError {
    if (this.#ended === 'aborted') return new SignalError({ kind: 'not-sent', code: 'aborted' });
    if (this.#ended !== null) return new SignalError({ kind: 'not-sent', code: 'timeout-before-sent' });
    return new SignalError({ kind: 'not-sent', code: notSentCode(cause) }, { cause });
  }

  #lost(cause: Error | null): SignalError {
    if (this.#ended === null && this.#status === 0 && CERTIFICATE_ALERT.test(codeOf(cause))) return this.#notSent(cause);
    return new SignalError({ kind: 'lost', code: this.#ended ?? 'reset' }, { cause });
  }
}

/**
 * Keep-alive HTTP to one origin. No redirects, no proxy, no retries, no decompression; the only deadline is the caller's signal,
 * which also ends a dripping body.
 */
export class HttpTransport {
  readonly #pool: Pool;
  readonly #maxReplyBytes: number;

  constructor(options: HttpTransportOptions) {
    this.#maxReplyBytes = options.maxReplyBytes;
    this.#pool = new Pool(options.origin, {
      connections: options.connections,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: guardedConnector({
        origin: new URL(options.origin), allowPrivate: options.allowPrivateAddresses, connectTimeoutMs: options.connectTimeoutMs,
        ...(options.tls === undefined ? {} : { tls: options.tls }),
      }),
    });
  }

  /**
   * Sends once. `signal.reason` being the string `timeout` marks our own deadline.
   * @throws SignalError of kind `not-sent` or `lost`
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<RawReply> {
    return new Promise<RawReply>((resolve, reject) => {
      const onAbort = (): void => { exchange.end(signal.reason === 'timeout' ? 'timeout' : 'aborted'); };
      const done = (): void => { signal.removeEventListener('abort', onAbort); };
      const exchange = new Exchange({
        resolve: (reply) => { done(); resolve(reply); },
        reject: (error) => { done(); reject(error); },
      }, this.#maxReplyBytes);
      if (signal.aborted) { onAbort(); return; }
      signal.addEventListener('abort', onAbort);
      this.#pool.dispatch({ path: request.path, method: request.method, headers: request.headers, body: request.body }, exchange);
    });
  }

  async close(): Promise<void> {
    // destroy, not close: whoever closes has already drained, and a hung party must not hold the process.
    await this.#pool.destroy();
  }
}
