import type { PartyCall } from '../../src/deliveries/party-call.js';
import { AxisForwarder } from '../support/axis-forwarder.js';
import { readEnvelope } from '../support/axis-reply.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport } from '../support/http-transport.js';
import { trustedJson } from '../support/json-reply.js';
import { axis, connection } from './config.js';
import type { NationalPortalSettings } from './config.js';
import type { JudgementRules } from './errors.js';
import { PARTY, portalOperations, SERVICE_NAMES, SHARE_SERVICES } from './operations.js';
import type { PortalOperations } from './operations.js';
import { jsonHeaders, judgementRules, toAnswer } from './portal-client.js';
import type { PortalAnswer, PortalClient, PortalRequest } from './portal-client.js';

const isUpdating = (request: PortalRequest): Record<string, string> => {
  if (request.service === 'insert') return { isUpdating: 'False' };
  return request.service === 'update' ? { isUpdating: 'True' } : {};
};

/** G1: the forwarder of the integration axis, one log-in, and a session in every body. */
export class G1Client implements PortalClient {
  readonly #settings: NationalPortalSettings;
  readonly #rules: JudgementRules;
  readonly #operations: PortalOperations;
  readonly #transport: HttpTransport;
  readonly #caller: PartyCaller;
  readonly #forwarder: AxisForwarder;

  constructor(settings: NationalPortalSettings, circuits: CircuitBoard) {
    this.#settings = settings;
    this.#rules = judgementRules(settings);
    this.#operations = portalOperations(settings.NATIONAL_PORTAL_DEADLINE_MS);
    this.#transport = connection.transport(new URL(settings.NATIONAL_PORTAL_G1_URL), settings, settings.NATIONAL_PORTAL_CONNECTIONS);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
    this.#forwarder = new AxisForwarder(axis.forwarder(PARTY, settings), this.#caller, (call) => jsonHeaders(settings, call));
  }

  ask(request: PortalRequest, call: PartyCall): Promise<PortalAnswer> {
    return this.#forwarder.withSession(call, (session) => this.#send(request, session, call));
  }

  async probe(call: PartyCall): Promise<void> {
    await this.#forwarder.login(call);
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
    const suffix = SHARE_SERVICES.has(service) ? this.#settings.NATIONAL_PORTAL_G1_SHARE_PATH : this.#settings.NATIONAL_PORTAL_G1_INTEGRATION_PATH;
    return this.#caller.call({
      operation: this.#operations[service],
      request: { method: 'POST', path: this.#forwarder.pathOf(suffix), headers: this.#forwarder.headers(call), body: JSON.stringify(content) },
      content,
      personal: request.personal,
      read: (reply) => toAnswer(readEnvelope(trustedJson(reply)), { service, wire: 'g1' }, this.#rules),
    }, call);
  }
}
