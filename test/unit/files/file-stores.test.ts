import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestListener, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OpenFile } from '../../../src/files/file-store-port.js';
import { FolderFileStore } from '../../../src/files/folder-file-store.js';
import { HttpFileStore } from '../../../src/files/http-file-store.js';

const SIGNAL = new AbortController().signal;
const read = async (opened: OpenFile | null): Promise<string | null> => (opened === null ? null : text(opened.stream));

describe('a folder of files', () => {
  let parent = '';
  let store = new FolderFileStore('');

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'file-store-'));
    await mkdir(join(parent, 'root/2026'), { recursive: true });
    await mkdir(join(parent, 'root-of-another'));
    await writeFile(join(parent, 'root/2026/tờ khai.pdf'), 'content');
    await writeFile(join(parent, 'secret'), 'secret');
    await writeFile(join(parent, 'root-of-another/secret'), 'secret');
    await symlink(join(parent, 'secret'), join(parent, 'root/link-out'));
    await symlink(join(parent, 'root-of-another'), join(parent, 'root/folder-out'));
    await symlink('2026/tờ khai.pdf', join(parent, 'root/link-in'));
    store = new FolderFileStore(join(parent, 'root'));
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('hands out its files with their size', async () => {
    const opened = await store.open('2026/tờ khai.pdf', SIGNAL);
    expect(opened?.sizeBytes).toBe(7);
    expect(await read(opened)).toBe('content');
    expect(await read(await store.open('link-in', SIGNAL))).toBe('content');
  });

  it.each(['../secret', 'link-out', 'folder-out/secret', '../root-of-another/secret', '2026', '', '.', 'absent', '2026/tờ khai.pdf/x', 'a\u0000b', 'x'.repeat(300)])('has no %j', async (reference) => {
    expect(await store.open(reference, SIGNAL)).toBeNull();
  });
});

describe('a file service over HTTP', () => {
  const asked: string[] = [];
  let server: Server;
  let stores: HttpFileStore[] = [];

  const storeFor = async (answer: RequestListener, bearerToken: string | null = null): Promise<HttpFileStore> => {
    server = createServer((request, response) => {
      asked.push(`${request.url ?? ''} ${request.headers.authorization ?? '-'}`);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const store = new HttpFileStore({ baseUrl: `http://127.0.0.1:${String(port)}/store`, bearerToken, maxBytes: 1_000, timeoutMs: 20_000 });
    stores.push(store);
    return store;
  };

  afterEach(async () => {
    server.closeAllConnections();
    await Promise.all(stores.map((store) => store.close()));
    await new Promise((resolve) => server.close(resolve));
    stores = [];
    asked.length = 0;
  });

  it('is asked below its base, with its key, in escaped parts', async () => {
    const store = await storeFor((_request, response) => response.end('content'), 'key');
    expect(await read(await store.open('2026/tờ khai.pdf', SIGNAL))).toBe('content');
    expect(asked).toEqual(['/store/2026/t%E1%BB%9D%20khai.pdf Bearer key']);
  });

  it.each(['../up', 'a/../../up'])('is never asked for %s', async (reference) => {
    const store = await storeFor((_request, response) => response.end('content'));
    expect(await store.open(reference, SIGNAL)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('is not followed elsewhere', async () => {
    const store = await storeFor((_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end());
    await expect(store.open('a', SIGNAL)).rejects.toThrow('302');
    expect(asked).toHaveLength(1);
  });

  it('has no file when it says 404, or announces too much', async () => {
    const store = await storeFor((request, response) => {
      if (request.url === '/store/absent') response.writeHead(404).end();
      else response.writeHead(200, { 'content-length': '1001' }).end(Buffer.alloc(1_001));
    });
    expect(await store.open('absent', SIGNAL)).toBeNull();
    expect(await store.open('large', SIGNAL)).toBeNull();
  });

  it('is cut off when more comes than it may send', async () => {
    const chunked = await storeFor((_request, response) => {
      response.write(Buffer.alloc(600));
      response.end(Buffer.alloc(600));
    });
    await expect(chunked.open('a', SIGNAL).then(read)).rejects.toThrow('larger');
  });

  it('is an error when it is away', async () => {
    const store = await storeFor((_request, response) => response.destroy());
    await expect(store.open('a', SIGNAL)).rejects.toThrow();
  });
});
