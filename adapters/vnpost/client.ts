import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import { clientCredentials } from '../support/client-credentials.js';
import type { HttpRequest, HttpTransport } from '../support/http-transport.js';
import { joinPath } from '../support/join-path.js';
import { trustedJson } from '../support/json-reply.js';
import { SessionManager, withSession } from '../support/session-manager.js';
import { VNPOST_CONNECTIONS } from './config.js';
import type { VnpostSettings } from './config.js';
import { operationOf, PARTY } from './operations.js';
import type { VnpostOperation } from './operations.js';

interface Asked {
  readonly operation: VnpostOperation;
  /** As configuration names it. */
  readonly route: string;
  readonly personal: readonly string[];
}

export type Question<T> = Asked & {
  /** @throws SignalError where it says nothing that can be trusted */
  readonly read: (body: unknown) => T;
} & ({ readonly method: 'GET'; readonly query: Readonly<Record<string, string>> } | { readonly method: 'POST'; readonly body: object });

const tokenUrlOf = (settings: VnpostSettings): URL => new URL(settings.VNPOST_TOKEN_URL === '' ? '/token' : settings.VNPOST_TOKEN_URL, settings.VNPOST_URL);

/** The post behind a WSO2 gateway: one token, and addresses of two shapes. */
export class VnpostClient {
  readonly #settings: VnpostSettings;
  readonly #base: string;
  readonly #transports: readonly HttpTransport[];
  readonly #caller: PartyCaller;
  readonly #sessions: SessionManager;

  constructor(settings: VnpostSettings, circuits: CircuitBoard) {
    const services = new URL(settings.VNPOST_URL);
    const token = tokenUrlOf(settings);
    this.#settings = settings;
    this.#base = services.pathname;
    const transport = VNPOST_CONNECTIONS.transport(services, settings, settings.VNPOST_CONCURRENCY);
    // Its own connection: a log-in must not queue behind calls that wait for it.
    const tokenTransport = VNPOST_CONNECTIONS.transport(token, settings, 1);
    this.#transports = [transport, tokenTransport];
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport });
    const open = clientCredentials({
      caller: new PartyCaller({ party: PARTY, circuits, transport: tokenTransport }), path: token.pathname,
      consumerKey: settings.VNPOST_CONSUMER_KEY, consumerSecret: settings.VNPOST_CONSUMER_SECRET, deadlineMs: settings.VNPOST_LOGIN_DEADLINE_MS,
    });
    this.#sessions = new SessionManager({ party: PARTY, open, refreshAheadMs: settings.VNPOST_SESSION_REFRESH_AHEAD_MS });
  }

  /** @throws PartyError */
  ask<T>(question: Question<T>, call: PartyCall): Promise<T> {
    return withSession(this.#sessions, call, (token) => this.#send(question, token, call));
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }

  #send<T>(question: Question<T>, token: string, call: PartyCall): Promise<T> {
    const { operation, personal, read } = question;
    const isPost = question.method === 'POST';
    return this.#caller.call({
      operation: operationOf(operation, this.#settings), personal, content: isPost ? question.body : question.query,
      request: {
        method: question.method, path: this.#pathOf(question.route, isPost ? {} : question.query),
        headers: { accept: 'application/json', ...(isPost ? { 'content-type': 'application/json' } : {}), ...this.#tokenHeader(token), ...VNPOST_CONNECTIONS.traceHeaders(this.#settings, call) },
        body: isPost ? JSON.stringify(question.body) : null,
      } satisfies HttpRequest,
      read: (reply) => {
        const body = trustedJson(reply);
        return { body, value: read(body) };
      },
    }, call);
  }

  #pathOf(route: string, query: Readonly<Record<string, string>>): string {
    const isService = this.#settings.VNPOST_SHAPE === 'service';
    const text = new URLSearchParams(isService ? { service: route, ...query } : query).toString();
    const path = isService ? this.#base : joinPath(this.#base, route);
    return text === '' ? path : `${path}?${text}`;
  }

  #tokenHeader(token: string): Readonly<Record<string, string>> {
    return this.#settings.VNPOST_TOKEN_HEADER === 'access_token' ? { access_token: token } : { authorization: `Bearer ${token}` };
  }
}
