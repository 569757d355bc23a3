import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../observability/logger.js';
import { sendJson } from './json-answer.js';
import type { TlsFiles } from './tls-files.js';

/** Node waits 86 s for an unfinished header by default; a caller that means it needs none of these. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTIONS_CHECK_MS = 500;
/** Longer than the idle time of common load balancers, so that it is they who close. */
const KEEP_ALIVE_MS = 65_000;

const TIMEOUTS = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: CONNECTIONS_CHECK_MS, keepAliveTimeout: KEEP_ALIVE_MS };
/** Half a year; only ever sent over TLS. */
const STRICT_TRANSPORT = 'max-age=15552000';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Who answers what; null while the gateway is still starting. */
export interface Routes {
  /** Answers `/graphql`. */
  readonly graphql: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Everything else. */
  readonly other: Handler;
}

export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** The listening socket. It answers from the first moment on: "starting" until routes are given, and "stopping" while it drains. */
export class HttpServer {
  readonly #server: Server;
  readonly #logger: Logger;
  readonly #tls: TlsFiles | null;
  #routes: Routes | null = null;
  #inFlight = 0;

  /** `tls`: speaks HTTPS, with the certificate that the files hold at the time; null for HTTP. */
  constructor(logger: Logger, tls: TlsFiles | null = null) {
    this.#logger = logger;
    this.#tls = tls;
    const answer = (request: IncomingMessage, response: ServerResponse): void => this.#answer(request, response);
    if (tls === null) {
      this.#server = createServer(TIMEOUTS, answer);
      return;
    }
    const server = createTlsServer({ ...TIMEOUTS, ...tls.read(), minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_TIMEOUT_MS }, answer);
    tls.onChange((pair) => server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' }));
    this.#server = server;
  }

  /** Returns the address under which the server answers. Throws PortTakenError with what to do. */
  async listen(host: string, port: number): Promise<string> {
    await new Promise<void>((fulfil, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        reject(cause.code === 'EADDRINUSE' ? new PortTakenError(`Port ${port} on ${host} is taken by another program; stop that one or choose another port (HTTP_PORT for the API, WORKER_PORT for a worker, ADMIN_PORT for operators, CALLBACK_PORT for parties)`, { cause }) : cause);
      });
      this.#server.listen({ host, port }, fulfil);
    });
    this.#server.on('error', (error) => this.#logger.error({ err: error }, 'HTTP server error'));
    const address = this.#server.address() as AddressInfo;
    const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
    return `${this.#tls === null ? 'http' : 'https'}://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${address.port}`;
  }

  serve(routes: Routes): void {
    this.#routes = routes;
  }

  /** Takes no more connections and waits for answers in flight until `graceMs`; then cuts what is left. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((fulfil) => this.#server.close(() => fulfil()));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    const idle = setInterval(() => {
      if (this.#inFlight === 0) this.#server.closeAllConnections();
    }, 50);
    await closed;
    clearTimeout(cut);
    clearInterval(idle);
    this.#tls?.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#inFlight += 1;
    response.once('close', () => {
      this.#inFlight -= 1;
    });
    if (this.#tls !== null) response.setHeader('strict-transport-security', STRICT_TRANSPORT);
    const path = (request.url ?? '/').split('?', 1)[0];
    if (this.#routes === null) {
      sendJson(response, { status: path === '/health/live' ? 200 : 503, body: { status: 'starting' }, headers: { 'retry-after': '1' } });
    } else if (path === '/graphql') {
      this.#routes.graphql(request, response).catch((error: unknown) => this.#fail(response, error));
    } else {
      this.#routes.other(request, response);
    }
  }

  #fail(response: ServerResponse, error: unknown): void {
    // A caller that hangs up while it still sends is no defect of ours.
    if (!response.destroyed) this.#logger.error({ err: error }, 'HTTP call failed');
    if (response.headersSent || response.destroyed) response.destroy();
    else sendJson(response, { status: 500, body: { errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL' } }] }, headers: { connection: 'close' } });
  }
}
