import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonAnswer } from './sandbox-answers.js';
import type { WireAnswer } from './sandbox-answers.js';
import type { SandboxHttpRequest } from './sandbox-request.js';
import { sendAnswer } from './sandbox-respond.js';

export interface SandboxListenOptions {
  /** 127.0.0.1 unless told: the control calls have no key. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

export interface RunningSandbox {
  readonly url: string;
  readonly port: number;
  /** Environment that points the party's adapter at this sandbox. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface SandboxServerParts {
  readonly listen: SandboxListenOptions;
  /** Bodies above it are answered with 413. */
  readonly maxBodyBytes: number;
  /** Serves what comes below `/control/`. */
  readonly control: (request: SandboxHttpRequest) => WireAnswer | Promise<WireAnswer>;
  /** Serves everything else; may hold the response, or break it. Where it throws, the connection is cut. */
  readonly serve: (request: SandboxHttpRequest, response: ServerResponse) => void | Promise<void>;
  readonly environmentOf: (url: string) => Readonly<Record<string, string>>;
  /** Runs when no connection is left, and where there was none because the port was taken. */
  readonly onClose?: () => void | Promise<void>;
}

const readBody = (request: IncomingMessage, maxBytes: number): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
    });
    request.on('end', () => { resolve(bytes > maxBytes ? null : Buffer.concat(chunks, bytes)); });
    request.on('error', reject);
  });

const serveOne = async (parts: SandboxServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const bytes = await readBody(request, parts.maxBodyBytes);
  if (bytes === null) {
    sendAnswer(response, jsonAnswer(413, { error: 'body too large' }));
    return;
  }
  const [path = '/', rawQuery = ''] = (request.url ?? '/').split('?', 2);
  const arrived: SandboxHttpRequest = {
    method: request.method ?? 'GET', path, query: new URLSearchParams(rawQuery), rawQuery, headers: request.headers, body: bytes.toString('utf8'), bytes,
  };
  if (path.startsWith('/control/')) sendAnswer(response, await parts.control(arrived));
  else await parts.serve(arrived, response);
};

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => { resolve((server.address() as AddressInfo).port); });
  });

/** Starts the HTTP side of a sandbox. @throws the listen error where the port is taken */
export const startSandboxServer = async (parts: SandboxServerParts): Promise<RunningSandbox> => {
  const host = parts.listen.host ?? '127.0.0.1';
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    serveOne(parts, request, response).catch(() => { response.destroy(); });
  });
  const port = await listen(server, host, parts.listen.port ?? 0).catch(async (error: unknown) => {
    await parts.onClose?.();
    throw error;
  });
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url, port, environment: parts.environmentOf(url),
    close: async () => {
      const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
      server.closeAllConnections();
      await closed;
      await parts.onClose?.();
    },
  };
};
