import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { ROLES } from '../access/caller.js';
import { guardedQuery } from '../access/guarded.js';
import { PACKAGE_ROOT } from '../package-root.js';
import type { GatewayContext } from './context.js';
import { createScalars } from './scalars.js';

/** Resolvers of one domain, as its module hands them over: type → field → function, or a scalar. */
export type DomainResolvers = Readonly<Record<string, unknown>>;

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

/** Joins the SDL of schemas/graphql with the domains' resolvers; a resolver of a field that the SDL lacks is a defect and throws. */
export const buildSchema = (domains: readonly DomainResolvers[], typeDefs = readTypeDefinitions()): GraphQLSchema =>
  makeExecutableSchema({
    typeDefs,
    resolvers: [createScalars(), callerResolvers, ...domains] as never,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
