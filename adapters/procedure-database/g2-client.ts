import type { PartyCall } from '../../src/deliveries/party-call.js';
import { readWrapped } from '../support/axis-reply.js';
import type { WireRow } from '../support/axis-reply.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import { clientCredentials } from '../support/client-credentials.js';
import type { HttpRequest, HttpTransport } from '../support/http-transport.js';
import { joinPath } from '../support/join-path.js';
import { trustedText } from '../support/json-reply.js';
import { SessionManager, withSession } from '../support/session-manager.js';
import type { Grant } from '../support/session-manager.js';
import type { ProcedureDatabaseSettings } from './config.js';
import type { JudgementRules } from './errors.js';
import { operationOf, PARTY, SERVICE_NAMES } from './operations.js';
import { jsonHeaders, judgementRules, partyTransport, toRows } from './service-client.js';
import type { ServiceClient, ServiceQuestion } from './service-client.js';

const tokenUrlOf = (settings: ProcedureDatabaseSettings): URL =>
  new URL(settings.PROCEDURE_DATABASE_G2_TOKEN_URL === '' ? '/token' : settings.PROCEDURE_DATABASE_G2_TOKEN_URL, settings.PROCEDURE_DATABASE_G2_URL);

/** G2: the provincial LGSP wrapper, one URL per service, a bearer token, and answers inside `message`. */
export class G2Client implements ServiceClient {
  readonly #settings: ProcedureDatabaseSettings;
  readonly #base: string;
  readonly #rules: JudgementRules;
  readonly #transport: HttpTransport;
  readonly #tokenTransport: HttpTransport;
  readonly #caller: PartyCaller;
  readonly #login: (call: PartyCall) => Promise<Grant>;
  readonly #sessions: SessionManager;

  constructor(settings: ProcedureDatabaseSettings, circuits: CircuitBoard) {
    const services = new URL(settings.PROCEDURE_DATABASE_G2_URL);
    const token = tokenUrlOf(settings);
    this.#settings = settings;
    this.#base = services.pathname;
    this.#rules = judgementRules(settings);
    this.#transport = partyTransport(services, settings);
    this.#tokenTransport = partyTransport(token, settings);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
    this.#login = clientCredentials({
      caller: new PartyCaller({ party: PARTY, circuits, transport: this.#tokenTransport }),
      path: token.pathname,
      consumerKey: settings.PROCEDURE_DATABASE_G2_CONSUMER_KEY,
      consumerSecret: settings.PROCEDURE_DATABASE_G2_CONSUMER_SECRET,
      deadlineMs: settings.PROCEDURE_DATABASE_LOGIN_DEADLINE_MS,
    });
    this.#sessions = new SessionManager({ party: PARTY, open: this.#login, refreshAheadMs: settings.PROCEDURE_DATABASE_SESSION_REFRESH_AHEAD_MS });
  }

  ask(question: ServiceQuestion, call: PartyCall): Promise<readonly WireRow[] | null> {
    return withSession(this.#sessions, call, (token) => this.#send(question, token, call));
  }

  async probe(call: PartyCall): Promise<void> {
    await this.#login(call);
  }

  async close(): Promise<void> {
    await Promise.all([this.#transport.close(), this.#tokenTransport.close()]);
  }

  #send(question: ServiceQuestion, token: string, call: PartyCall): Promise<readonly WireRow[] | null> {
    const { operation, fields } = question;
    return this.#caller.call({
      operation: operationOf(operation, this.#settings.PROCEDURE_DATABASE_DEADLINE_MS),
      request: { ...this.#addressed(question), headers: { ...jsonHeaders(this.#settings, call), authorization: `Bearer ${token}` } },
      content: fields,
      personal: [],
      read: (reply) => toRows(readWrapped(trustedText(reply), false), operation, this.#rules),
    }, call);
  }

  /** The list is asked with GET and the agency in the query, the rest with POST (national-portal.md §2). */
  #addressed({ operation, fields }: ServiceQuestion): Pick<HttpRequest, 'method' | 'path' | 'body'> {
    const settings = this.#settings;
    const agency = encodeURIComponent(settings.PROCEDURE_DATABASE_AGENCY_CODE);
    if (operation === 'list-procedures') {
      return { method: 'GET', path: `${joinPath(this.#base, settings.PROCEDURE_DATABASE_G2_LIST_SUFFIX)}?maDonVi=${agency}`, body: null };
    }
    return { method: 'POST', path: `${joinPath(this.#base, SERVICE_NAMES[operation])}?MaDinhDanhDV=${agency}`, body: JSON.stringify(fields) };
  }
}
