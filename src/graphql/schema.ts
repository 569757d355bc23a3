import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { ROLES } from '../access/caller.js';
import { accessRulesOf } from '../access/access-rules.js';
import { guardedQuery, type GuardedResolver } from '../access/guarded.js';
import { PACKAGE_ROOT } from '../package-root.js';
import type { GatewayContext } from './context.js';
import { createScalars } from './scalars.js';

/** Resolvers of one domain, as its module hands them over: type → field → function. A root field without its guard does not compile. */
export interface DomainResolvers {
  readonly Query?: Readonly<Record<string, GuardedResolver<never, unknown, 'query'>>>;
  readonly Mutation?: Readonly<Record<string, GuardedResolver<never, unknown, 'mutation'>>>;
  readonly [type: string]: unknown;
}

const FOLDER = join(PACKAGE_ROOT, 'schemas', 'graphql');

const isSdl = (name: string): boolean => name.endsWith('.graphql');

/** SDL of the named files, or of all. */
export const readTypeDefinitions = (names: readonly string[] = readdirSync(FOLDER).filter(isSdl).sort()): string[] =>
  names.map((name) => readFileSync(join(FOLDER, name), 'utf8'));

const callerResolvers = {
  Query: {
    caller: guardedQuery({
      roles: ROLES,
      resolve: (_args: unknown, { caller }: GatewayContext) => ({ client: caller.client, role: caller.role.toUpperCase() }),
    }),
  },
};

type RootFields = Readonly<Record<string, GuardedResolver<never, unknown>>>;

/** graphql-tools binds plain functions, which loses what they carry; a resolver inside an object it leaves as it is. */
const asObjects = (fields: RootFields = {}) => Object.fromEntries(Object.entries(fields).map(([name, resolve]) => [name, { resolve }]));
const keepingGuards = (domain: DomainResolvers): object => ({ ...domain, Query: asObjects(domain.Query), Mutation: asObjects(domain.Mutation) });

/**
 * Joins the SDL of schemas/graphql with the domains' resolvers. A resolver of a field that the SDL lacks, and a field of Query or
 * Mutation without a guarded resolver, is a defect and throws.
 */
export const buildSchema = (domains: readonly DomainResolvers[], typeDefs = readTypeDefinitions()): GraphQLSchema => {
  const schema = makeExecutableSchema({
    typeDefs,
    resolvers: [createScalars(), ...[callerResolvers, ...domains].map(keepingGuards)] as never,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
    // Nobody else holds the schema yet. A second one with the resolvers in it takes longer to build than the first.
    updateResolversInPlace: true,
  });
  accessRulesOf(schema);
  return schema;
};
