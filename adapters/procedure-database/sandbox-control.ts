import { z } from 'zod';
import type { CatalogueEntry, SandboxCatalogue } from './sandbox-catalogue.js';
import { mischiefOrder, randomOrder } from './sandbox-mischief.js';
import type { MischiefBook } from './sandbox-mischief.js';
import { jsonAnswer } from './sandbox-wires.js';
import type { SandboxHttpRequest, WireAnswer } from './sandbox-wires.js';

/** How often the sandbox was asked, by wire and operation; the paths that it saw last. */
export interface SandboxTraffic {
  readonly counters: Readonly<Record<string, number>>;
  readonly requests: readonly { readonly seq: number; readonly wire: string; readonly operation: string; readonly code: string | null; readonly mischief: string | null }[];
  /** Most calls that were in the sandbox's hands at the same time. */
  readonly mostAtOnce: number;
}

export interface ControlParts {
  readonly catalogue: SandboxCatalogue;
  readonly mischief: MischiefBook;
  readonly pace: { delayMs: number };
  readonly traffic: () => SandboxTraffic;
  readonly expireSessions: () => void;
  readonly reset: () => void;
}

const procedureOrder = z.strictObject({ code: z.string() });
const changeOrder = z.strictObject({
  code: z.string(), name: z.string().optional(), feeText: z.string().optional(), days: z.number().int().optional(), fieldCode: z.string().optional(),
});
const paceOrder = z.strictObject({ delayMs: z.number().int().min(0).max(600_000) });

const DONE = jsonAnswer(200, { ok: true });
const UNKNOWN = jsonAnswer(404, { error: 'unknown procedure' });

const shown = ({ code, id, name, field, state, version }: CatalogueEntry): object => ({ code, id, name, field: field.code, state, version });

const numberOf = (text: string | null, fallback: number): number => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : fallback);

const read = (parts: ControlParts, path: string, query: URLSearchParams): WireAnswer => {
  const after = numberOf(query.get('after'), 0);
  const limit = numberOf(query.get('limit'), 1000);
  const code = /^\/control\/procedures\/([^/]+)$/.exec(path)?.[1];
  if (code !== undefined) {
    const entry = parts.catalogue.byCode(decodeURIComponent(code));
    return entry === null ? UNKNOWN : jsonAnswer(200, shown(entry));
  }
  const { requests, ...traffic } = parts.traffic();
  if (path === '/control/state') return jsonAnswer(200, { totals: parts.catalogue.totals(), ...traffic, mischief: parts.mischief.pending(), pace: parts.pace });
  if (path === '/control/procedures') return jsonAnswer(200, parts.catalogue.entries().slice(after, after + limit).map(shown));
  if (path === '/control/requests') return jsonAnswer(200, requests.filter(({ seq }) => seq > after).slice(0, limit));
  return jsonAnswer(404, { error: 'unknown control path' });
};

type Order = (body: unknown, parts: ControlParts) => WireAnswer;

const withState = (state: CatalogueEntry['state']): Order => (body, parts) => {
  const entry = parts.catalogue.byCode(procedureOrder.parse(body).code);
  if (entry === null) return UNKNOWN;
  entry.state = state;
  return DONE;
};

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
    parts.pace.delayMs = 0;
    return DONE;
  },
  '/control/pace': (body, parts) => {
    parts.pace.delayMs = paceOrder.parse(body).delayMs;
    return DONE;
  },
  '/control/change': (body, parts) => {
    const { code, ...change } = changeOrder.parse(body);
    const entry = parts.catalogue.byCode(code);
    if (entry === null) return UNKNOWN;
    parts.catalogue.change(entry, change);
    return jsonAnswer(200, shown(entry));
  },
  '/control/withdraw': withState('withdrawn'),
  '/control/unpublish': withState('unpublished'),
  '/control/restore': withState('public'),
  '/control/expire-sessions': (_body, parts) => {
    parts.expireSessions();
    return DONE;
  },
  '/control/reset': (_body, parts) => {
    parts.reset();
    return DONE;
  },
};

/** The control calls by which tests and demos drive the sandbox. They are for a developer's machine and have no key. */
export const handleControl = (request: SandboxHttpRequest, parts: ControlParts): WireAnswer => {
  if (request.method === 'GET') return read(parts, request.path, request.query);
  const order = Object.hasOwn(ORDERS, request.path) ? ORDERS[request.path] : undefined;
  if (order === undefined || request.method !== 'POST') return jsonAnswer(404, { error: 'unknown control path' });
  try {
    return order(request.body === '' ? {} : JSON.parse(request.body), parts);
  } catch (error) {
    return jsonAnswer(400, { error: error instanceof z.ZodError ? z.prettifyError(error) : 'invalid JSON' });
  }
};
