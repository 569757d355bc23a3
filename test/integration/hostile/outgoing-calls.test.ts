import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'undici';
import { classify } from '../../../adapters/support/classify.js';
import { HttpTransport } from '../../../adapters/support/http-transport.js';
import { SignalError } from '../../../adapters/support/signals.js';
import type { Signal } from '../../../adapters/support/signals.js';
import { guardedConnector } from '../../../src/net/guarded-connect.js';
import type { TlsIdentity } from '../../../src/net/guarded-connect.js';
import { HttpFileStore } from '../../../src/files/http-file-store.js';
import { createAuthority, selfSigned } from '../../support/certificates.js';
import type { Authority } from '../../support/certificates.js';

const NEVER = new AbortController().signal;
const REQUEST = { method: 'POST', path: '/x', headers: {}, body: 'body' } as const;
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp(); });

const listen = async (server: Server & { closeAllConnections(): void }): Promise<number> => {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanUps.push(() => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }));
  return (server.address() as AddressInfo).port;
};

const send = async (origin: string, tls?: TlsIdentity): Promise<Signal | number> => {
  const transport = new HttpTransport({ origin, connections: 1, connectTimeoutMs: 30_000, maxReplyBytes: 1_000, allowPrivateAddresses: false, ...(tls === undefined ? {} : { tls }) });
  cleanUps.push(() => transport.close());
  try {
    return (await transport.send(REQUEST, NEVER)).status;
  } catch (error) {
    if (error instanceof SignalError) return error.signal;
    throw error;
  }
};

describe('addresses', () => {
  it.each(['http://169.254.169.254', 'http://0.0.0.0', 'http://[::ffff:127.0.0.1]', 'http://10.0.0.1', 'http://[fe80::1]', 'http://100.100.100.200'])('never connects to %s', async (origin) => {
    const signal = await send(origin);
    expect(signal).toEqual({ kind: 'not-sent', code: 'address-refused' });
    expect(classify(signal as Signal, 'unsafe')).toEqual({ kind: 'unavailable', code: 'address-refused' });
  });

  it('reaches loopback where the configuration itself says so, in any notation', async () => {
    const port = await listen(createServer((_request, response) => { response.end(); }));
    expect(await send(`http://127.0.0.1:${port}`)).toBe(200);
    expect(await send(`http://2130706433:${port}`)).toBe(200);
    expect(await send(`http://localhost:${port}`)).toBe(200);
  });

  it('connects to the address that was checked, though the name server changes its answer', async () => {
    const seen: IncomingMessage[] = [];
    const port = await listen(createServer((request, response) => { seen.push(request); response.end(); }));
    let asked = 0;
    const origin = new URL(`http://party.localhost:${port}`);
    const connect = guardedConnector({ origin, allowPrivate: false, connectTimeoutMs: 30_000, resolve: (_host, _family, done) => {
      asked += 1;
      done(null, [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]);
    } });
    const pool = new Pool(origin, { connect });
    cleanUps.push(() => pool.destroy());
    expect((await pool.request({ path: '/', method: 'GET', reset: true })).statusCode).toBe(200);
    expect({ asked, seen: seen.length }).toEqual({ asked: 1, seen: 1 });
    await expect(pool.request({ path: '/', method: 'GET' })).rejects.toMatchObject({ code: 'ERR_ADDRESS_REFUSED' });
    expect({ asked, seen: seen.length }).toEqual({ asked: 2, seen: 1 });
  });

  it('guard the file store as well', async () => {
    const store = new HttpFileStore({ baseUrl: 'http://169.254.169.254/latest', bearerToken: null, maxBytes: 10, timeoutMs: 30_000 });
    cleanUps.push(() => store.close());
    await expect(store.open('meta-data', NEVER)).rejects.toMatchObject({ code: 'ERR_ADDRESS_REFUSED' });
  });

  it('are not taken from a redirect, and no proxy of the environment is asked', async () => {
    const asked: string[] = [];
    const proxy = await listen(createServer((request, response) => { asked.push(`proxy ${request.url ?? ''}`); response.end(); }));
    const port = await listen(createServer((request, response) => { asked.push(request.url ?? ''); response.writeHead(302, { location: `http://127.0.0.1:${proxy}/` }).end(); }));
    const before = { http: process.env['http_proxy'], HTTP: process.env['HTTP_PROXY'] };
    Object.assign(process.env, { http_proxy: `http://127.0.0.1:${proxy}`, HTTP_PROXY: `http://127.0.0.1:${proxy}` });
    expect(await send(`http://127.0.0.1:${port}`)).toBe(302);
    for (const [name, value] of [['http_proxy', before.http], ['HTTP_PROXY', before.HTTP]] as const) if (value === undefined) delete process.env[name]; else process.env[name] = value;
    expect(asked).toEqual(['/x']);
  });
});

describe('certificates', () => {
  let ours: Authority;
  let theirs: Authority;
  let requests = 0;
  beforeAll(async () => { [ours, theirs] = await Promise.all([createAuthority('Ours'), createAuthority('Theirs')]); });

  const serve = async (options: ServerOptions): Promise<string> => {
    requests = 0;
    const server = createTlsServer(options, (_request, response) => { requests += 1; response.end(); });
    server.on('tlsClientError', () => undefined);
    return `https://localhost:${await listen(server)}`;
  };
  const trusting = (authority: Authority): TlsIdentity => ({ ca: authority.cert, cert: null, key: null });
  const REFUSED: Signal = { kind: 'not-sent', code: 'certificate' };

  it('of the pinned authority and the right name are taken', async () => {
    const origin = await serve({ ...(await ours.issue('localhost')) });
    expect(await send(origin, trusting(ours))).toBe(200);
  });

  it.each([
    ['expired', () => ours.issue('localhost', { expired: true })],
    ['of another name', () => ours.issue('elsewhere.example')],
    ['of another authority', () => theirs.issue('localhost')],
    ['self-signed', () => selfSigned('localhost')],
  ])('%s are refused before anything is sent', async (_what, issue) => {
    const origin = await serve({ ...(await issue()) });
    expect(await send(origin, trusting(ours))).toEqual(REFUSED);
    expect(classify(REFUSED, 'unsafe').kind).toBe('refused-credentials');
    expect(requests).toBe(0);
  });

  it('of a private authority are refused where none is pinned, though verification is switched off in the environment', async () => {
    const origin = await serve({ ...(await ours.issue('localhost')) });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const signal = await send(origin);
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    expect(signal).toEqual(REFUSED);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('of ours are shown where asked for (%s); without one the party hears nothing', async (version) => {
    const origin = await serve({ ...(await ours.issue('localhost')), requestCert: true, ca: ours.cert, minVersion: version, maxVersion: version });
    expect(await send(origin, { ca: ours.cert, ...(await ours.issue('gateway')) })).toBe(200);
    expect(requests).toBe(1);
    expect(await send(origin, trusting(ours))).toEqual(REFUSED);
    // A certificate of the wrong authority makes a Node server hang up without an alert, so no more can be said than that.
    expect(await send(origin, { ca: ours.cert, ...(await theirs.issue('gateway')) })).not.toBe(200);
    expect(requests).toBe(1);
  });

  it('do not matter to a party that speaks TLS 1.1', async () => {
    const origin = await serve({ ...(await ours.issue('localhost')), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    expect(await send(origin, trusting(ours))).toEqual({ kind: 'not-sent', code: 'tls' });
  });
});
