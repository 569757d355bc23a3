import type { Config, CoreConfig } from '../config.js';
import type { Logger } from '../observability/logger.js';
import { createLogger } from '../observability/logger.js';
import { HttpServer, type Routes } from '../server/http-server.js';
import { TlsFiles } from '../server/tls-files.js';
import type { Composition, GatewayRoles } from './composition.js';
import type { Lifecycle } from './lifecycle.js';

export interface ProcessOptions {
  readonly config: Config;
  readonly composition: Composition;
  readonly roles: GatewayRoles;
  readonly lifecycle: Lifecycle;
}

const createServer = ({ http: { tls } }: CoreConfig, logger: Logger): HttpServer => new HttpServer(logger, tls === null ? null : new TlsFiles({ ...tls, logger }));

/** An HTTP server that listens and answers "starting" until the gateway behind it is up. */
export const openHttp = async ({ config, lifecycle, roles }: Pick<ProcessOptions, 'config' | 'lifecycle' | 'roles'>): Promise<{ server: HttpServer; url: string }> => {
  const { core } = config;
  const logger = createLogger(core.logLevel);
  lifecycle.useLogger(logger);
  const server = createServer(core, logger);
  const url = await server.listen(core.http.host, roles.api ? core.http.port : core.http.workerPort);
  lifecycle.onStop('HTTP server', () => server.close(core.drainMs));
  return { server, url };
};

interface OwnListener {
  readonly what: 'admin' | 'callback';
  readonly at: { readonly host: string; readonly port: number } | null;
  readonly routes: Routes | null;
}

/** Routes that are not served beside the API. */
const openOwn = async ({ what, at, routes }: OwnListener, { config: { core }, lifecycle }: Pick<ProcessOptions, 'config' | 'lifecycle'>, logger: Logger): Promise<void> => {
  if (at === null || routes === null) return;
  const server = createServer(core, logger);
  const url = await server.listen(at.host, at.port);
  lifecycle.onStop(`${what} listener`, () => server.close(core.drainMs));
  server.serve(routes);
  logger.info({ url }, `${what} routes have their own listener`);
};

/** Starts the gateway in this process behind a listening server. */
export const startBehind = async (http: { readonly server: HttpServer; readonly url: string }, options: ProcessOptions): Promise<void> => {
  const { config, composition, roles, lifecycle } = options;
  const logger = createLogger(config.core.logLevel);
  const gateway = await composition.startGateway({ config, roles, publicUrl: config.core.http.publicUrl ?? http.url, logger });
  lifecycle.onStop('gateway', () => gateway.close(config.core.drainMs));
  const { admin, callbacks } = config.core.http;
  await openOwn({ what: 'admin', at: admin, routes: gateway.adminRoutes }, options, logger);
  await openOwn({ what: 'callback', at: callbacks.listener, routes: gateway.callbackRoutes }, options, logger);
  // Registered last, so stopped first: calls in flight end while everything that they need is still there.
  lifecycle.onStop('intake', () => {
    gateway.health.stop();
    return http.server.close(config.core.drainMs);
  });
  http.server.serve(gateway.routes);
  logger.info({ url: http.url, roles: Object.entries(roles).filter(([, on]) => on as boolean).map(([role]) => role) }, 'gateway started');
};
