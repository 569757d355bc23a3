import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import { clientCredentials } from '../support/client-credentials.js';
import type { HttpTransport, RawReply } from '../support/http-transport.js';
import { SessionManager, withSession } from '../support/session-manager.js';
import { CONNECTIONS } from './config.js';
import type { PaymentPlatformSettings } from './config.js';
import { operationOf, PARTY } from './operations.js';
import type { PlatformOperation } from './operations.js';

/** One signed body for one of the party's addresses. */
export interface PlatformQuestion<T> {
  readonly operation: PlatformOperation;
  readonly body: object;
  /** Values that are masked wherever the answer repeats them. */
  readonly personal: readonly string[];
  /** @throws SignalError where the answer says nothing that can be trusted */
  readonly read: (reply: RawReply) => { readonly value: T; readonly body: unknown };
}

interface Door {
  readonly path: string;
  readonly transport: HttpTransport;
  readonly caller: PartyCaller;
}

/** Some connections beside those of the calls in flight, so that a probe never waits behind them. */
const SPARE_CONNECTIONS = 2;

const doorTo = (address: string, settings: PaymentPlatformSettings, circuits: CircuitBoard): Door => {
  const url = new URL(address);
  const transport = CONNECTIONS.transport(url, settings, settings.PAYMENT_PLATFORM_CONCURRENCY + SPARE_CONNECTIONS);
  return { path: url.pathname, transport, caller: new PartyCaller({ party: PARTY, circuits, transport }) };
};

const sessionsBehind = (door: Door, settings: PaymentPlatformSettings): SessionManager =>
  new SessionManager({
    party: PARTY, refreshAheadMs: settings.PAYMENT_PLATFORM_SESSION_REFRESH_AHEAD_MS,
    open: clientCredentials({
      caller: door.caller, path: door.path, consumerKey: settings.PAYMENT_PLATFORM_CONSUMER_KEY, consumerSecret: settings.PAYMENT_PLATFORM_CONSUMER_SECRET,
      deadlineMs: settings.PAYMENT_PLATFORM_LOGIN_DEADLINE_MS,
    }),
  });

/** Transport of the party's addresses, behind a bearer token where the LGSP wants one. It knows no field and no domain type. */
export class PlatformClient {
  readonly #settings: PaymentPlatformSettings;
  readonly #doors = new Map<PlatformOperation, Door>();
  readonly #login: Door | null;
  readonly #sessions: SessionManager | null;

  constructor(settings: PaymentPlatformSettings, circuits: CircuitBoard) {
    this.#settings = settings;
    this.#doors.set('open-payment', doorTo(settings.PAYMENT_PLATFORM_URL, settings, circuits));
    this.#doors.set('ask-payment', doorTo(settings.PAYMENT_PLATFORM_QUERY_URL, settings, circuits));
    if (settings.PAYMENT_PLATFORM_BILL_URL !== '') this.#doors.set('fetch-receipt', doorTo(settings.PAYMENT_PLATFORM_BILL_URL, settings, circuits));
    this.#login = settings.PAYMENT_PLATFORM_TOKEN_URL === '' ? null : doorTo(settings.PAYMENT_PLATFORM_TOKEN_URL, settings, circuits);
    this.#sessions = this.#login === null ? null : sessionsBehind(this.#login, settings);
  }

  /** @throws PartyError */
  ask<T>(question: PlatformQuestion<T>, call: PartyCall): Promise<T> {
    if (this.#sessions === null) return this.#send(question, null, call);
    return withSession(this.#sessions, call, (token) => this.#send(question, token, call));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#doors.values(), ...(this.#login === null ? [] : [this.#login])].map(({ transport }) => transport.close()));
  }

  #send<T>({ operation, body, personal, read }: PlatformQuestion<T>, token: string | null, call: PartyCall): Promise<T> {
    const door = this.#doors.get(operation);
    if (door === undefined) throw new Error(`no address is configured for ${operation}`);
    const headers = { accept: 'application/json, application/pdf', 'content-type': 'application/json; charset=utf-8', ...CONNECTIONS.traceHeaders(this.#settings, call) };
    return door.caller.call({
      operation: operationOf(operation, this.#settings), content: body, personal, read,
      request: { method: 'POST', path: door.path, headers: token === null ? headers : { ...headers, authorization: `Bearer ${token}` }, body: JSON.stringify(body) },
    }, call);
  }
}
