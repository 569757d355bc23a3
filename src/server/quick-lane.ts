import type { IncomingMessage } from 'node:http';
import { createCostLimit, MAX_COST } from '../graphql/document-cost.js';
import type { CompiledQueries } from '../graphql/compiled-queries.js';
import type { GatewayContext } from '../graphql/context.js';
import { inSpan } from '../observability/tracing.js';
import type { Metrics } from '../observability/metrics.js';
import type { GraphQLSchema } from 'graphql';
import { KeptAnswers } from './kept-answers.js';

export interface QuickLaneDeps {
  readonly schema: GraphQLSchema;
  readonly queries: CompiledQueries;
  readonly metrics: Pick<Metrics, 'graphqlSeconds'>;
}

/** Answer of a call in JSON, as text or in UTF-8; null where the call must go the long way. */
export type QuickLane = (request: IncomingMessage, body: unknown, context: GatewayContext) => Promise<string | Buffer | null> | null;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const takesJson = (accept: string | undefined): boolean => accept === undefined || accept === '*/*' || accept.startsWith('application/json');

/** Variables that no field takes may be nested as deep as a body allows, and then overflow the stack. */
const writtenOrNull = (value: unknown): string | null => {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
};

/**
 * Queries that Apollo parsed, checked and ran for this client before, and that were compiled since: they are run and answered
 * without it. Only what succeeds is answered here; anything else, and every error, goes the long way.
 */
export const createQuickLane = ({ schema, queries, metrics }: QuickLaneDeps): QuickLane => {
  const costOf = createCostLimit(schema);
  const kept = new KeptAnswers(schema);
  return (request, body, context) => {
    if (request.method !== 'POST' || !isFields(body) || !takesJson(request.headers.accept)) return null;
    const { query, operationName = null, variables = null, extensions } = body;
    if (typeof query !== 'string' || (operationName !== null && typeof operationName !== 'string') || (variables !== null && !isFields(variables)) || extensions !== undefined) return null;
    const ready = queries.ready(context.caller.client, query, operationName);
    if (ready === null || costOf(ready.document, ready.operation, variables ?? {}) > MAX_COST) return null;
    const started = performance.now();
    const make = async (traceparent: string | null): Promise<string | null> => {
      const result = await ready.compiled.query({}, { ...context, traceparent }, variables ?? {});
      return result.errors === undefined ? JSON.stringify({ data: result.data as unknown }) : null;
    };
    const key = (): string | null => writtenOrNull([context.caller.role, operationName, variables, query]);
    return inSpan({ name: 'graphql', parent: context.traceparent }, (traceparent) => kept.answer({ ready, key }, () => make(traceparent))).then((answer) => {
      if (answer !== null) metrics.graphqlSeconds.observe({ kind: 'query', outcome: 'ok' }, (performance.now() - started) / 1_000);
      return answer;
    });
  };
};
