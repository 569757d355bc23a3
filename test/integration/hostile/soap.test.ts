import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { PartyCaller } from '../../../adapters/support/call-party.js';
import type { OperationSpec } from '../../../adapters/support/call-party.js';
import { CircuitBoard } from '../../../adapters/support/circuit-board.js';
import { HttpTransport } from '../../../adapters/support/http-transport.js';
import { unreadable } from '../../../adapters/support/signals.js';
import { SoapClient } from '../../../adapters/support/soap-client.js';
import { SoapFaultAnswer, createSoapService } from '../../../adapters/support/soap-server.js';
import type { PartyCall } from '../../../src/deliveries/party-call.js';
import { PartyError } from '../../../src/errors/party-error.js';

const NAMESPACE = 'urn:receipts';
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const WSDL = `<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="${NAMESPACE}" targetNamespace="${NAMESPACE}">
  <types><xs:schema targetNamespace="${NAMESPACE}" elementFormDefault="qualified">
    <xs:element name="Issue"><xs:complexType><xs:sequence><xs:element name="code" type="xs:string"/><xs:element name="payer" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="IssueResponse"><xs:complexType><xs:sequence><xs:element name="number" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Cancel"><xs:complexType><xs:sequence><xs:element name="code" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="CancelResponse"><xs:complexType><xs:sequence><xs:element name="number" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
  </xs:schema></types>
  <message name="IssueIn"><part name="p" element="t:Issue"/></message><message name="IssueOut"><part name="p" element="t:IssueResponse"/></message>
  <message name="CancelIn"><part name="p" element="t:Cancel"/></message><message name="CancelOut"><part name="p" element="t:CancelResponse"/></message>
  <portType name="Port"><operation name="Issue"><input message="t:IssueIn"/><output message="t:IssueOut"/></operation><operation name="Cancel"><input message="t:CancelIn"/><output message="t:CancelOut"/></operation></portType>
  <binding name="Binding" type="t:Port"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Issue"><soap:operation soapAction="${NAMESPACE}/Issue"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
    <operation name="Cancel"><soap:operation soapAction="${NAMESPACE}/Cancel"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
  <service name="Receipts"><port name="Port" binding="t:Binding"><soap:address location="http://127.0.0.1/"/></port></service>
</definitions>`;

const ISSUE: OperationSpec = { name: 'issue', effect: 'unsafe', deadlineMs: 30_000, kept: { plain: new Set(['number', 'code']), text: new Set(['text']) } };
const issueResponse = z.object({ number: z.string().min(1) });

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); });

const listen = async (listener: RequestListener): Promise<URL> => {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanUps.push(() => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/service`);
};

const clientFor = async (endpoint: URL, maxReplyBytes = 200_000): Promise<SoapClient> => {
  const transport = new HttpTransport({ origin: endpoint.origin, connections: 1, connectTimeoutMs: 30_000, maxReplyBytes, allowPrivateAddresses: false });
  const circuits = new CircuitBoard({ volumeThreshold: 1_000, consecutiveFailures: 1_000 });
  cleanUps.push(() => { circuits.close(); return transport.close(); });
  return SoapClient.open({ wsdl: WSDL, endpoint, caller: new PartyCaller({ party: 'tax', circuits, transport }) });
};

const issue = (client: SoapClient, over: { payer?: string; deadlineMs?: number; call?: Partial<PartyCall> } = {}): Promise<string> =>
  client.call({
    operation: { ...ISSUE, deadlineMs: over.deadlineMs ?? ISSUE.deadlineMs }, method: 'Issue', args: { code: '00123', payer: over.payer ?? 'Nguyễn Văn Á' }, personal: [over.payer ?? 'Nguyễn Văn Á'],
    replyElement: { namespace: NAMESPACE, name: 'IssueResponse' },
    read: (result) => {
      const parsed = issueResponse.safeParse(result);
      if (!parsed.success) throw unreadable('receipt-shape', result);
      return parsed.data.number;
    },
  }, { correlationId: 'c', signal: new AbortController().signal, traceparent: null, journal: () => undefined, ...over.call });

const outcomeOf = async (work: Promise<string>): Promise<string> => {
  try {
    return `number ${await work}`;
  } catch (error) {
    if (error instanceof PartyError) return `${error.kind} ${error.code}`;
    throw error;
  }
};

const envelope = (body: string, namespace = SOAP): string => `<?xml version="1.0"?><s:Envelope xmlns:s="${namespace}"><s:Body>${body}</s:Body></s:Envelope>`;
const RESULT = `<r:IssueResponse xmlns:r="${NAMESPACE}"><r:number>0012</r:number></r:IssueResponse>`;
const FAULT = (code: string): string => `<s:Fault><faultcode>s:${code}</faultcode><faultstring>Không hợp lệ</faultstring></s:Fault>`;
const XML = { 'content-type': 'text/xml; charset=utf-8' };

const answering = (status: number, body: string | Buffer, headers: Record<string, string> = XML): RequestListener => (_request, response) => { response.writeHead(status, headers).end(body); };

describe('the SOAP client and an honest party', () => {
  it('sends what the WSDL says and reads the result as text', async () => {
    const bodies: string[] = [];
    const endpoint = await listen((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        bodies.push(`${request.headers['soapaction'] as string} ${request.headers['accept-encoding'] ?? 'no encoding'} ${Buffer.concat(chunks).toString()}`);
        response.writeHead(200, XML).end(envelope(RESULT));
      });
    });
    const exchanges: unknown[] = [];
    const client = await clientFor(endpoint);
    expect(await outcomeOf(issue(client, { payer: 'Á & <b> ]]> "q"', call: { journal: (exchange) => { exchanges.push(exchange); } } }))).toBe('number 0012');
    expect(bodies[0]).toContain(`"${NAMESPACE}/Issue" no encoding`);
    expect(bodies[0]).toMatch(/Á &amp; &lt;b> ]](&gt;|>) |Á &amp; &lt;b&gt; \]\]&gt; /);
    expect(JSON.stringify(exchanges)).not.toContain('Á');
    expect(exchanges).toMatchObject([{ operation: 'issue', httpStatus: 200, request: { code: '00123', payer: '***' } }]);
  });

  it('takes a fault for an error, or for the value that the adapter makes of it', async () => {
    const client = await clientFor(await listen(answering(500, envelope(FAULT('Client')))));
    expect(await outcomeOf(issue(client))).toBe('bad-request http-400');
    const server = await clientFor(await listen(answering(500, envelope(FAULT('Server')))));
    expect(await outcomeOf(issue(server))).toBe('outcome-unknown http-500');
    const value = await client.call({
      operation: ISSUE, method: 'Issue', args: { code: '1', payer: 'x' }, personal: [], replyElement: { namespace: NAMESPACE, name: 'IssueResponse' },
      read: () => 'accepted', onFault: ({ code, text, isOurs }) => `${code} ${text} ${String(isOurs)}`,
    }, { correlationId: 'c', signal: new AbortController().signal, traceparent: null, journal: () => undefined });
    expect(value).toBe('Client Không hợp lệ true');
  });

  it.each(['a\u0000b', 'a\ud800b', 'a\u0008b'])('never sends what is no XML: %j', async (payer) => {
    let asked = 0;
    const client = await clientFor(await listen((_request, response) => { asked += 1; response.end(); }));
    await expect(issue(client, { payer })).rejects.toThrow(RangeError);
    expect(asked).toBe(0);
  });
});

describe('the SOAP client and a hostile party', () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
  const REPLIES: readonly (readonly [string, RequestListener, string])[] = [
    ['an empty 200', answering(200, ''), 'bad-reply empty-reply'],
    ['an empty envelope body', answering(200, envelope('')), 'bad-reply soap-empty-body'],
    ['a result inside a 500', answering(500, envelope(RESULT)), 'bad-reply soap-result-in-500'],
    ['a 500 without a fault', answering(500, 'oops', { 'content-type': 'text/plain' }), 'outcome-unknown http-500'],
    ['a 503', answering(503, envelope(RESULT)), 'outcome-unknown http-503'],
    ['a 401', answering(401, ''), 'refused-credentials http-401'],
    ['a redirect', answering(302, envelope(RESULT), { ...XML, location: 'http://169.254.169.254/' }), 'bad-reply http-302'],
    ['a page with status 200', answering(200, '<!DOCTYPE html><html><body>Request Rejected</body></html>', { 'content-type': 'text/html' }), 'outcome-unknown html-reply'],
    ['a page that says it is XML', answering(200, '<html><body>Request Rejected</body></html>'), 'outcome-unknown html-reply'],
    ['JSON', answering(200, '{"number":"0012"}', { 'content-type': 'application/json' }), 'bad-reply not-xml'],
    ['JSON that says it is XML', answering(200, '{"number":"0012"}'), 'bad-reply xml-ill-formed'],
    ['no content type', answering(200, envelope(RESULT), {}), 'bad-reply not-xml'],
    ['another envelope namespace', answering(200, envelope(RESULT, 'urn:envelope')), 'bad-reply soap-no-envelope'],
    ['another result namespace', answering(200, envelope(RESULT.replaceAll(NAMESPACE, 'urn:other'))), 'bad-reply soap-unexpected-body'],
    ['another element', answering(200, envelope(RESULT.replaceAll('IssueResponse', 'CancelResponse'))), 'bad-reply soap-unexpected-body'],
    ['an empty result', answering(200, envelope(`<r:IssueResponse xmlns:r="${NAMESPACE}"/>`)), 'bad-reply receipt-shape'],
    ['a repeated value', answering(200, envelope(RESULT.replace(/(<r:number>.*<\/r:number>)/, '$1$1'))), 'bad-reply receipt-shape'],
    ['two results', answering(200, envelope(RESULT + RESULT)), 'bad-reply soap-structure'],
    ['a body hidden in the header', answering(200, `<s:Envelope xmlns:s="${SOAP}"><s:Header><s:Body>${RESULT}</s:Body></s:Header></s:Envelope>`), 'bad-reply soap-structure'],
    ['two bodies', answering(200, `<s:Envelope xmlns:s="${SOAP}"><s:Body>${RESULT}</s:Body><s:Body>${RESULT}</s:Body></s:Envelope>`), 'bad-reply soap-structure'],
    ['a second root', answering(200, envelope(RESULT) + RESULT), 'bad-reply xml-ill-formed'],
    ['a DOCTYPE', answering(200, envelope(RESULT).replace('<s:Envelope', '<!DOCTYPE a [<!ENTITY x "1">]><s:Envelope')), 'bad-reply xml-doctype'],
    ['an entity bomb', answering(200, `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${envelope('<x>&b;</x>')}`), 'bad-reply xml-doctype'],
    ['an external entity', answering(200, `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`), 'bad-reply xml-doctype'],
    ['a processing instruction', answering(200, envelope(RESULT.replace('0012', '0<?x 01?>12'))), 'bad-reply xml-processing-instruction'],
    ['a comment in a value', answering(200, envelope(RESULT.replace('0012', '00<!-- -->12'))), 'bad-reply xml-comment'],
    ['a name of JavaScript', answering(200, envelope(RESULT.replaceAll('r:number', 'r:__proto__'))), 'bad-reply xml-reserved-name'],
    ['a name of functions', answering(200, envelope(`<constructor>${RESULT}</constructor>`)), 'bad-reply xml-reserved-name'],
    ['bytes that are no UTF-8', answering(200, Buffer.from(envelope(RESULT).replace('0012', '\u00e9'), 'latin1')), 'bad-reply not-utf8'],
    ['another encoding', answering(200, envelope(RESULT).replace('version="1.0"', 'version="1.0" encoding="UTF-7"')), 'bad-reply xml-encoding'],
    ['a depth bomb', answering(200, envelope('<a>'.repeat(60_000))), 'bad-reply xml-too-deep'],
    ['a thousand attributes', answering(200, envelope(`<a ${Array.from({ length: 1_000 }, (_unused, index) => `a${index}="1"`).join(' ')}/>`)), 'bad-reply xml-too-many-attributes'],
    ['more than the largest reply', answering(200, envelope(`<a>${'x'.repeat(300_000)}</a>`)), 'outcome-unknown too-large'],
    ['a gzip bomb', answering(200, bomb, { ...XML, 'content-encoding': 'gzip' }), 'bad-reply content-encoding'],
    ['a cut body', (_request, response) => { response.writeHead(200, { ...XML, 'content-length': '5000' }); response.write('<s:', () => { response.destroy(); }); }, 'outcome-unknown reset'],
    ['a reset', (request) => { request.socket.destroy(); }, 'outcome-unknown reset'],
    ['a lie about the length', (request) => { request.socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx'); }, 'outcome-unknown reset'],
    ['no HTTP', (request) => { request.socket.end('SSH-2.0-OpenSSH\r\n'); }, 'outcome-unknown reset'],
  ];

  it.each(REPLIES)('gives a typed error for %s', async (_what, listener, expected) => {
    expect(await outcomeOf(issue(await clientFor(await listen(listener))))).toBe(expected);
  });

  it('ends a reply that drips and one that never comes by its own deadline', async () => {
    const drip = (_request: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(200, XML);
      const timer = setInterval(() => { response.write('<'); }, 20);
      response.once('close', () => { clearInterval(timer); });
    };
    for (const hostile of [drip, () => undefined] satisfies RequestListener[]) {
      let asked = 0;
      const client = await clientFor(await listen((request, response) => {
        asked += 1;
        if (asked === 1) answering(200, envelope(RESULT))(request, response);
        else hostile(request, response);
      }));
      // Over a connection that stands: within the deadline nothing is waited for but the party.
      expect(await outcomeOf(issue(client))).toBe('number 0012');
      expect(await outcomeOf(issue(client, { deadlineMs: 300 }))).toBe('outcome-unknown timeout');
    }
  });

  it('keeps its memory flat over many hostile replies', async () => {
    const client = await clientFor(await listen(answering(200, bomb, { ...XML, 'content-encoding': 'gzip' })));
    await outcomeOf(issue(client));
    const before = process.memoryUsage().rss;
    for (let index = 0; index < 200; index += 1) await outcomeOf(issue(client));
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it('opens no WSDL that wants another file, a DOCTYPE or an address', async () => {
    const endpoint = new URL('http://127.0.0.1:1/');
    const caller = new PartyCaller({ party: 'tax', circuits: new CircuitBoard(), transport: { send: () => Promise.reject(new Error('unused')) } });
    let asked = 0;
    const address = await listen((_request, response) => { asked += 1; response.end(WSDL); });
    const importing = WSDL.replace('<types>', `<import namespace="urn:x" location="${address.href}"/><types>`);
    await expect(SoapClient.open({ wsdl: importing, endpoint, caller })).rejects.toThrow('may not import');
    await expect(SoapClient.open({ wsdl: WSDL.replace('<xs:element name="Issue">', `<xs:include schemaLocation="${address.href}"/><xs:element name="Issue">`), endpoint, caller })).rejects.toThrow('may not import');
    await expect(SoapClient.open({ wsdl: address.href, endpoint, caller })).rejects.toThrow();
    await expect(SoapClient.open({ wsdl: `<!DOCTYPE a>${WSDL.replace('<?xml version="1.0"?>', '')}`, endpoint, caller })).rejects.toThrow();
    expect(asked).toBe(0);
  });
});

describe('the SOAP service', () => {
  const open = async (defects: unknown[]): Promise<URL> => {
    const service = await createSoapService({
      wsdl: WSDL, service: 'Receipts', port: 'Port', maxBodyBytes: 100_000, onDefect: (error) => { defects.push(error); },
      methods: {
        Issue: (args) => {
          const { code, payer } = args as { code: string; payer: string };
          if (code === 'fault') return Promise.reject(new SoapFaultAnswer('Client', 'Không có biên lai'));
          if (code === 'defect') return Promise.reject(new Error(`password of ${payer}`));
          if (code === 'circular') {
            const circular: Record<string, unknown> = {};
            circular['number'] = circular;
            return Promise.resolve(circular);
          }
          return Promise.resolve({ number: `${code}:${payer}` });
        },
        Cancel: () => Promise.resolve({ number: 'cancelled' }),
      },
    });
    return listen((incoming, response) => { void service(incoming, response); });
  };
  const request = (inside: string): string => envelope(`<r:Issue xmlns:r="${NAMESPACE}">${inside}</r:Issue>`);
  const post = async (url: URL, body: string | Buffer, headers: Record<string, string> = XML): Promise<{ status: number; body: string }> => {
    const response = await fetch(url, { method: 'POST', body: body as never, headers });
    return { status: response.status, body: await response.text() };
  };

  it('answers our own client', async () => {
    const defects: unknown[] = [];
    const client = await clientFor(await open(defects));
    expect(await outcomeOf(issue(client, { payer: 'Á & <b>' }))).toBe('number 00123:Á & <b>');
    expect(defects).toEqual([]);
  });

  it('answers a meant fault with its text, and a defect with none', async () => {
    const defects: unknown[] = [];
    const url = await open(defects);
    const meant = await post(url, request('<r:code>fault</r:code><r:payer>x</r:payer>'));
    expect(meant).toMatchObject({ status: 500, body: expect.stringContaining('Không có biên lai') });
    for (const code of ['defect', 'circular']) {
      const { status, body } = await post(url, request(`<r:code>${code}</r:code><r:payer>CANARY</r:payer>`));
      expect(status).toBe(500);
      expect(body).toContain('cannot be served');
      expect(body).not.toMatch(/CANARY|password|Error|at /);
    }
    expect(defects).toHaveLength(2);
  });

  it('takes the operation from the body, whatever the SOAPAction says', async () => {
    const { body } = await post(await open([]), request('<r:code>1</r:code><r:payer>x</r:payer>'), { ...XML, soapaction: `"${NAMESPACE}/Cancel"` });
    expect(body).toContain('1:x');
  });

  it.each<[string, string | Buffer, Record<string, string>, number]>([
    ['another envelope namespace', request('').replaceAll(SOAP, 'urn:x'), XML, 500],
    ['a body hidden in the header', `<s:Envelope xmlns:s="${SOAP}"><s:Header><s:Body>${RESULT}</s:Body></s:Header></s:Envelope>`, XML, 500],
    ['a DOCTYPE', `<!DOCTYPE a>${request('').replace('<?xml version="1.0"?>', '')}`, XML, 500],
    ['a depth bomb', envelope('<a>'.repeat(30_000)), XML, 500],
    ['an unknown operation', envelope(`<r:Steal xmlns:r="${NAMESPACE}"/>`), XML, 500],
    ['an operation of JavaScript', envelope(`<r:constructor xmlns:r="${NAMESPACE}"/>`), XML, 500],
    ['no envelope', '<a/>', XML, 500],
    ['nothing', '', XML, 500],
    ['JSON', '{}', { 'content-type': 'application/json' }, 415],
    ['gzip', gzipSync(request('')), { ...XML, 'content-encoding': 'gzip' }, 415],
    ['too much', envelope(`<a>${'x'.repeat(100_001)}</a>`), XML, 413],
  ])('refuses %s and says nothing of why', async (_what, body, headers, expected) => {
    const defects: unknown[] = [];
    const answer = await post(await open(defects), body, headers).catch(() => ({ status: 413, body: 'cannot be served' }));
    expect(answer.status).toBe(expected);
    expect(answer.body).toContain('cannot be served');
    expect(answer.body).not.toMatch(/node_modules|\.js:/);
    expect(defects).toEqual([]);
  });
});
