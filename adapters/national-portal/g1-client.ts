import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport } from '../support/http-transport.js';
import { trustedJson } from '../support/json-reply.js';
import { asLoginError } from '../support/login-errors.js';
import { SessionManager, withSession } from '../support/session-manager.js';
import type { Grant } from '../support/session-manager.js';
import { SignalError, unreadable } from '../support/signals.js';
import type { NationalPortalSettings } from './config.js';
import { isZeroCode } from './errors.js';
import type { JudgementRules } from './errors.js';
import { loginOperation, PARTY, portalOperations, SERVICE_NAMES, SHARE_SERVICES } from './operations.js';
import type { PortalOperations } from './operations.js';
import { joinPath, jsonHeaders, judgementRules, toAnswer } from './portal-client.js';
import type { PortalAnswer, PortalClient, PortalRequest } from './portal-client.js';
import { portalTransport } from './portal-transport.js';
import { readEnvelope } from './reply.js';
import { loginReply } from './wire.js';

interface G1Paths {
  readonly login: string;
  readonly share: string;
  readonly integration: string;
}

/** The colons of a dstcode stay as they are seen in the field; `providerurl` is percent-encoded (national-portal.md §3.3). */
const g1Query = (settings: NationalPortalSettings): string => {
  const parts: string[] = [];
  if (settings.NATIONAL_PORTAL_G1_DSTCODE_IN !== 'header') parts.push(`dstcode=${settings.NATIONAL_PORTAL_G1_DSTCODE}`);
  const provider = settings.NATIONAL_PORTAL_G1_PROVIDER_URL;
  if (provider !== '') parts.push(`providerurl=${encodeURIComponent(provider)}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
};

const g1Paths = (settings: NationalPortalSettings): G1Paths => {
  const base = new URL(settings.NATIONAL_PORTAL_G1_URL).pathname;
  const query = g1Query(settings);
  return {
    login: joinPath(base, settings.NATIONAL_PORTAL_G1_LOGIN_PATH) + query,
    share: joinPath(base, settings.NATIONAL_PORTAL_G1_SHARE_PATH) + query,
    integration: joinPath(base, settings.NATIONAL_PORTAL_G1_INTEGRATION_PATH) + query,
  };
};

const isUpdating = (request: PortalRequest): Record<string, string> => {
  if (request.service === 'insert') return { isUpdating: 'False' };
  return request.service === 'update' ? { isUpdating: 'True' } : {};
};

/** G1: the forwarder of the integration axis, one log-in, and a session in every body. */
export class G1Client implements PortalClient {
  readonly #settings: NationalPortalSettings;
  readonly #paths: G1Paths;
  readonly #rules: JudgementRules;
  readonly #operations: PortalOperations;
  readonly #transport: HttpTransport;
  readonly #caller: PartyCaller;
  readonly #sessions: SessionManager;

  constructor(settings: NationalPortalSettings, circuits: CircuitBoard) {
    this.#settings = settings;
    this.#paths = g1Paths(settings);
    this.#rules = judgementRules(settings);
    this.#operations = portalOperations(settings.NATIONAL_PORTAL_DEADLINE_MS);
    this.#transport = portalTransport(new URL(settings.NATIONAL_PORTAL_G1_URL), settings, settings.NATIONAL_PORTAL_CONNECTIONS);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
    this.#sessions = new SessionManager({
      party: PARTY,
      open: (call) => this.#login(call),
      refreshAheadMs: settings.NATIONAL_PORTAL_SESSION_REFRESH_AHEAD_MS,
    });
  }

  ask(request: PortalRequest, call: PartyCall): Promise<PortalAnswer> {
    return withSession(this.#sessions, call, (session) => this.#send(request, session, call));
  }

  async probe(call: PartyCall): Promise<void> {
    await this.#login(call);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #send(request: PortalRequest, session: string, call: PartyCall): Promise<PortalAnswer> {
    const { service } = request;
    const content = {
      session,
      madonvi: this.#settings.NATIONAL_PORTAL_AGENCY_CODE,
      service: SERVICE_NAMES[service],
      ...isUpdating(request),
      ...request.fields,
      ...(request.data === null ? {} : { data: request.data }),
    };
    const path = SHARE_SERVICES.has(service) ? this.#paths.share : this.#paths.integration;
    return this.#caller.call({
      operation: this.#operations[service],
      request: { method: 'POST', path, headers: this.#headers(call), body: JSON.stringify(content) },
      content,
      personal: request.personal,
      read: (reply) => toAnswer(readEnvelope(trustedJson(reply)), { service, wire: 'g1' }, this.#rules),
    }, call);
  }

  async #login(call: PartyCall): Promise<Grant> {
    const content = { username: this.#settings.NATIONAL_PORTAL_G1_USERNAME, password: this.#settings.NATIONAL_PORTAL_G1_PASSWORD };
    const lifeMs = this.#settings.NATIONAL_PORTAL_G1_SESSION_LIFE_MS;
    try {
      return await this.#caller.call({
        operation: loginOperation(this.#settings.NATIONAL_PORTAL_LOGIN_DEADLINE_MS),
        request: { method: 'POST', path: this.#paths.login, headers: this.#headers(call), body: JSON.stringify(content) },
        content,
        personal: [],
        read: (reply) => {
          const body = trustedJson(reply);
          return { body, value: { token: readSession(body), lifeMs } };
        },
      }, call);
    } catch (error) {
      throw asLoginError(error);
    }
  }

  #headers(call: PartyCall): Record<string, string> {
    const headers = jsonHeaders(this.#settings, call);
    if (this.#settings.NATIONAL_PORTAL_G1_DSTCODE_IN !== 'query') headers['dstcode'] = this.#settings.NATIONAL_PORTAL_G1_DSTCODE;
    return headers;
  }
}

/** @throws SignalError `refused-session` where the portal refused the log-in */
const readSession = (body: unknown): string => {
  const parsed = loginReply.safeParse(body);
  if (!parsed.success) throw unreadable('login-shape', body);
  const { session, error_code: code } = parsed.data;
  if (code !== undefined && !isZeroCode(code)) throw new SignalError({ kind: 'refused-session' }, { body });
  if (session === undefined || session === null || session === '') throw unreadable('login-without-session', body);
  return session;
};
