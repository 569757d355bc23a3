import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { OperationTypeNode, execute, parse, print, type DocumentNode, type ExecutionResult, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { traitsOf } from './document-limits.js';

export interface QueryCall {
  /** Whose compiled queries may make room for this one. */
  readonly client: string;
  /** Text of the document. */
  readonly source: string;
  readonly document: DocumentNode;
  /** Null where the document has no operation of the wanted name. */
  readonly operation: OperationDefinitionNode | null;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: unknown;
}

/** A query that was found valid and compiled. */
export interface ReadyQuery {
  readonly compiled: CompiledQuery;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

interface Entry {
  runs: number;
  /** Null until it is worth it, and for good where it cannot be compiled. */
  ready: ReadyQuery | null;
}

/** Compiling takes milliseconds: whoever sends a new document each time must not cost us that. */
const COMPILE_AT_RUN = 3;
/** A compiled query takes some 50 kB; these bounds keep all of them below about 100 MB. */
const MAX_QUERIES_PER_CLIENT = 64;
const MAX_CLIENTS = 32;
/** Longer texts are full of white space, and would make the bounds above worth little. */
const MAX_SOURCE_LENGTH = 20_000;

const keyOf = (source: string, operationName: string | null): string => (operationName === null ? source : `${operationName}\n${source}`);

/** The entry, moved to the end, which is the last to be dropped; made when it is missing. */
const touch = <Value>(map: Map<string, Value>, key: string, options: { readonly max: number; readonly make: () => Value }): Value => {
  const value = map.get(key) ?? options.make();
  map.delete(key);
  map.set(key, value);
  const oldest = map.size > options.max ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
  return value;
};

/**
 * Runs documents that were found valid: queries that come again as compiled code, everything else through graphql-js. A client
 * that sends many documents pushes out its own compiled queries only.
 */
export class CompiledQueries {
  readonly #schema: GraphQLSchema;
  readonly #clients = new Map<string, Map<string, Entry>>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  run(call: QueryCall): ExecutionResult | Promise<ExecutionResult> {
    const ready = this.#readyOf(call);
    if (ready === null) return this.#interpret(call);
    const result = ready.compiled.query({}, call.context, call.variables);
    return result instanceof Promise ? result.then((ended) => this.#checked(ended, call)) : this.#checked(result, call);
  }

  /** A query of this client that is compiled already; null for any other. */
  ready(client: string, source: string, operationName: string | null): ReadyQuery | null {
    return this.#clients.get(client)?.get(keyOf(source, operationName))?.ready ?? null;
  }

  /** How many compiled queries are kept, over all clients. */
  get size(): number {
    return [...this.#clients.values()].reduce((sum, entries) => sum + [...entries.values()].filter(({ ready }) => ready !== null).length, 0);
  }

  /** Where anything failed, graphql-js reads again: compiled code differs from it in which errors it reports, and in their causes. */
  #checked(result: ExecutionResult, call: QueryCall): ExecutionResult | Promise<ExecutionResult> {
    return result.errors === undefined ? result : this.#interpret(call);
  }

  #interpret({ document, variables, operationName, context }: QueryCall): ExecutionResult | Promise<ExecutionResult> {
    return execute({ schema: this.#schema, document, rootValue: {}, contextValue: context, variableValues: variables, operationName });
  }

  #readyOf(call: QueryCall): ReadyQuery | null {
    if (call.operation?.operation !== OperationTypeNode.QUERY || call.source.length > MAX_SOURCE_LENGTH) return null;
    const entries = touch(this.#clients, call.client, { max: MAX_CLIENTS, make: () => new Map<string, Entry>() });
    const entry = touch(entries, keyOf(call.source, call.operationName), { max: MAX_QUERIES_PER_CLIENT, make: (): Entry => ({ runs: 0, ready: null }) });
    entry.runs += 1;
    if (entry.runs === COMPILE_AT_RUN) entry.ready = this.#compile(call, call.operation);
    return entry.ready;
  }

  /** The compiler marks the nodes that it reads and gets @skip wrong in a fragment that is used twice; so it has its own copy, without directives. */
  #compile({ document, operationName }: QueryCall, operation: OperationDefinitionNode): ReadyQuery | null {
    const { readsSchema, hasDirectives } = traitsOf(document);
    if (readsSchema || hasDirectives) return null;
    const compiled = compileQuery(this.#schema, parse(print(document)), operationName ?? undefined);
    return isCompiledQuery(compiled) ? { compiled, document, operation } : null;
  }
}
