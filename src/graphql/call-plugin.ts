import type { ApolloServerPlugin } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, Kind, OperationTypeNode, type DocumentNode, type GraphQLFormattedError, type OperationDefinitionNode } from 'graphql';
import { ForbiddenError, GatewayError } from '../errors/gateway-error.js';
import type { Caller } from '../access/caller.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import type { GatewayContext } from './context.js';
import { MAX_COST } from './document-cost.js';
import { traitsOf } from './document-limits.js';
import { formatError, isDocumentFault, toGatewayError } from './error-format.js';

export interface CallPluginDeps {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'graphqlSeconds'>;
  /** Told of changes that the caller's role may not make, before the answer goes out; never rejects. */
  readonly onForbidden?: (caller: Caller, field: string) => Promise<void>;
  readonly costOf: (document: DocumentNode, operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>) => number;
  /** The error behind a formatted one, remembered by the server's formatter, which is not told of the caller. */
  readonly originalOf: (formatted: GraphQLFormattedError) => { readonly formatted: GraphQLFormattedError; readonly error: unknown } | undefined;
}

const RESPONSE_TYPE = 'application/graphql-response+json';

const refuse = (text: string): never => {
  throw new GraphQLError(text, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } } });
};

/** Logs what is our fault, with its cause; what is the caller's fault is counted only, for its text may quote the caller. */
const logDefects = (errors: readonly GraphQLError[], context: GatewayContext, logger: Logger): void => {
  for (const error of errors) {
    const original = unwrapResolverError(error);
    if (original instanceof GatewayError ? original.code !== 'INTERNAL' : original instanceof GraphQLError) continue;
    const known = toGatewayError(original);
    logger.error({ err: known, correlationId: context.correlationId, client: context.caller.client, path: error.path?.join('.') }, 'GraphQL field failed');
  }
};

/** Fields of Mutation that were forbidden: by their names in the schema, since an alias may say anything. */
const forbiddenFields = (errors: readonly GraphQLError[], operation: OperationDefinitionNode | undefined): readonly string[] => {
  if (operation?.operation !== OperationTypeNode.MUTATION) return [];
  const names = errors.filter((error) => unwrapResolverError(error) instanceof ForbiddenError).map(({ path }) => {
    const field = operation.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD && (selection.alias ?? selection.name).value === path?.[0]);
    return field?.kind === Kind.FIELD ? field.name.value : 'mutation';
  });
  return [...new Set(names)];
};

/** Per call: who may read the schema, which details are shown to whom, the status that the GraphQL-over-HTTP drafts ask for, logs and times. */
export const createCallPlugin = (deps: CallPluginDeps): ApolloServerPlugin<GatewayContext> => ({
  requestDidStart: ({ contextValue }) => {
    const started = performance.now();
    let kind = 'unreadable';
    return Promise.resolve({
      didResolveOperation: ({ operation, document, request }) => {
        kind = operation?.operation ?? kind;
        if (contextValue.caller.role !== 'operator' && traitsOf(document).readsSchema) refuse('Reading the schema is for operators');
        if (operation !== undefined && deps.costOf(document, operation, request.variables ?? {}) > MAX_COST) refuse(`The document asks for more than ${MAX_COST} fields`);
        return Promise.resolve();
      },
      didEncounterErrors: async ({ errors, operation }) => {
        logDefects(errors, contextValue, deps.logger);
        const { onForbidden = () => Promise.resolve() } = deps;
        await Promise.all(forbiddenFields(errors, operation).map((field) => onForbidden(contextValue.caller, field)));
      },
      willSendResponse: ({ request, response }) => {
        const errors = response.body.kind === 'single' ? response.body.singleResult.errors : undefined;
        deps.metrics.graphqlSeconds.observe({ kind, outcome: errors === undefined ? 'ok' : 'errors' }, (performance.now() - started) / 1_000);
        if (errors === undefined || response.body.kind !== 'single') return Promise.resolve();
        const accept = request.http?.headers.get('accept') ?? '';
        if (!accept.includes(RESPONSE_TYPE) && errors.every(({ extensions }) => isDocumentFault(extensions?.['code']))) response.http.status = 200;
        response.body.singleResult.errors = errors.map((shown) => {
          const original = contextValue.caller.role === 'operator' ? deps.originalOf(shown) : undefined;
          const final = original === undefined ? shown : formatError(original.formatted, original.error, true);
          return { ...final, extensions: { ...final.extensions, correlationId: contextValue.correlationId } };
        });
        return Promise.resolve();
      },
    });
  },
});
