import { ApolloServer } from '@apollo/server';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { createCallPlugin, type CallPluginDeps } from './call-plugin.js';
import { CompiledQueries } from './compiled-queries.js';
import type { GatewayContext } from './context.js';
import { createCostLimit } from './document-cost.js';
import { MAX_TOKENS, createDocumentLimits } from './document-limits.js';
import { formatError } from './error-format.js';

export interface GraphqlServerDeps {
  readonly schema: GraphQLSchema;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'graphqlSeconds'>;
  /** See CallPluginDeps. */
  readonly onForbidden?: CallPluginDeps['onForbidden'];
  /** Compiled queries that another part of the door runs too. */
  readonly queries?: CompiledQueries;
}

/** Apollo takes an executor of one's own only where a federation's gateway would be. */
const withExecutor = (schema: GraphQLSchema, queries: CompiledQueries): GatewayInterface => ({
    load: () => Promise.resolve({
      executor: ({ document, operation, request, source, context }) =>
        Promise.resolve(queries.run({
          client: (context as GatewayContext).caller.client, source, document, operation: operation ?? null,
          operationName: request.operationName ?? null, variables: request.variables ?? {}, context,
        })) as never,
    }),
    onSchemaLoadOrUpdate: (use) => {
      use({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
});

/** Apollo with every door closed that a partner system does not need; started when it is returned. */
export const startGraphqlServer = async (deps: GraphqlServerDeps): Promise<ApolloServer<GatewayContext>> => {
  const originals = new WeakMap<object, { formatted: GraphQLFormattedError; error: unknown }>();
  const limits = createDocumentLimits();
  const server = new ApolloServer<GatewayContext>({
    gateway: withExecutor(deps.schema, deps.queries ?? new CompiledQueries(deps.schema)),
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: limits.validationRules,
    formatError: (formatted, error) => {
      const shown = formatError(formatted, error, false);
      originals.set(shown, { formatted, error });
      return shown;
    },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ...(limits.plugins as never[]),
      createCallPlugin({ logger: deps.logger, metrics: deps.metrics, costOf: createCostLimit(deps.schema), originalOf: (shown) => originals.get(shown), ...(deps.onForbidden === undefined ? {} : { onForbidden: deps.onForbidden }) }),
    ],
    logger: { debug: () => undefined, info: () => undefined, warn: (text) => deps.logger.warn({ apollo: String(text) }, 'Apollo warns'), error: (text) => deps.logger.error({ apollo: String(text) }, 'Apollo reports an error') },
  });
  await server.start();
  return server;
};
