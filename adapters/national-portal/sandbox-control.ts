import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import type { SandboxLedger } from './sandbox-ledger.js';
import { mischiefOrder, randomOrder } from './sandbox-mischief.js';
import type { MischiefBook } from './sandbox-mischief.js';
import type { SandboxG2Style } from './sandbox-g2.js';
import { jsonAnswer } from './sandbox-wires.js';
import type { WireAnswer } from './sandbox-wires.js';

/** One request as the sandbox saw it, without its body. */
export interface SeenRequest {
  readonly seq: number;
  readonly wire: string;
  readonly service: string;
  readonly path: string;
  readonly dossierCodes: readonly string[];
  readonly mischief: string | null;
  readonly traceparent: string | null;
}

export interface ControlParts {
  readonly ledger: SandboxLedger;
  readonly mischief: MischiefBook;
  readonly style: SandboxG2Style;
  readonly requests: () => readonly SeenRequest[];
  readonly counters: () => Readonly<Record<string, number>>;
  readonly expireSessions: () => void;
  readonly reset: () => void;
}

interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

const fetchOrder = z.strictObject({ url: z.url({ protocol: /^https?$/ }) });
const styleOrder = z.strictObject({ message: z.enum(['json', 'xml']).optional(), plainProgress: z.boolean().optional() });

const numberOf = (text: string | null, fallback: number): number => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : fallback);

/** Fetches a file link as the portal would, and says what came; redirects are not followed and the content is thrown away. */
const fetchFile = (url: string): Promise<WireAnswer> =>
  new Promise((resolve) => {
    const fail = (error: Error): void => { resolve(jsonAnswer(200, { ok: false, error: 'code' in error ? error.code : 'failed' })); };
    const open = url.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = open(url, { timeout: 10_000 }, (reply) => {
      const hash = createHash('sha256');
      let bytes = 0;
      reply.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        hash.update(chunk);
      });
      reply.on('error', fail);
      reply.on('end', () => {
        const type = reply.headers['content-type'] ?? null;
        resolve(jsonAnswer(200, { ok: true, status: reply.statusCode, bytes, sha256: hash.digest('hex'), contentType: type }));
      });
    });
    outgoing.on('error', fail);
    outgoing.on('timeout', () => { outgoing.destroy(new Error('timeout')); });
    outgoing.end();
  });

const readList = (parts: ControlParts, path: string, query: URLSearchParams): WireAnswer | null => {
  const after = numberOf(query.get('after'), 0);
  const limit = numberOf(query.get('limit'), 1000);
  switch (path) {
    case '/control/state': return jsonAnswer(200, { totals: parts.ledger.totals(), counters: parts.counters(), mischief: parts.mischief.pending(), style: parts.style });
    case '/control/arrivals': {
      const code = query.get('dossierCode');
      return jsonAnswer(200, code === null ? parts.ledger.arrivals(after, limit) : parts.ledger.arrivalsOf(code));
    }
    case '/control/dossiers': return jsonAnswer(200, [...parts.ledger.dossiers()].slice(after, after + limit));
    case '/control/requests': return jsonAnswer(200, parts.requests().filter((request) => request.seq > after).slice(0, limit));
    default: return null;
  }
};

const read = (parts: ControlParts, path: string, query: URLSearchParams): WireAnswer => {
  const code = /^\/control\/dossiers\/([^/]+)$/.exec(path)?.[1];
  if (code !== undefined) {
    const held = parts.ledger.dossier(decodeURIComponent(code));
    return held === null ? jsonAnswer(404, { error: 'not held' }) : jsonAnswer(200, held);
  }
  return readList(parts, path, query) ?? jsonAnswer(404, { error: 'unknown control path' });
};

type Order = (body: unknown, parts: ControlParts) => WireAnswer | Promise<WireAnswer>;

const DONE = jsonAnswer(200, { ok: true });

const ORDERS: Readonly<Record<string, Order>> = {
  '/control/misbehave': (body, parts) => {
    for (const order of z.union([z.array(mischiefOrder), mischiefOrder.transform((one) => [one])]).parse(body)) parts.mischief.order(order);
    return DONE;
  },
  '/control/random': (body, parts) => {
    parts.mischief.randomise(randomOrder.parse(body));
    return DONE;
  },
  '/control/behave': (_body, parts) => {
    parts.mischief.clear();
    return DONE;
  },
  '/control/expire-sessions': (_body, parts) => {
    parts.expireSessions();
    return DONE;
  },
  '/control/style': (body, parts) => {
    const { message, plainProgress } = styleOrder.parse(body);
    parts.style.message = message ?? parts.style.message;
    parts.style.plainProgress = plainProgress ?? parts.style.plainProgress;
    return DONE;
  },
  '/control/fetch': (body) => fetchFile(fetchOrder.parse(body).url),
  '/control/reset': (_body, parts) => {
    parts.reset();
    return DONE;
  },
};

/** The control calls by which tests and demos drive the sandbox. They are for a developer's machine and have no key. */
export const handleControl = async (request: ControlRequest, parts: ControlParts): Promise<WireAnswer> => {
  if (request.method === 'GET') return read(parts, request.path, request.query);
  const order = ORDERS[request.path];
  if (order === undefined || request.method !== 'POST') return jsonAnswer(404, { error: 'unknown control path' });
  try {
    return await order(request.body === '' ? {} : JSON.parse(request.body), parts);
  } catch (error) {
    return jsonAnswer(400, { error: error instanceof z.ZodError ? z.prettifyError(error) : 'invalid JSON' });
  }
};
