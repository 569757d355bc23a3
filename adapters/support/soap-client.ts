import { createClientAsync } from 'soap';
import type { Client } from 'soap';
import type { PartyCall } from '../../src/deliveries/party-call.js';
import type { OperationSpec, PartyCaller } from './call-party.js';
import type { HttpRequest, RawReply } from './http-transport.js';
import { SignalError, unreadable } from './signals.js';
import { readFault } from './soap-envelope.js';
import type { SoapEnvelope, SoapFault } from './soap-envelope.js';
import { trustedEnvelope } from './soap-reply.js';
import { passXmlGate } from './xml-gate.js';
import type { XmlNode } from './xml-tree.js';

export interface SoapExchange<T> {
  readonly operation: OperationSpec;
  /** Operation of the WSDL. */
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Personal values of the arguments. */
  readonly personal: readonly string[];
  /** Element that the body must hold; namespace and local name. */
  readonly replyElement: { readonly namespace: string; readonly name: string };
  /**
   * `result` as node-soap reads it by the WSDL, `content` the element itself with its namespaces. @throws SignalError where it is not what was agreed
   */
  readonly read: (result: unknown, content: XmlNode) => T;
  /** The party's "no" as a value; without it a fault is an error. */
  readonly onFault?: (fault: SoapFault) => T;
}

export interface SoapClientOptions {
  /** Text of a WSDL below schemas/parties/, whole in one file: imports are refused. */
  readonly wsdl: string;
  readonly endpoint: URL;
  readonly caller: PartyCaller;
  readonly version?: '1.1' | '1.2';
}

type Send = (request: HttpRequest) => Promise<RawReply>;
type Method = (args: unknown, done: (error: unknown, result: unknown) => void, options: { readonly oneCall: OneCall }) => void;

/** Travels through node-soap to the HTTP client in its per-call options; node-soap itself keeps no state of a call that we read. */
class OneCall {
  readonly #send: Send;
  readonly fail: (error: unknown) => void;
  envelope: SoapEnvelope | null = null;

  constructor(send: Send, fail: (error: unknown) => void) {
    this.#send = send;
    this.fail = fail;
  }

  /** @throws SignalError */
  async exchange(request: HttpRequest): Promise<SoapEnvelope> {
    this.envelope = trustedEnvelope(await this.#send(request));
    return this.envelope;
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error('node-soap failed', { cause: error }));

/** A defect of ours: what we were about to send is no XML, by a character that no party can take. */
const checkOutgoing = (xml: string): void => {
  try {
    if (/\p{Surrogate}/u.test(xml)) throw unreadable('xml-lone-surrogate');
    passXmlGate(xml);
  } catch {
    throw new RangeError('The arguments do not make a well-formed SOAP request');
  }
};

type HttpCall = [
  url: string, data: string, callback: (error: unknown, response?: unknown, body?: string) => void, headers?: Record<string, string>, options?: Record<string, unknown>,
];

/** node-soap's door to the network. Whatever goes wrong goes to `fail`: thrown here it would end the process. */
const httpClient = {
  request: (...[url, data, callback, headers = {}, options = {}]: HttpCall) => {
    const { oneCall } = options;
    if (!(oneCall instanceof OneCall)) throw new Error('node-soap asked for something that is no call of ours');
    const { pathname, search } = new URL(url);
    const exchange = async (): Promise<void> => {
      checkOutgoing(data);
      const { xml } = await oneCall.exchange({ method: 'POST', path: pathname + search, headers, body: data });
      callback(null, { status: 200, headers: {} }, xml);
    };
    exchange().catch(oneCall.fail);
    // node-soap's type wants axios' promise and reads nothing of it.
    return undefined as never;
  },
};

const faultError = ({ code, text, isOurs }: SoapFault): SignalError =>
  new SignalError({ kind: 'status', status: isOurs ? 400 : 500, faultCode: null, retryAfterMs: null }, { body: { fault: { code, text } } });

/** Serialises by the WSDL with node-soap, sends with our own transport, and believes only what the gate has passed. */
export class SoapClient {
  readonly #client: Client;
  readonly #caller: PartyCaller;

  private constructor(client: Client, caller: PartyCaller) {
    this.#client = client;
    this.#caller = caller;
  }

  /** Reads the WSDL; nothing is sent. @throws Error where it is unreadable or wants another file */
  static async open(options: SoapClientOptions): Promise<SoapClient> {
    const wsdl: string = passXmlGate(options.wsdl);
    const client = await createClientAsync(wsdl.startsWith('<?xml') ? wsdl : `<?xml version="1.0"?>${wsdl}`, {
      httpClient, disableCache: true, escapeXML: true, strict: true, forceSoap12Headers: options.version === '1.2',
      wsdl_options: { overrideImportLocation: refuseImport },
    }, options.endpoint.href);
    return new SoapClient(client, options.caller);
  }

  /** @throws PartyError, and nothing else but defects of ours */
  call<T>(exchange: SoapExchange<T>, call: PartyCall): Promise<T> {
    const { operation, args, personal } = exchange;
    return this.#caller.converse({
      operation, content: args, personal,
      run: async (send) => {
        const { result, envelope } = await this.#invoke(exchange, send);
        if (!envelope.isFault) return { value: exchange.read(result, envelope.content), body: result };
        const fault = readFault(envelope.content);
        if (exchange.onFault === undefined) throw faultError(fault);
        return { value: exchange.onFault(fault), body: { fault: { code: fault.code, text: fault.text } } };
      },
    }, call);
  }

  #invoke({ method, args, replyElement }: SoapExchange<unknown>, send: Send): Promise<{ result: unknown; envelope: SoapEnvelope }> {
    return new Promise((resolve, reject) => {
      const invoke = (this.#client as unknown as Record<string, Method | undefined>)[method];
      if (invoke === undefined) throw new RangeError(`The WSDL has no operation ${method}`);
      const oneCall = new OneCall(send, (error) => { reject(asError(error)); });
      invoke.call(this.#client, args, (error, result) => {
        const { envelope } = oneCall;
        if (envelope === null) reject(asError(error));
        else if (envelope.isFault) resolve({ result: null, envelope });
        // node-soap looks for the reply by its name only, and takes one that is missing for an empty success.
        else if (error !== null && error !== undefined) reject(unreadable('soap-unreadable'));
        else if (envelope.content.name !== replyElement.name || envelope.content.namespace !== replyElement.namespace) reject(unreadable('soap-unexpected-body'));
        else resolve({ result, envelope });
      }, { oneCall });
    });
  }
}

/** Given to node-soap for every import and include of a WSDL. */
export const refuseImport = (): never => {
  throw new Error('A WSDL may not import another file');
};
