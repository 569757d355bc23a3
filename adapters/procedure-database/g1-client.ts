import type { PartyCall } from '../../src/deliveries/party-call.js';
import { AxisForwarder } from '../support/axis-forwarder.js';
import { readEnvelope } from '../support/axis-reply.js';
import type { WireRow } from '../support/axis-reply.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport } from '../support/http-transport.js';
import { trustedJson } from '../support/json-reply.js';
import { axis } from './config.js';
import type { ProcedureDatabaseSettings } from './config.js';
import type { JudgementRules } from './errors.js';
import { INTEGRATION_OPERATION, operationOf, PARTY, SERVICE_NAMES } from './operations.js';
import { jsonHeaders, judgementRules, partyTransport, toRows } from './service-client.js';
import type { ServiceClient, ServiceQuestion } from './service-client.js';

/** G1: the forwarder of the integration axis, one log-in, and a session in every body. */
export class G1Client implements ServiceClient {
  readonly #settings: ProcedureDatabaseSettings;
  readonly #rules: JudgementRules;
  readonly #transport: HttpTransport;
  readonly #caller: PartyCaller;
  readonly #forwarder: AxisForwarder;

  constructor(settings: ProcedureDatabaseSettings, circuits: CircuitBoard) {
    this.#settings = settings;
    this.#rules = judgementRules(settings);
    this.#transport = partyTransport(new URL(settings.PROCEDURE_DATABASE_G1_URL), settings);
    this.#caller = new PartyCaller({ party: PARTY, circuits, transport: this.#transport });
    this.#forwarder = new AxisForwarder(axis.forwarder(PARTY, settings), this.#caller, (call) => jsonHeaders(settings, call));
  }

  ask(question: ServiceQuestion, call: PartyCall): Promise<readonly WireRow[] | null> {
    return this.#forwarder.withSession(call, (session) => this.#send(question, session, call));
  }

  async probe(call: PartyCall): Promise<void> {
    await this.#forwarder.login(call);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #send({ operation, fields }: ServiceQuestion, session: string, call: PartyCall): Promise<readonly WireRow[] | null> {
    const settings = this.#settings;
    const content = { session, madonvi: settings.PROCEDURE_DATABASE_AGENCY_CODE, service: SERVICE_NAMES[operation], ...fields };
    const suffix = operation === INTEGRATION_OPERATION ? settings.PROCEDURE_DATABASE_G1_INTEGRATION_PATH : settings.PROCEDURE_DATABASE_G1_SHARE_PATH;
    return this.#caller.call({
      operation: operationOf(operation, settings.PROCEDURE_DATABASE_DEADLINE_MS),
      request: { method: 'POST', path: this.#forwarder.pathOf(suffix), headers: this.#forwarder.headers(call), body: JSON.stringify(content) },
      content,
      personal: [],
      read: (reply) => toRows(readEnvelope(trustedJson(reply)), operation, this.#rules),
    }, call);
  }
}
