import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createFileHandler } from '../../../src/files/file-route.js';
import type { FileRouteDeps } from '../../../src/files/file-route.js';
import { FileLinks } from '../../../src/files/file-links.js';

const NOW = new Date('2026-03-15T10:00:00Z');
const links = new FileLinks({ keys: [Buffer.alloc(32, 1)], publicUrl: 'http://gateway', ttlMs: 60_000 });
const TOKEN = links.sign({ source: 'dossier-document', rowId: '7', index: 0 }, NOW).split('/').at(-1) ?? '';
const FILE = { reference: '2026/a.pdf', name: 'tờ khai (1).pdf' };
const opened = (...chunks: string[]) => ({ stream: Readable.from(chunks.map((chunk) => Buffer.from(chunk))), sizeBytes: null });

describe('the file route', () => {
  let server: Server | undefined;
  const failures: unknown[] = [];

  const ask = async (over: Partial<FileRouteDeps> = {}, { token = TOKEN, method = 'GET' } = {}): Promise<Response> => {
    const handle = createFileHandler({
      links, now: () => NOW, onFailure: (error) => failures.push(error),
      source: { find: () => Promise.resolve(FILE) }, store: { open: () => Promise.resolve(opened('con', 'tent')) }, ...over,
    });
    const started = createServer((request, response) => void handle(request, response, request.url?.slice(1) ?? ''));
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    return fetch(`http://127.0.0.1:${String((started.address() as AddressInfo).port)}/${token}`, { method });
  };

  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
    failures.length = 0;
  });

  it('streams the file as a download that no browser runs or keeps', async () => {
    const response = await ask();
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('content');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/pdf', 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-store',
      'content-disposition': "attachment; filename*=UTF-8''t%E1%BB%9D%20khai%20%281%29.pdf",
    });
  });

  it('calls a file that a browser would run plain bytes', async () => {
    const response = await ask({ source: { find: () => Promise.resolve({ reference: 'a.html', name: 'a.svg' }) } });
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
  });

  it.each<[string, Partial<FileRouteDeps>, { token?: string; method?: string }]>([
    ['forged', {}, { token: `B${TOKEN.slice(1)}` }],
    ['expired', { now: () => new Date(NOW.getTime() + 60_000) }, {}],
    ['without a row', { source: { find: () => Promise.resolve(null) } }, {}],
    ['without a file', { store: { open: () => Promise.resolve(null) } }, {}],
    ['with a store that is away', { store: { open: () => Promise.reject(new Error('away')) } }, {}],
    ['posted', {}, { method: 'POST' }],
  ])('answers alike when the link is %s', async (_what, over, request) => {
    const response = await ask(over, request);
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([404, 'Not found\n', 'text/plain; charset=utf-8']);
  });

  it('breaks off when the store breaks off, and says so to us', async () => {
    const stream = Readable.from((function* () { yield Buffer.from('con'); throw new Error('broke off'); })());
    const response = await ask({ store: { open: () => Promise.resolve({ stream, sizeBytes: 7 }) } }).catch(() => null);
    await expect(response === null ? Promise.reject(new Error('cut')) : response.text()).rejects.toThrow();
    expect(failures).toHaveLength(1);
  });
});
