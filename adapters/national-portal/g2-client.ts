import type { PartyCall } from '../../src/deliveries/party-call.js';
import { readWrapped } from '../support/axis-reply.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import { clientCredentials } from '../support/client-credentials.js';
import type { HttpTransport } from '../support/http-transport.js';
import { joinPath } from '../support/join-path.js';
import { trustedText } from '../support/json-reply.js';
import { SessionManager, withSession } from '../support/session-manager.js';
import type { Grant } from '../support/session-manager.js';
import { connection } from './config.js';
import type { NationalPortalSettings } from './config.js';
import type { JudgementRules, PortalService } from './errors.js';
import { PARTY, portalOperations, SERVICE_NAMES } from './operations.js';
import type { PortalOperations } from './operations.js';
import { jsonHeaders, judgementRules, toAnswer } from './portal-client.js';
import type { PortalAnswer, PortalClient, PortalRequest } from './portal-client.js';

const suffixOf = (service: PortalService, settings: NationalPortalSettings): string => {
  if (service === 'insert') return settings.NATIONAL_PORTAL_G2_INSERT_SUFFIX;
  if (service === 'update') return settings.NATIONAL_PORTAL_G2_UPDATE_SUFFIX;
  return service === 'progress' ? settings.NATIONAL_PORTAL_G2_PROGRESS_SUFFIX : SERVICE_NAMES[service];
};

/** The query string carries what G1 puts in the body (national-portal.md §2). */
const queryOf = (service: PortalService, settings: NationalPortalSettings): string => {
  const parts: string[] = [];
  if (settings.NATIONAL_PORTAL_G2_QUERY.includes('MaDinhDanhDV')) parts.push(`MaDinhDanhDV=${settings.NATIONAL_PORTAL_AGENCY_CODE}`);
  if (settings.NATIONAL_PORTAL_G2_QUERY.includes('isUpdating')) {
    if (service === 'insert') parts.push('isUpdating=False');
    if (service === 'update') parts.push('isUpdating=True');
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
};

const tokenUrlOf = (settings: NationalPortalSettings): URL =>
  new URL(settings.NATIONAL_PORTAL_G2_TOKEN_URL === '' ? '/token' : settings.NATIONAL_PORTAL_G2_TOKEN_URL, settings.NATIONAL_PORTAL_G2_URL);

/** G2: the provincial LGSP wrapper, one URL per service, a bearer token, and answers inside `message`. */
export class G2Client implements PortalClient {
  readonly #settings: NationalPortalSettings;
  readonly #base: string;
  readonly #rules: JudgementRules;
  readonly #operations: PortalOperations;
  readonly #transport: HttpTransport;
  readonly #tokenTransport: HttpTransport;
  readonly #caller: PartyCaller;
  readonly #login: (call: PartyCall) => Promise<Grant>;
  readonly #sessions: SessionManager;

  constructor(settings: NationalPortalSettings, circuits: CircuitBoard) {
    const services = new URL(settings.NATIONAL_PORTAL_G2_URL);
    const token = tokenUrlOf(settings);
    this.#settings = settings;
    this.#base = services.pathname;
    this.#rules = judgementRules(settings);
    this.#operations = portalOperations(settings.NATIONAL_PORTAL_DEADLINE_MS);
    this.#transport = connection.transport(services, settings, settings.NATIONAL_PORTAL_CONNECTIONS);
    // Its own connection: a log-in must not queue behind calls that wait for it.
    this.#tokenTransport = connection.transport(token, settings, 1);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
    this.#login = clientCredentials({
      caller: new PartyCaller({ party: PARTY, circuits, transport: this.#tokenTransport }),
      path: token.pathname,
      consumerKey: settings.NATIONAL_PORTAL_G2_CONSUMER_KEY,
      consumerSecret: settings.NATIONAL_PORTAL_G2_CONSUMER_SECRET,
      deadlineMs: settings.NATIONAL_PORTAL_LOGIN_DEADLINE_MS,
    });
    this.#sessions = new SessionManager({ party: PARTY, open: this.#login, refreshAheadMs: settings.NATIONAL_PORTAL_SESSION_REFRESH_AHEAD_MS });
  }

  ask(request: PortalRequest, call: PartyCall): Promise<PortalAnswer> {
    return withSession(this.#sessions, call, (token) => this.#send(request, token, call));
  }

  async probe(call: PartyCall): Promise<void> {
    await this.#login(call);
  }

  async close(): Promise<void> {
    await Promise.all([this.#transport.close(), this.#tokenTransport.close()]);
  }

  #send(request: PortalRequest, token: string, call: PartyCall): Promise<PortalAnswer> {
    const { service } = request;
    const content = request.data ?? request.fields;
    const headers = jsonHeaders(this.#settings, call);
    headers['authorization'] = `Bearer ${token}`;
    return this.#caller.call({
      operation: this.#operations[service],
      request: {
        method: 'POST',
        path: joinPath(this.#base, suffixOf(service, this.#settings)) + queryOf(service, this.#settings),
        headers,
        body: JSON.stringify(content),
      },
      content,
      personal: request.personal,
      // Only the progress service was seen to answer in plain text (§3.2).
      read: (reply) => toAnswer(readWrapped(trustedText(reply), service === 'progress'), { service, wire: 'g2' }, this.#rules),
    }, call);
  }
}
