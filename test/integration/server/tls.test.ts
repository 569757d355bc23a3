import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { once } from 'node:events';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpServer } from '../../../src/server/http-server.js';
import { createLogger } from '../../../src/observability/logger.js';
import { TlsFiles } from '../../../src/server/tls-files.js';
import { selfSigned, type Issued } from '../../support/certificates.js';
import { eventually } from '../../support/eventually.js';

const quiet = { info: () => undefined, error: () => undefined };

/** Headers of the answer, and the fingerprint of the certificate that was shown. */
const ask = (url: string): Promise<{ headers: Record<string, unknown>; fingerprint: string }> =>
  new Promise((fulfil, reject) => {
    get(`${url}/health/live`, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      fulfil({ headers: response.headers, fingerprint: (response.socket as import('node:tls').TLSSocket).getPeerCertificate().fingerprint256 });
    }).once('error', reject);
  });

describe('TLS of our own', () => {
  let folder: string;
  let server: HttpServer;
  let url: string;
  const write = ({ cert, key }: Issued): void => {
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'onestop-tls-'));
    write(await selfSigned('localhost'));
    server = new HttpServer(createLogger('silent'), new TlsFiles({ certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem'), logger: quiet, pollMs: 50 }));
    url = await server.listen('127.0.0.1', 0);
  });
  afterEach(async () => {
    await server.close(100);
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers HTTPS with HSTS, and plain HTTP not at all', async () => {
    expect(url).toMatch(/^https:/);
    expect((await ask(url)).headers['strict-transport-security']).toMatch(/^max-age=\d{7,}/);
    await expect(fetch(url.replace('https:', 'http:'))).rejects.toThrow('fetch failed');
  });

  it('takes a new pair when the files change, and keeps the old one while they do not fit', async () => {
    const before = (await ask(url)).fingerprint;
    const next = await selfSigned('localhost');
    writeFileSync(join(folder, 'cert.pem'), next.cert);
    expect((await ask(url)).fingerprint).toBe(before);
    writeFileSync(join(folder, 'key.pem'), next.key);
    await eventually('the new certificate', async () => (await ask(url)).fingerprint !== before);
  });

  it('cuts who connects and says nothing', async () => {
    const socket = connectPlain(Number(new URL(url).port), '127.0.0.1');
    socket.resume();
    socket.on('error', () => undefined);
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  }, 20_000);
});
