import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import type { Express } from 'express';
import { createAuthenticator } from '../../../src/access/bearer-keys.js';
import { CORE_KEY_DOCS } from '../../../src/config.js';
import { createLogger } from '../../../src/observability/logger.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { createExpressApp } from '../../../src/server/express-app.js';
import { Health } from '../../../src/server/health.js';
import { createLoginRoutes } from '../../../src/server/login-routes.js';
import { createProxyTrust } from '../../../src/server/proxy-trust.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

const document = readFileSync('docs/security.md', 'utf8');
const routes = [...document.matchAll(/^\| `(\/[^`]*)` \|/gm)].map(([, path]) => path ?? '');
const ports = [...document.matchAll(/^\| [a-zA-Z ]+ \| `([A-Z_]+_PORT)` \|/gm)].map(([, key]) => key ?? '');

interface Layer {
  readonly route?: { readonly path: string };
  readonly slash: boolean;
  readonly handle: { readonly stack?: readonly Layer[] };
  match(path: string): boolean;
}

/** Routes of a router and of those within it; of what is mounted at a path only that the documents name the path. */
const servedBy = (stack: readonly Layer[], known: readonly string[]): string[] =>
  stack.flatMap((layer) => {
    if (layer.route !== undefined) return [layer.route.path];
    if (layer.slash) return servedBy(layer.handle.stack ?? [], known);
    return [known.find((path) => layer.match(path)) ?? 'a path that the document does not name'];
  });

const appRoutes = (): string[] => {
  const logger = createLogger('silent');
  const nothing = (): void => undefined;
  // Only listed, never asked: they need no store.
  const logins = createLoginRoutes({ logins: {} as never, proxies: createProxyTrust([]), logger });
  const app: Express = createExpressApp({ logger, logins, health: new Health([]), authenticator: createAuthenticator([]), metrics: createMetrics(), files: nothing, queueBoard: () => Promise.resolve(nothing) });
  return servedBy((app.router as unknown as { stack: readonly Layer[] }).stack, routes);
};

describe('routes and ports', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await startComposedGateway();
  }, 60_000);
  afterAll(() => gateway.close());

  it('are those of docs/security.md, no more and no fewer', () => {
    expect([...new Set([...appRoutes(), '/graphql', '/callbacks/:party/:kind'])].sort()).toEqual([...routes].sort());
    expect(CORE_KEY_DOCS.map(({ key }) => key).filter((key) => key.endsWith('_PORT')).sort()).toEqual([...ports].sort());
  });

  it('answer where the document says, and nothing else does', async () => {
    const open = ['/health/live', '/health/ready', '/metrics', '/queues'];
    const status = async (path: string): Promise<number> => (await fetch(gateway.url + path, { headers: bearer(gateway.keys.operator), redirect: 'manual' })).status;
    for (const path of open) expect({ path, found: (await status(path)) !== 404 }).toEqual({ path, found: true });
    for (const path of ['/', '/admin', '/debug', '/graphiql', '/callbacks/national-portal/any', '/.env', '/..%2fpackage.json', '/control/dossiers']) expect({ path, status: await status(path) }).toEqual({ path, status: 404 });
  });

  it('are guarded by tests that exist', () => {
    const tests = [...new Set([...document.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, path]) => path ?? ''))];
    expect(tests.length).toBeGreaterThan(30);
    expect(tests.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('would show a route that nobody wrote down', () => {
    expect(servedBy((createLayered('/secret').router as unknown as { stack: readonly Layer[] }).stack, routes)).toContain('/secret');
  });
});

const createLayered = (path: string): Express => {
  const app = createExpressApp({ logger: createLogger('silent'), health: new Health([]), authenticator: createAuthenticator([]), metrics: null, files: null, queueBoard: null });
  app.get(path, (_request, response) => void response.end());
  return app;
};
