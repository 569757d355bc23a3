import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { controlCalls, mischiefOrders } from '../support/sandbox-control.js';
import type { SandboxTraffic } from '../support/sandbox-traffic.js';
import type { SandboxLedger } from './sandbox-ledger.js';
import type { PortalMischief } from './sandbox-mischief.js';
import type { SandboxG2Style } from './sandbox-g2.js';

/** One request as the sandbox saw it, without its body. */
export interface SeenRequest {
  readonly wire: string;
  readonly service: string;
  readonly path: string;
  readonly dossierCodes: readonly string[];
  readonly mischief: string | null;
  readonly traceparent: string | null;
}

export interface ControlParts {
  readonly ledger: SandboxLedger;
  readonly mischief: PortalMischief;
  readonly style: SandboxG2Style;
  readonly traffic: SandboxTraffic<SeenRequest>;
  readonly counters: () => Readonly<Record<string, number>>;
  readonly expireSessions: () => void;
  readonly reset: () => void;
}

const fetchOrder = z.strictObject({ url: z.url({ protocol: /^https?$/ }) });
const styleOrder = z.strictObject({ message: z.enum(['json', 'xml']).optional(), plainProgress: z.boolean().optional() });

/** Fetches a file link as the portal would, and says what came; redirects are not followed and the content is thrown away. */
const fetchFile = (url: string): Promise<object> =>
  new Promise((resolve) => {
    const fail = (error: Error): void => { resolve({ ok: false, error: 'code' in error ? error.code : 'failed' }); };
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
        resolve({ ok: true, status: reply.statusCode, bytes, sha256: hash.digest('hex'), contentType: type });
      });
    });
    outgoing.on('error', fail);
    outgoing.on('timeout', () => { outgoing.destroy(new Error('timeout')); });
    outgoing.end();
  });

/** What tests and demos may ask of this sandbox, and order. */
export const portalControl = ({ ledger, mischief, style, traffic, counters, expireSessions, reset }: ControlParts): ReturnType<typeof controlCalls> => controlCalls({
  reads: {
    state: () => ({ totals: ledger.totals(), counters: counters(), mischief: mischief.pending(), style }),
    arrivals: ({ after, limit, text }) => {
      const code = text('dossierCode');
      return code === null ? ledger.arrivals(after, limit) : ledger.arrivalsOf(code);
    },
    dossiers: ({ after, limit }) => [...ledger.dossiers()].slice(after, after + limit),
    'dossiers/*': ({ item }) => ledger.dossier(item),
    requests: ({ after, limit }) => traffic.after(after, limit),
  },
  orders: {
    ...mischiefOrders(mischief),
    'expire-sessions': () => { expireSessions(); },
    style: (body) => {
      const { message, plainProgress } = styleOrder.parse(body);
      style.message = message ?? style.message;
      style.plainProgress = plainProgress ?? style.plainProgress;
    },
    fetch: (body) => fetchFile(fetchOrder.parse(body).url),
    reset: () => { reset(); },
  },
});
