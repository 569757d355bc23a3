import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, getNamedType, isCompositeType, isEnumType, isInputObjectType, isListType, isNonNullType, isRequiredArgument, isRequiredInputField, type GraphQLField, type GraphQLInputType, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { accessRulesOf, type AccessRule } from '../../../src/access/access-rules.js';
import { ROLES } from '../../../src/access/caller.js';
import { guardedMutation, guardedQuery } from '../../../src/access/guarded.js';
import { bearer, startComposedGateway, type ComposedGateway } from '../../support/composed-gateway.js';

/** A value that a variable of this type takes; nothing real has it. */
const dummy = (type: GraphQLInputType): unknown => {
  if (isNonNullType(type)) return dummy(type.ofType);
  if (isListType(type)) return [dummy(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) return Object.fromEntries(Object.values(type.getFields()).filter(isRequiredInputField).map((field) => [field.name, dummy(field.type)]));
  return { Int: 1, Float: 1, Boolean: false, DateTime: '2026-11-23T08:30:00+07:00', LocalDate: '2026-11-23' }[type.name] ?? `none-${Math.random().toString(36).slice(2)}`;
};

const callOf = (on: 'query' | 'mutation', field: GraphQLField<unknown, unknown>): { document: string; variables: object } => {
  const needed = field.args.filter(isRequiredArgument);
  const declared = needed.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const given = needed.map(({ name }) => `${name}: $${name}`).join(', ');
  const selection = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
  return {
    document: `${on}${declared === '' ? '' : ` (${declared})`} { ${field.name}${given === '' ? '' : `(${given})`}${selection} }`,
    variables: Object.fromEntries(needed.map(({ name, type }) => [name, dummy(type)])),
  };
};

describe('who may do what', () => {
  let gateway: ComposedGateway;
  let schema: GraphQLSchema;
  let rules: readonly AccessRule[];
  beforeAll(async () => {
    gateway = await startComposedGateway();
    rules = gateway.rules;
    const answer = await gateway.query(bearer(gateway.keys.operator), getIntrospectionQuery());
    schema = buildClientSchema(answer.data as unknown as IntrospectionQuery);
  }, 60_000);
  afterAll(() => gateway.close());

  const fieldsOf = (on: 'query' | 'mutation'): GraphQLField<unknown, unknown>[] => Object.values((on === 'query' ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {});

  it('is declared for every field that there is', () => {
    const there = (['query', 'mutation'] as const).flatMap((on) => fieldsOf(on).map(({ name }) => `${on} ${name}`));
    expect(rules.map(({ on, field }) => `${on} ${field}`).sort()).toEqual(there.sort());
    expect(there.length).toBeGreaterThan(20);
  });

  it('is kept: each role passes each field exactly as declared', async () => {
    const wrong: string[] = [];
    for (const { on, field, roles } of rules) {
      const found = fieldsOf(on).find(({ name }) => name === field);
      for (const role of found === undefined ? [] : ROLES) {
        const { document, variables } = callOf(on, found as GraphQLField<unknown, unknown>);
        const { status, codes } = await gateway.query(bearer(gateway.keys[role]), document, variables);
        const passed = !codes.includes('FORBIDDEN');
        if (status !== 200 || codes.includes('BAD_DOCUMENT') || passed !== roles.includes(role)) wrong.push(`${role} ${passed ? 'passed' : 'did not pass'} ${field} (${status} ${codes.join(' ')})`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it('gives a caller without a key the same 401 for every field', async () => {
    for (const { on, field } of rules) {
      const found = fieldsOf(on).find(({ name }) => name === field);
      const { document, variables } = callOf(on, found as GraphQLField<unknown, unknown>);
      expect(await gateway.query({}, document, variables)).toEqual({ status: 401, data: null, codes: ['UNAUTHENTICATED'] });
    }
  }, 60_000);

  it('has an audit policy for every mutation', () => {
    expect(rules.filter(({ on, audit }) => on === 'mutation' && audit === null)).toEqual([]);
  });
});

describe('a schema', () => {
  const typeDefs = 'type Query { a: Int } type Mutation { b: Int }';
  const query = { resolve: guardedQuery({ roles: ['portal'], resolve: () => 1 }) };
  const mutation = { resolve: guardedMutation({ roles: ['portal'], audit: { kind: 'operator-action' }, resolve: () => 1 }) };

  it.each([
    ['a query without a resolver', { Mutation: { b: mutation } }, 'The query a has no guarded resolver'],
    ['a mutation without a guard', { Query: { a: query }, Mutation: { b: () => 1 } }, 'The mutation b has no guarded resolver'],
    ['a mutation with the guard of a query', { Query: { a: query }, Mutation: { b: query } }, 'The mutation b carries the guard of a query'],
  ])('with %s is not built', (_name, resolvers, text) => {
    expect(() => accessRulesOf(makeExecutableSchema({ typeDefs, resolvers: resolvers as never }))).toThrow(text);
  });

  it('with guards tells its rules', () => {
    expect(accessRulesOf(makeExecutableSchema({ typeDefs, resolvers: { Query: { a: query }, Mutation: { b: mutation } } as never }))).toEqual([
      { field: 'a', on: 'query', roles: ['portal'], wholeProvince: false, audit: null }, { field: 'b', on: 'mutation', roles: ['portal'], wholeProvince: false, audit: { kind: 'operator-action' } },
    ]);
  });
});
