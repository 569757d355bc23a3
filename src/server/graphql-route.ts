import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeaderMap, type ApolloServer, type HTTPGraphQLResponse } from '@apollo/server';
import type { Authenticator } from '../access/authenticator.js';
import type { Caller } from '../access/caller.js';
import { UnauthenticatedError, UnavailableError, type BilingualText } from '../errors/gateway-error.js';
import type { GatewayContext } from '../graphql/context.js';
import { correlationIdOf } from '../observability/correlation.js';
import { inSpan } from '../observability/tracing.js';
import type { CallLimits } from './call-limits.js';
import { SECURITY_HEADERS, sendJson } from './json-answer.js';
import { readJsonBody } from './json-body.js';
import type { ProxyTrust } from './proxy-trust.js';
import type { QuickLane } from './quick-lane.js';
import { createTrustedRequests, type TrustedRequestDeps } from './trusted-request.js';

export interface GraphqlRouteDeps {
  readonly apollo: ApolloServer<GatewayContext>;
  readonly authenticator: Authenticator;
  /** Absent where calls are not counted. */
  readonly limits?: CallLimits;
  readonly proxies?: ProxyTrust;
  /** Told of each call that proved nothing. */
  readonly onUnproved?: (hasProof: boolean) => void;
  /** Absent where no documents are registered. */
  readonly trusted?: TrustedRequestDeps;
  /** Absent where every call goes through Apollo. */
  readonly quick?: QuickLane;
}

export type RawHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly text: BilingualText;
  readonly correlationId: string;
  readonly retryAfterMs?: number;
}

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const refuse = (response: ServerResponse, refusal: Refusal): void => {
  const { status, code, text, correlationId, retryAfterMs } = refusal;
  sendJson(response, {
    status,
    body: { errors: [{ message: text.en, extensions: { code, message: text, correlationId } }] },
    // What the caller still sends is not read, so the connection cannot serve another call.
    headers: { connection: 'close', 'x-correlation-id': correlationId, ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}), ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }) },
  });
};

const refuseUnavailable = (response: ServerResponse, correlationId: string): void => {
  const { code, text } = new UnavailableError();
  refuse(response, { status: 503, code, text, correlationId });
};

/** What cannot be looked up now; any other error is a defect, and goes on. */
const orUnknown = (error: unknown): 'unknown' => {
  if (error instanceof UnavailableError) return 'unknown';
  throw error;
};

const TOO_MANY = { code: 'RATE_LIMITED', text: { en: 'Too many calls; wait as long as Retry-After says', vi: 'Quá nhiều yêu cầu; hãy đợi theo Retry-After' } };

const UNTRUSTED = { en: 'The document is not registered', vi: 'Truy vấn chưa được đăng ký' };

const headersOf = (request: IncomingMessage): HeaderMap => {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return headers;
};

const send = (response: ServerResponse, result: HTTPGraphQLResponse, correlationId: string): void => {
  const text = result.body.kind === 'complete' ? result.body.string : '';
  response.writeHead(result.status ?? 200, { ...SECURITY_HEADERS, ...Object.fromEntries(result.headers), 'x-correlation-id': correlationId, 'content-length': Buffer.byteLength(text) });
  response.end(text);
};

/** The query string with its mark. Not by URL: what a client writes before it need not be one. */
const searchOf = (target: string): string => {
  const at = target.indexOf('?');
  return at === -1 ? '' : target.slice(at);
};

const traceparentOf = (request: IncomingMessage): string | null => {
  const header = request.headers.traceparent;
  return typeof header === 'string' && TRACEPARENT.test(header) ? header : null;
};

/** `/graphql` without Express in between: a third of the cost of a call. Keys are asked before anything is read or parsed. */
export const createGraphqlRoute = (deps: GraphqlRouteDeps): RawHandler => {
  const execute = async (request: IncomingMessage, body: unknown, call: { caller: Caller; correlationId: string }): Promise<HTTPGraphQLResponse> =>
    inSpan({ name: 'graphql', parent: traceparentOf(request) }, (traceparent) =>
      deps.apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: request.method ?? 'POST', headers: headersOf(request), search: searchOf(request.url ?? '/'), body },
        context: () => Promise.resolve({ ...call, traceparent }),
      }));
  const trustedBody = deps.trusted === undefined ? (body: unknown) => ({ ok: true as const, body }) : createTrustedRequests(deps.trusted);
  const refuseUnproved = async (request: IncomingMessage, response: ServerResponse, correlationId: string): Promise<void> => {
    const address = deps.proxies?.addressOf(request) ?? request.socket.remoteAddress ?? 'unknown';
    const retryAfterMs = (await deps.limits?.takeUnproved(address)) ?? 0;
    const { code, text } = new UnauthenticatedError();
    deps.onUnproved?.(request.headers.authorization !== undefined || request.headers.cookie !== undefined);
    if (retryAfterMs > 0) refuse(response, { status: 429, ...TOO_MANY, correlationId, retryAfterMs });
    else refuse(response, { status: 401, code, text, correlationId });
  };
  return async (request, response) => {
    const correlationId = correlationIdOf(request.headers['x-correlation-id']);
    const proved = deps.authenticator.fromRequest(request);
    const caller = proved instanceof Promise ? await proved.catch(() => 'unknown' as const) : proved;
    if (caller === 'unknown') {
      refuseUnavailable(response, correlationId);
      return;
    }
    if (caller === null) {
      await refuseUnproved(request, response, correlationId);
      return;
    }
    const taken = deps.limits?.take(caller.client) ?? 0;
    const waitMs = typeof taken === 'number' ? taken : await taken;
    if (waitMs > 0) {
      refuse(response, { status: 429, ...TOO_MANY, correlationId, retryAfterMs: waitMs });
      return;
    }
    const body = request.method === 'POST' ? await readJsonBody(request) : { ok: true as const, value: undefined };
    if (!body.ok) {
      refuse(response, { status: body.status, code: 'BAD_REQUEST', text: { en: body.text, vi: 'Yêu cầu không hợp lệ' }, correlationId });
      return;
    }
    const replaced = trustedBody(body.value, caller);
    const trusted = replaced instanceof Promise ? await replaced.catch(orUnknown) : replaced;
    if (trusted === 'unknown') {
      refuseUnavailable(response, correlationId);
      return;
    }
    if (!trusted.ok) {
      refuse(response, { status: 400, code: trusted.code, text: UNTRUSTED, correlationId });
      return;
    }
    const quick = await deps.quick?.(request, trusted.body, { caller, correlationId, traceparent: traceparentOf(request) });
    if (quick != null) {
      response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'application/json; charset=utf-8', 'x-correlation-id': correlationId, 'content-length': Buffer.byteLength(quick) });
      response.end(quick);
      return;
    }
    send(response, await execute(request, trusted.body, { caller, correlationId }), correlationId);
  };
};
