import { z } from 'zod';
import { jsonAnswer } from './sandbox-answers.js';
import type { WireAnswer } from './sandbox-answers.js';
import type { SandboxHttpRequest } from './sandbox-request.js';

export interface ControlQuery {
  /** Where a list goes on: a number that the caller saw last; 0 from the start. */
  readonly after: number;
  /** 1,000 unless told. */
  readonly limit: number;
  /** What stands behind the name of a route that ends in `/*`, decoded; else empty. */
  readonly item: string;
  readonly text: (name: string) => string | null;
}

/** An answer of a control call that is no JSON, such as a statement as CSV. */
export class ControlText {
  readonly mediaType: string;
  readonly text: string;

  constructor(mediaType: string, text: string) {
    this.mediaType = mediaType;
    this.text = text;
  }
}

/** What goes out as JSON, unless it is a `ControlText`; null is answered with 404. */
export type ControlRead = (query: ControlQuery) => unknown;

/** Does what the JSON body says; a ZodError is answered with 400, nothing with `{"ok":true}`, null with 404, anything else as JSON. */
export type ControlOrder = (body: unknown) => unknown;

export interface ControlRoutes {
  /** GET below `/control/`, such as `state` or `orders/*` for one of them. */
  readonly reads: Readonly<Record<string, ControlRead>>;
  /** POST below `/control/`, such as `misbehave`. */
  readonly orders: Readonly<Record<string, ControlOrder>>;
}

/** The control calls by which a book of mischief is written: `misbehave`, `random`, `behave`. */
export const mischiefOrders = (book: { command(body: unknown): void; commandChance(body: unknown): void; clear(): void }): Readonly<Record<'misbehave' | 'random' | 'behave', ControlOrder>> => ({
  misbehave: (body) => { book.command(body); },
  random: (body) => { book.commandChance(body); },
  behave: () => { book.clear(); },
});

const UNKNOWN = jsonAnswer(404, { error: 'unknown control path' });

const numberOf = (text: string | null, fallback: number): number => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : fallback);

const worded = (value: unknown): WireAnswer => {
  if (value === null) return jsonAnswer(404, { error: 'not held' });
  if (value instanceof ControlText) return { status: 200, headers: { 'content-type': value.mediaType }, body: value.text };
  return jsonAnswer(200, value === undefined ? { ok: true } : value);
};

const routeOf = <Route>(routes: Readonly<Record<string, Route>>, name: string): Route | undefined => (Object.hasOwn(routes, name) ? routes[name] : undefined);

const read = (routes: ControlRoutes, name: string, query: URLSearchParams): WireAnswer => {
  const [list = '', item = ''] = name.split('/', 2);
  const route = routeOf(routes.reads, name) ?? (item === '' ? undefined : routeOf(routes.reads, `${list}/*`));
  if (route === undefined) return UNKNOWN;
  return worded(route({
    after: numberOf(query.get('after'), 0), limit: numberOf(query.get('limit'), 1_000), item: decodeURIComponent(item), text: (field) => query.get(field),
  }));
};

/** The control calls by which tests and demos drive a sandbox. They are for a developer's machine and have no key. */
export const controlCalls = (routes: ControlRoutes) => async (request: SandboxHttpRequest): Promise<WireAnswer> => {
  const name = request.path.slice('/control/'.length);
  if (request.method === 'GET') return read(routes, name, request.query);
  const order = request.method === 'POST' ? routeOf(routes.orders, name) : undefined;
  if (order === undefined) return UNKNOWN;
  try {
    return worded(await order(request.body === '' ? {} : JSON.parse(request.body)));
  } catch (error) {
    return jsonAnswer(400, { error: error instanceof z.ZodError ? z.prettifyError(error) : 'invalid JSON' });
  }
};
