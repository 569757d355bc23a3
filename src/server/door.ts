import type { RequestHandler } from 'express';
import type { GraphQLSchema } from 'graphql';
import type { Authenticator } from '../access/authenticator.js';
import type { RefusalLog } from '../access/refusal-log.js';
import type { Logins } from '../access/user-module.js';
import type { CallbackHandler } from '../callbacks/callback-route.js';
import type { HttpSettings } from '../config.js';
import { CompiledQueries } from '../graphql/compiled-queries.js';
import { startGraphqlServer } from '../graphql/graphql-server.js';
import type { TrustedDocuments } from '../graphql/trusted-documents.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { withCallbacks } from './callback-entry.js';
import { createCallLimits, type CallStore } from './call-limits.js';
import { createExpressApp } from './express-app.js';
import { createGraphqlRoute } from './graphql-route.js';
import type { Health } from './health.js';
import { createLoginRoutes } from './login-routes.js';
import type { Handler, Routes } from './http-server.js';
import { sendJson } from './json-answer.js';
import { createProxyTrust } from './proxy-trust.js';
import { createQuickLane } from './quick-lane.js';

export interface DoorDeps {
  readonly http: Pick<HttpSettings, 'admin' | 'callbacks' | 'trustedProxies' | 'rateLimits' | 'trustedDocumentsClients'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whether /metrics is served. */
  readonly showsMetrics: boolean;
  readonly health: Health;
  readonly authenticator: Authenticator;
  /** Absent where nobody counts who was refused. */
  readonly refusals?: RefusalLog;
  /** People who log in; absent where only programs call. */
  readonly people?: { readonly authenticator: Authenticator; readonly logins: Logins };
  /** Null in a process without the API. */
  readonly schema: GraphQLSchema | null;
  readonly documents: TrustedDocuments;
  readonly calls: CallStore;
  readonly files: RequestHandler | null;
  /** What parties send us; null where none may, or in a process without the API. */
  readonly callbacks: CallbackHandler | null;
  readonly queueBoard: (() => Promise<RequestHandler>) | null;
}

export interface Door {
  readonly routes: Routes;
  /** What the operators' own listener answers; null where everything is served beside the API. */
  readonly adminRoutes: Routes | null;
  /** What the parties' own listener answers; null where callbacks are taken beside the API, or not at all. */
  readonly callbackRoutes: Routes | null;
  readonly stop: () => Promise<void>;
}

const noGraphql: Routes['graphql'] = (_request, response) => Promise.resolve(sendJson(response, { status: 404, body: { error: 'NOT_FOUND' } }));

/** Routes for clients, those for operators and those for parties that call us: on one listener, or each on its own. */
const createApps = (deps: DoorDeps): { readonly api: Handler; readonly admin: Handler | null; readonly callbacks: Handler | null } => {
  const { logger, health, authenticator, files, queueBoard, http } = deps;
  const shared = { logger, health, authenticator, proxies: createProxyTrust(http.trustedProxies) };
  const logins = deps.people === undefined || deps.schema === null ? null : createLoginRoutes({ logins: deps.people.logins, proxies: shared.proxies, logger });
  const forOperators = { metrics: deps.showsMetrics ? deps.metrics : null, queueBoard };
  const nothing = { files: null, metrics: null, queueBoard: null };
  const api = createExpressApp({ ...shared, ...nothing, ...(http.admin === null ? forOperators : {}), files, logins });
  const admin = http.admin === null ? null : createExpressApp({ ...shared, ...nothing, ...forOperators });
  const entry = { handler: deps.callbacks, proxies: shared.proxies, perAddress: http.callbacks.perAddress, logger };
  if (http.callbacks.listener === null) return { api: withCallbacks(entry, api), admin, callbacks: null };
  return { api, admin, callbacks: deps.schema === null ? null : withCallbacks(entry, createExpressApp({ ...shared, ...nothing })) };
};

const onlyOther = (other: Handler | null): Routes | null => (other === null ? null : { other, graphql: noGraphql });

/** Everything that answers HTTP, behind one to three listeners. */
export const openDoor = async (deps: DoorDeps): Promise<Door> => {
  const { http, logger, metrics, authenticator, schema, refusals } = deps;
  const { api: other, admin, callbacks } = createApps(deps);
  const own = { adminRoutes: onlyOther(admin), callbackRoutes: onlyOther(callbacks) };
  if (schema === null) return { routes: { other, graphql: noGraphql }, ...own, stop: () => Promise.resolve() };
  const queries = new CompiledQueries(schema);
  const apollo = await startGraphqlServer({ schema, logger, metrics, queries, ...(refusals === undefined ? {} : { onForbidden: (caller, field) => refusals.forbidden(caller, field) }) });
  const graphql = createGraphqlRoute({
    apollo, authenticator: deps.people?.authenticator ?? authenticator, quick: createQuickLane({ schema, queries, metrics }), proxies: createProxyTrust(http.trustedProxies),
    limits: createCallLimits(http.rateLimits, deps.calls, { logger, onAlone: (calls) => metrics.callsCountedAlone.inc(calls) }),
    onUnproved: (hasProof) => refusals?.unauthenticated(hasProof), trusted: { documents: deps.documents, onlyFor: http.trustedDocumentsClients },
  });
  return { routes: { other, graphql }, ...own, stop: () => apollo.stop() };
};
