import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallbackHandler } from '../callbacks/callback-route.js';
import type { Logger } from '../observability/logger.js';
import { CallBudget } from './call-budget.js';
import type { Handler } from './http-server.js';
import { sendJson } from './json-answer.js';
import type { ProxyTrust } from './proxy-trust.js';

export interface CallbackEntryDeps {
  /** Null where no party may call us. */
  readonly handler: CallbackHandler | null;
  readonly proxies: ProxyTrust;
  /** Calls a minute of one address; 0 for no limit. */
  readonly perAddress: number;
  readonly logger: Logger;
}

const PREFIX = '/callbacks/';
/** Names of parties and kinds are ours, and so is the secret that may follow: nothing in them is ever escaped. */
const ROUTE = /^\/callbacks\/([a-z0-9-]{1,64})\/([a-z0-9_-]{1,64})(?:\/([\w.~-]{1,200}))?$/;
const WINDOW_SECONDS = 60;

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';

/**
 * Sends what is under `/callbacks/` to the inbox, and everything else to `other`. Nothing stands before it: no session, no body
 * parser, for a signature is made over bytes. Each call of an address counts, so that guessing signatures is slow.
 */
export const withCallbacks = ({ handler, proxies, perAddress, logger }: CallbackEntryDeps, other: Handler): Handler => {
  if (handler === null) return other;
  const budget = perAddress === 0 ? null : new CallBudget({ points: perAddress, windowSeconds: WINDOW_SECONDS, store: null, logger });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const waitMs = await (budget?.take(proxies.addressOf(request)) ?? 0);
    const [, party = '', kind = '', secret = null] = ROUTE.exec(pathOf(request)) ?? [];
    if (waitMs === 0) await handler(request, response, { party, kind, secret });
    else sendJson(response, { status: 429, body: { error: 'RATE_LIMITED' }, headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)), connection: 'close' } });
  };
  return (request, response) => {
    if (!pathOf(request).startsWith(PREFIX)) {
      other(request, response);
      return;
    }
    answer(request, response).catch((error: unknown) => {
      logger.error({ err: error }, 'callback failed');
      response.destroy();
    });
  };
};
