import { createHash } from 'node:crypto';
import { createAuthenticator } from '../../src/access/bearer-keys.js';
import type { Role } from '../../src/access/caller.js';
import { guardedMutation } from '../../src/access/guarded.js';
import { buildSchema, readTypeDefinitions, type DomainResolvers } from '../../src/graphql/schema.js';
import { CompiledQueries } from '../../src/graphql/compiled-queries.js';
import { startGraphqlServer } from '../../src/graphql/graphql-server.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { createLogger } from '../../src/observability/logger.js';
import type { CallLimits } from '../../src/server/call-limits.js';
import { createExpressApp } from '../../src/server/express-app.js';
import { createGraphqlRoute } from '../../src/server/graphql-route.js';
import { Health, type HealthCheck } from '../../src/server/health.js';
import { HttpServer } from '../../src/server/http-server.js';
import { createQuickLane } from '../../src/server/quick-lane.js';
import type { TrustedRequestDeps } from '../../src/server/trusted-request.js';

export const TEST_KEYS: Readonly<Record<'portal' | 'operator' | 'auditor', string>> = { portal: 'portal-key', operator: 'operator-key', auditor: 'auditor-key' };

/** A schema must have a mutation; this one does nothing. */
const TOUCH: DomainResolvers = { Mutation: { touch: guardedMutation({ roles: ['portal'], audit: { kind: 'no-audit', because: 'it does nothing' }, resolve: () => true }) } };

export interface HttpGateway {
  readonly url: string;
  readonly logLines: string[];
  readonly server: HttpServer;
  query(document: string, options?: { key?: string | null; variables?: unknown; headers?: Record<string, string> }): Promise<{ status: number; body: { data?: unknown; errors?: { message: string; extensions: Record<string, unknown> }[] } }>;
  close(): Promise<void>;
}

/** The real HTTP and GraphQL layers over loopback, with the domains' resolvers that a test brings. */
export const startHttpGateway = async (options: { resolvers?: readonly DomainResolvers[]; checks?: readonly HealthCheck[]; limits?: CallLimits; trusted?: TrustedRequestDeps } = {}): Promise<HttpGateway> => {
  const logLines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => void logLines.push(line) });
  const metrics = createMetrics();
  const digest = (key: string): Buffer => createHash('sha256').update(key).digest();
  const authenticator = createAuthenticator(Object.entries(TEST_KEYS).map(([role, key]) => ({ client: `test-${role}`, role: role as Role, digest: digest(key) })));
  const schema = buildSchema([TOUCH, ...(options.resolvers ?? [])], [...readTypeDefinitions(['common.graphql']), 'extend type Mutation { touch: Boolean }']);
  const queries = new CompiledQueries(schema);
  const apollo = await startGraphqlServer({ schema, logger, metrics, queries });
  const server = new HttpServer(logger);
  const url = await server.listen('127.0.0.1', 0);
  const health = new Health(options.checks ?? []);
  server.serve({ graphql: createGraphqlRoute({ apollo, authenticator, quick: createQuickLane({ schema, queries, metrics }), ...(options.limits === undefined ? {} : { limits: options.limits }), ...(options.trusted === undefined ? {} : { trusted: options.trusted }) }), other: createExpressApp({ logger, health, authenticator, metrics, files: null, queueBoard: null }) });
  return {
    url, logLines, server,
    query: async (document, { key = TEST_KEYS.portal, variables, headers = {} } = {}) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST', body: JSON.stringify({ query: document, variables }),
        headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
      });
      return { status: response.status, body: (await response.json()) as never };
    },
    close: async () => {
      await server.close(1_000);
      await apollo.stop();
    },
  };
};
