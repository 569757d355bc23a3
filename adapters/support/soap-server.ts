import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServerless } from 'soap';
import type { ISoapServiceMethod, Server } from 'soap';
import type { WireAnswer } from './sandbox-answers.js';
import { SignalError } from './signals.js';
import { refuseImport } from './soap-client.js';
import { readEnvelope } from './soap-envelope.js';
import { passXmlGate } from './xml-gate.js';

/** A fault that a service answers on purpose. */
export class SoapFaultAnswer extends Error {
  override readonly name = 'SoapFaultAnswer';
  readonly faultcode: 'Client' | 'Server';

  constructor(faultcode: 'Client' | 'Server', text: string) {
    super(text);
    this.faultcode = faultcode;
  }
}

export type SoapMethodAnswer = (args: unknown) => Promise<Readonly<Record<string, unknown>>>;

export interface SoapServiceOptions {
  /** Text of a WSDL, whole in one file. */
  readonly wsdl: string;
  readonly service: string;
  readonly port: string;
  readonly methods: Readonly<Record<string, SoapMethodAnswer>>;
  readonly maxBodyBytes: number;
  /** Told of defects; the caller sees none of it. */
  readonly onDefect: (error: unknown) => void;
}

const FAULT_TEXT = 'The request cannot be served';
const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';

interface Answer {
  readonly status: number;
  readonly body: string;
}

const faultOf = (status: number, code: 'Client' | 'Server'): Answer => ({
  status,
  body: `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${ENVELOPE}"><soap:Body><soap:Fault><faultcode>soap:${code}</faultcode><faultstring>${FAULT_TEXT}</faultstring></soap:Fault></soap:Body></soap:Envelope>`,
});

const readBytes = async (request: IncomingMessage, maxBytes: number): Promise<Buffer | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

interface NodeResponse {
  statusCode: number;
  end(): void;
}

type NodeMethod = (...call: [args: unknown, done: (error: unknown, result?: unknown) => void, headers: unknown, request: unknown, response: NodeResponse]) => void;

/** node-soap answers an error with its text, and what its own serialiser throws ends the process; neither gets out of here. */
const nodeMethod = (answer: SoapMethodAnswer, onDefect: (error: unknown) => void): NodeMethod => (...[args, done, , , response]) => {
  const fault = (error: unknown): unknown => {
    const isMeant = error instanceof SoapFaultAnswer;
    if (!isMeant) onDefect(error);
    return { Fault: { faultcode: `soap:${isMeant ? error.faultcode : 'Server'}`, faultstring: isMeant ? error.message : FAULT_TEXT, statusCode: 500 } };
  };
  answer(args).then((result) => { done(null, result); }, (error: unknown) => { done(fault(error)); }).catch((error: unknown) => {
    onDefect(error);
    response.statusCode = 500;
    response.end();
  });
};

const openServer = (options: Omit<SoapServiceOptions, 'maxBodyBytes'>): Promise<Server> => new Promise((resolve, reject) => {
  const methods = Object.fromEntries(Object.entries(options.methods).map(([name, answer]) => [name, nodeMethod(answer, options.onDefect) as ISoapServiceMethod]));
  createServerless({
    path: '/', xml: passXmlGate(options.wsdl), services: { [options.service]: { [options.port]: methods } }, suppressStack: true,
    wsdl_options: { overrideImportLocation: refuseImport },
    callback: (error: unknown, server: Server) => { if (error === null || error === undefined) resolve(server); else reject(error instanceof Error ? error : new Error('The WSDL cannot be read')); },
  }).catch(reject);
});

const answerBytes = async (server: Server, bytes: Buffer, names: ReadonlySet<string>): Promise<Answer> => {
  const { xml, content, isFault } = readEnvelope(bytes);
  if (isFault || !names.has(content.name)) return faultOf(500, 'Client');
  // No SOAPAction: node-soap would take the method from it and the arguments from the body, which may belong to another.
  const { statusCode, body } = await server.processRequest(xml, { headers: { 'content-type': 'text/xml; charset=utf-8' } });
  // What is no envelope is the text of an exception.
  return body.includes(':Envelope') ? { status: statusCode, body } : faultOf(500, 'Server');
};

interface Envelope {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

const refusalOf = ({ method, headers }: Pick<Envelope, 'method' | 'headers'>): Answer | null => {
  if (method !== 'POST') return faultOf(405, 'Client');
  if (!/^(text|application)\/xml\s*(;|$)/i.test(headers['content-type'] ?? '')) return faultOf(415, 'Client');
  return (headers['content-encoding'] ?? 'identity') === 'identity' ? null : faultOf(415, 'Client');
};

const wireAnswer = ({ status, body }: Answer): WireAnswer => ({ status, headers: { 'content-type': 'text/xml; charset=utf-8', 'x-content-type-options': 'nosniff' }, body });

/**
 * A SOAP 1.1 service for a server that has read the body already, as a sandbox has: the answer is handed back, so that it can be held, cut
 * or thrown away. Same gates as `createSoapService`, but for the size. Errors tell nothing. Never rejects.
 */
export const createSoapResponder = async (options: Omit<SoapServiceOptions, 'maxBodyBytes'>): Promise<(envelope: Envelope) => Promise<WireAnswer>> => {
  const server = await openServer(options);
  const names: ReadonlySet<string> = new Set(Object.keys(options.methods));
  return async (envelope) => {
    const answer = refusalOf(envelope) ?? await answerBytes(server, envelope.bytes, names).catch((error: unknown) => {
      if (error instanceof SignalError) return faultOf(500, 'Client');
      options.onDefect(error);
      return faultOf(500, 'Server');
    });
    return wireAnswer(answer);
  };
};

/**
 * A SOAP 1.1 service behind the gate, for Express or plain HTTP: POST of XML within its size, an envelope of the right namespace with one
 * body, a method by the body's element. Elements of the body must be named as the methods. Errors tell nothing. Never rejects.
 */
export const createSoapService = async (options: SoapServiceOptions): Promise<(request: IncomingMessage, response: ServerResponse) => Promise<void>> => {
  const respond = await createSoapResponder(options);
  const serve = async (request: IncomingMessage): Promise<WireAnswer> => {
    const asked = { method: request.method ?? 'GET', headers: request.headers };
    const refusal = refusalOf(asked);
    if (refusal !== null) return wireAnswer(refusal);
    const bytes = await readBytes(request, options.maxBodyBytes);
    return bytes === null ? wireAnswer(faultOf(413, 'Client')) : respond({ ...asked, bytes });
  };
  return async (request, response) => {
    const answer = await serve(request).catch((error: unknown) => {
      options.onDefect(error);
      return wireAnswer(faultOf(500, 'Server'));
    });
    if (response.destroyed) return;
    const body = Buffer.from(answer.body);
    response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length, ...(request.complete ? {} : { connection: 'close' }) });
    response.end(body);
  };
};
