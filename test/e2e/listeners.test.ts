import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { selfSigned, type Issued } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import type { GatewayProcess } from '../support/gateway-process.js';
import { createServeHost, logged, type ServeHost } from '../support/serve-process.js';

interface Answer { readonly status: number; readonly text: string; readonly fingerprint: string }

/** Without `agent` each call makes a connection of its own, and so sees the certificate of now. */
const ask = (url: string, options: { readonly key?: string; readonly method?: string; readonly agent?: Agent } = {}): Promise<Answer> =>
  new Promise((fulfil, reject) => {
    const call = request(url, { method: options.method ?? 'GET', rejectUnauthorized: false, agent: options.agent ?? false, headers: options.key === undefined ? {} : { authorization: `Bearer ${options.key}` } }, (response) => {
      const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => fulfil({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), fingerprint: fingerprint256 }));
    });
    call.once('error', reject).end();
  });
const times = (gateway: GatewayProcess, text: string): number => gateway.output().split(text).length - 1;

describe('a process that serves operators on a listener of their own, both with TLS', () => {
  let host: ServeHost;
  let gateway: GatewayProcess;
  let api: string;
  let admin: string;
  const write = ({ cert, key }: Issued): void => {
    writeFileSync(join(host.folder, 'cert.pem'), cert);
    writeFileSync(join(host.folder, 'key.pem'), key);
  };
  beforeAll(async () => {
    host = await createServeHost();
    write(await selfSigned('localhost'));
    const started = await host.serve({ ADMIN_PORT: '0', TLS_CERT_FILE: join(host.folder, 'cert.pem'), TLS_KEY_FILE: join(host.folder, 'key.pem') });
    ({ gateway, url: api } = started);
    admin = await logged(gateway, /"url":"([^"]+)","msg":"admin routes have their own listener"/);
  }, 90_000);
  afterAll(() => host.close(), 60_000);

  const statuses = async (origin: string, paths: readonly string[], key?: string): Promise<number[]> =>
    Promise.all(paths.map(async (path) => (await ask(origin + path, key === undefined ? {} : { key })).status));

  it('shows metrics and queues to operators there, and to nobody at the API', async () => {
    expect(new URL(admin).port).not.toBe(new URL(api).port);
    const paths = ['/metrics', '/queues/'];
    expect(await statuses(admin, paths, host.keys.operator)).toEqual([200, 200]);
    expect((await ask(`${admin}/metrics`, { key: host.keys.operator })).text).toContain('onestop_');
    expect(await statuses(admin, paths)).toEqual([401, 401]);
    expect(await statuses(admin, paths, host.keys.portal)).toEqual([403, 403]);
    expect(await statuses(api, [...paths, '/queues', '/metrics/'], host.keys.operator)).toEqual([404, 404, 404, 404]);
  });

  it('serves nothing of the API there, but health at both', async () => {
    expect(await statuses(admin, ['/graphql', '/session', '/login/oidc', '/files/x', '/callbacks/a/b'], host.keys.operator)).toEqual([404, 404, 404, 404, 404]);
    expect((await ask(`${admin}/graphql?query=%7B__typename%7D`, { key: host.keys.operator, method: 'POST' })).status).toBe(404);
    for (const origin of [api, admin]) expect(await statuses(origin, ['/health/live', '/health/ready'])).toEqual([200, 200]);
  });

  it('reads the certificate again at SIGHUP, for both listeners, keeps one that does not fit out, and goes on', async () => {
    const before = (await ask(`${api}/health/live`)).fingerprint;
    const kept = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    await ask(`${api}/health/live`, { agent: kept });
    const reread = 'TLS certificate was read again';
    gateway.kill('SIGHUP');
    // No file has changed, so nothing but the signal tells of it.
    await eventually('both listeners to read', () => times(gateway, reread) >= 2);
    expect((await ask(`${api}/health/live`)).fingerprint).toBe(before);

    writeFileSync(join(host.folder, 'cert.pem'), (await selfSigned('localhost')).cert);
    gateway.kill('SIGHUP');
    await eventually('the pair that does not fit to be refused', () => gateway.output().includes('the one in use stays'));
    expect((await ask(`${api}/health/live`)).fingerprint).toBe(before);

    write(await selfSigned('localhost'));
    gateway.kill('SIGHUP');
    for (const origin of [api, admin]) await eventually('the new certificate', async () => (await ask(`${origin}/health/live`)).fingerprint !== before);
    expect((await ask(`${api}/health/live`, { agent: kept })).fingerprint).toBe(before);
    kept.destroy();
    expect(gateway.child.exitCode).toBeNull();
    expect(gateway.output()).not.toContain('PRIVATE KEY');
  });
});
