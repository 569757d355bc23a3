import express, { type Express, type RequestHandler } from 'express';
import type { Authenticator } from '../access/authenticator.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { createErrorHandler, notFound } from './error-handler.js';
import type { Health } from './health.js';
import { createHealthRoutes } from './health-routes.js';
import { createMetricsRoute } from './metrics-route.js';
import type { ProxyTrust } from './proxy-trust.js';
import { requireRole } from './require-role.js';
import { securityHeaders } from './security-headers.js';

export interface ExpressAppDeps {
  readonly logger: Logger;
  readonly health: Health;
  readonly authenticator: Authenticator;
  /** Null where /metrics is switched off. */
  readonly metrics: Metrics | null;
  /** Serves `GET /files/:token`; null in a process that hands out no links. */
  readonly files: RequestHandler | null;
  /** Where people log in and out; absent in a process without the API. */
  readonly logins?: RequestHandler | null;
  /** Bull Board; loaded at its first call. */
  readonly queueBoard: (() => Promise<RequestHandler>) | null;
  /** Proxies whose forwarded headers Express may believe; nobody's where absent. */
  readonly proxies?: ProxyTrust;
}

/** Path of the queue board, which its own links are built from. */
export const QUEUE_BOARD_PATH = '/queues';

const lazily = (load: () => Promise<RequestHandler>): RequestHandler => {
  let loaded: Promise<RequestHandler> | null = null;
  return async (request, response, next) => {
    loaded ??= load();
    await (await loaded)(request, response, next);
  };
};

/** Everything but `/graphql`. */
export const createExpressApp = (deps: ExpressAppDeps): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', (address: string) => deps.proxies?.isProxy(address) ?? false);
  app.set('query parser', 'simple');
  app.use(securityHeaders);
  app.use(createHealthRoutes(deps.health));
  if (deps.metrics !== null) app.use(createMetricsRoute(deps.metrics, deps.authenticator));
  if (deps.logins != null) app.use(deps.logins);
  if (deps.files !== null) app.get('/files/:token', deps.files);
  if (deps.queueBoard !== null) app.use(QUEUE_BOARD_PATH, requireRole(deps.authenticator, ['operator']), lazily(deps.queueBoard));
  app.use(notFound);
  app.use(createErrorHandler(deps.logger));
  return app;
};
