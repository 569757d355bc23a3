import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpTransport } from '../../adapters/support/http-transport.js';
import { SignalError } from '../../adapters/support/signals.js';
import type { Signal } from '../../adapters/support/signals.js';
import { eventually } from '../support/eventually.js';
import { startNationalPortal } from './national-portal-harness.js';
import { recordedCall, sampleDossier, submissionOf } from './sample-dossier.js';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); });

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return (server.address() as AddressInfo).port;
};

const serve = async (handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> => {
  const server = createServer(handler);
  const port = await listen(server);
  cleanUps.push(() => new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); }));
  return `http://127.0.0.1:${port}`;
};

const transportTo = (origin: string, maxReplyBytes = 1000): HttpTransport => {
  // A name server may take its time to know nobody.
  const transport = new HttpTransport({ origin, connections: 1, connectTimeoutMs: 40_000, maxReplyBytes, allowPrivateAddresses: false });
  cleanUps.push(() => transport.close());
  return transport;
};

const REQUEST = { method: 'POST', path: '/x', headers: {}, body: 'body' } as const;

const signalOf = async (work: Promise<unknown>): Promise<Signal> => {
  const error: unknown = await work.then(() => null, (thrown: unknown) => thrown);
  if (!(error instanceof SignalError)) throw new Error(`expected a SignalError, got ${String(error)}`);
  return error.signal;
};

describe('HttpTransport', () => {
  it('gives the reply untouched, whatever the status', async () => {
    const origin = await serve((_request, response) => { response.writeHead(418, { 'Content-Type': 'Text/Plain', 'X-A': '1' }).end('tea'); });
    const reply = await transportTo(origin).send(REQUEST, new AbortController().signal);
    expect({ ...reply, body: reply.body.toString(), headers: reply.headers['x-a'] }).toEqual({ status: 418, contentType: 'text/plain', body: 'tea', headers: '1' });
  });

  it('knows that a refused connection, an unknown host and a failed handshake sent nothing', async () => {
    const { signal } = new AbortController();
    // A port that was free a moment ago may be another's by now; nobody has this one.
    expect(await signalOf(transportTo('http://127.0.0.1:1').send(REQUEST, signal))).toEqual({ kind: 'not-sent', code: 'connection-refused' });
    expect(await signalOf(transportTo('http://no-such-host.invalid').send(REQUEST, signal))).toEqual({ kind: 'not-sent', code: 'dns' });
    const plain = await serve((_request, response) => { response.end(); });
    expect(await signalOf(transportTo(plain.replace('http:', 'https:')).send(REQUEST, signal))).toMatchObject({ kind: 'not-sent' });
  });

  it('knows that a request still queued for a connection was not sent, and never sends it later', async () => {
    const seen: string[] = [];
    const finish: (() => void)[] = [];
    const origin = await serve((request, response) => {
      seen.push(request.url ?? '');
      finish.push(() => { response.end(); });
    });
    const transport = transportTo(origin);
    const first = transport.send(REQUEST, new AbortController().signal);
    const queued = new AbortController();
    const second = signalOf(transport.send({ ...REQUEST, path: '/queued' }, queued.signal));
    queued.abort('timeout');
    expect(await second).toEqual({ kind: 'not-sent', code: 'timeout-before-sent' });
    (await eventually('the first call', () => finish[0]))();
    await first;
    const third = transport.send({ ...REQUEST, path: '/third' }, new AbortController().signal);
    (await eventually('the third call', () => finish[1]))();
    await third;
    expect(seen).toEqual(['/x', '/third']);
  });

  it('takes a reset after sending, a cut body and its own deadline for lost answers', async () => {
    const { signal } = new AbortController();
    const reset = await serve((request) => { request.socket.destroy(); });
    expect(await signalOf(transportTo(reset).send(REQUEST, signal))).toEqual({ kind: 'lost', code: 'reset' });
    const cut = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => { response.destroy(); });
    });
    expect(await signalOf(transportTo(cut).send(REQUEST, signal))).toEqual({ kind: 'lost', code: 'reset' });
    const own = new AbortController();
    const hung = await serve(() => { own.abort('timeout'); });
    expect(await signalOf(transportTo(hung).send(REQUEST, own.signal))).toEqual({ kind: 'lost', code: 'timeout' });
  });

  it('stops reading at its size', async () => {
    const origin = await serve((_request, response) => { response.end('x'.repeat(1001)); });
    expect(await signalOf(transportTo(origin).send(REQUEST, new AbortController().signal))).toEqual({ kind: 'lost', code: 'too-large' });
  });
});

describe('one drain signal for many calls', () => {
  it('warns of no leak and leaves no listener behind', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => { warnings.push(warning.name); };
    process.on('warning', onWarning);
    const contestant = await startNationalPortal('g1');
    cleanUps.push(contestant.close, () => contestant.stop());
    const { call } = recordedCall();
    await Promise.all(Array.from({ length: 40 }, (_unused, index) => contestant.registry.upsertDossier(submissionOf(sampleDossier(index)), call)));
    process.off('warning', onWarning);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
    expect(getEventListeners(call.signal, 'abort')).toHaveLength(0);
  });
});
