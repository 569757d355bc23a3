import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { createCallPlugin } from './call-plugin.js';
import type { GatewayContext } from './context.js';
import { MAX_TOKENS, createDocumentLimits } from './document-limits.js';
import { formatError } from './error-format.js';

export interface GraphqlServerDeps {
  readonly schema: GraphQLSchema;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'graphqlSeconds'>;
}

/** Apollo with every door closed that a partner system does not need; started when it is returned. */
export const startGraphqlServer = async (deps: GraphqlServerDeps): Promise<ApolloServer<GatewayContext>> => {
  const originals = new WeakMap<object, { formatted: GraphQLFormattedError; error: unknown }>();
  const limits = createDocumentLimits();
  const server = new ApolloServer<GatewayContext>({
    schema: deps.schema,
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
      createCallPlugin({ logger: deps.logger, metrics: deps.metrics, originalOf: (shown) => originals.get(shown) }),
    ],
    logger: { debug: () => undefined, info: () => undefined, warn: (text) => deps.logger.warn({ apollo: String(text) }, 'Apollo warns'), error: (text) => deps.logger.error({ apollo: String(text) }, 'Apollo reports an error') },
  });
  await server.start();
  return server;
};
