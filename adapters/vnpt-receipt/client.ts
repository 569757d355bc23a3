import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import { PACKAGE_ROOT } from '../../src/package-root.js';
import { PartyCaller } from '../support/call-party.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { HttpTransport } from '../support/http-transport.js';
import { joinPath } from '../support/join-path.js';
import { SignalError, unreadable } from '../support/signals.js';
import { SoapClient } from '../support/soap-client.js';
import { VNPT_RECEIPT_CONNECTIONS } from './config.js';
import type { VnptReceiptSettings } from './config.js';
import { codeOf, verdictOf } from './errors.js';
import type { CodeTable, Verdict } from './errors.js';
import { operationOf, PARTY } from './operations.js';
import type { ReceiptOperation } from './operations.js';
import { METHODS, NAMESPACE, resultShape } from './wire.js';
import type { MethodName, ServiceName } from './wire.js';

export interface Question {
  readonly operation: ReceiptOperation;
  readonly method: MethodName;
  /** What its codes mean. */
  readonly table: CodeTable;
  readonly args: Readonly<Record<string, unknown>>;
  readonly personal: readonly string[];
  /** Address of the tenant. */
  readonly tenant: string;
}

export interface Answer {
  readonly verdict: Exclude<Verdict, 'login' | 'settings' | 'content' | 'unlisted'>;
  readonly code: string;
  readonly result: string;
}

const isLoot = (table: CodeTable, result: string): boolean => table === 'lookUp' && !result.trim().startsWith('ERR');

/** @throws SignalError where the code says nothing of the receipt, or is none that we know */
const judge = (table: CodeTable, result: string, body: unknown): Answer => {
  const code = codeOf(result);
  // A page or a PDF carries no code.
  const verdict = isLoot(table, result) ? 'ok' : verdictOf(table, code);
  if (verdict === 'login') throw new SignalError({ kind: 'refused-session' }, { body });
  if (verdict === 'settings' || verdict === 'content') throw new SignalError({ kind: 'refused-question', code: code.toLowerCase().replace(':', '-') }, { body });
  if (verdict === 'unlisted') throw unreadable('unlisted-code', body);
  return { verdict, code, result };
};

/** The three services of each tenant over SOAP 1.1. */
export class ReceiptClient {
  readonly #settings: VnptReceiptSettings;
  readonly #circuits: CircuitBoard;
  readonly #transports = new Map<string, HttpTransport>();
  readonly #services = new Map<string, Promise<SoapClient>>();

  constructor(settings: VnptReceiptSettings, circuits: CircuitBoard) {
    this.#settings = settings;
    this.#circuits = circuits;
  }

  /** @throws PartyError */
  async ask({ operation, method, table, args, personal, tenant }: Question, call: PartyCall): Promise<Answer> {
    const { service, method: name } = METHODS[method];
    const client = await this.#service(tenant, service);
    const shape = resultShape(name);
    return client.call({
      operation: operationOf(operation, this.#settings), method: name, args, personal,
      replyElement: { namespace: NAMESPACE, name: `${name}Response` },
      read: (reply) => {
        const parsed = shape.safeParse(reply);
        if (!parsed.success) throw unreadable('result-shape', reply);
        return judge(table, parsed.data[`${name}Result`] ?? '', reply);
      },
    }, call);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }

  /** Opened when it is first asked; nothing is sent by that. */
  #service(tenant: string, service: ServiceName): Promise<SoapClient> {
    const key = `${tenant} ${service}`;
    const known = this.#services.get(key) ?? this.#open(tenant, service);
    this.#services.set(key, known);
    return known;
  }

  #open(tenant: string, service: ServiceName): Promise<SoapClient> {
    const base = new URL(tenant);
    return SoapClient.open({
      wsdl: readFileSync(join(PACKAGE_ROOT, 'schemas', 'parties', PARTY, `${service}.wsdl`), 'utf8'),
      endpoint: new URL(joinPath(base.pathname, `${service}.asmx`), base),
      caller: new PartyCaller({ party: PARTY, circuits: this.#circuits, transport: this.#transport(base) }),
    });
  }

  #transport(base: URL): HttpTransport {
    const known = this.#transports.get(base.origin) ?? VNPT_RECEIPT_CONNECTIONS.transport(base, this.#settings, this.#settings.VNPT_RECEIPT_CONCURRENCY);
    this.#transports.set(base.origin, known);
    return known;
  }
}
