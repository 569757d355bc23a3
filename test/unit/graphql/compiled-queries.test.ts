import { describe, expect, it } from '@jest/globals';
import { makeExecutableSchema } from '@graphql-tools/schema';
import fc from 'fast-check';
import { execute, parse, validate, type OperationDefinitionNode } from 'graphql';
import { CompiledQueries, type QueryCall } from '../../../src/graphql/compiled-queries.js';
import { createScalars } from '../../../src/graphql/scalars.js';
import { QueryWriter } from './random-query.js';

const schema = makeExecutableSchema({
  typeDefs: `
    scalar DateTime
    enum Colour { RED GREEN }
    input Filter { name: String!, size: Int = 7, tags: [String!] }
    interface Named { name: String! colour: Colour }
    type Person implements Named { name: String! colour: Colour age: Int bornAt: DateTime friends(first: Int = 2): [Named!]! maybe: [Person] broken: String brokenHard: String! wrongEnum: Colour deep: Person! }
    type Pet implements Named { name: String! colour: Colour legs: Float owner: Person weird: [[Int]] }
    union Any = Person | Pet
    type Query {
      person(id: Int!): Person sure: Person! any(colour: Colour): [Any] echo(text: String, filter: Filter, list: [Int!]): String
      number: Int named: [Named!] nothing: Person list: [Int!] late: [Person!]!
    }`,
  resolvers: {
    DateTime: createScalars().DateTime,
    Named: { __resolveType: (value: { legs?: number }) => (value.legs === undefined ? 'Person' : 'Pet') },
    Any: { __resolveType: (value: { legs?: number }) => (value.legs === undefined ? 'Person' : 'Pet') },
    Person: {
      friends: (_person: unknown, { first }: { first: number | null }) => [person(1), pet(), person(2)].slice(0, Math.max(0, first ?? 0)),
      maybe: () => Promise.resolve([person(1), null, person(3)]),
      broken: () => {
        throw new Error('broken');
      },
      brokenHard: () => Promise.reject(new Error('broken hard')),
      deep: (of: { age: number }) => (of.age > 3 ? null : person(of.age + 1)),
    },
    Query: {
      person: (_root: unknown, { id }: { id: number }) => (id < 0 ? null : Promise.resolve(person(id))),
      sure: () => person(1), any: () => Promise.resolve([person(2), pet(), null]), named: () => [pet(), person(1)],
      echo: (_root: unknown, args: object) => JSON.stringify(sorted(args)), number: () => 2 ** 40, nothing: () => undefined,
      list: () => [1, 2, null], late: () => Promise.all([person(4), person(5)].map((one) => Promise.resolve(one))),
    },
  },
});

/** Arguments come in any order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, of]) => [key, sorted(of)]));
}

function person(age: number): object {
  return { name: `Person ${age}`, colour: 'RED', age, bornAt: new Date(Date.UTC(2000, 0, age)), wrongEnum: 'BLUE' };
}

function pet(): object {
  return { name: 'Mèo', colour: null, legs: 4.5, owner: person(2), weird: [[1, null], null, []] };
}

const callOf = (document: string, variables: QueryCall['variables'] = {}, client = 'portal'): QueryCall => {
  const parsed = parse(document);
  return { client, source: document, document: parsed, operation: parsed.definitions[0] as OperationDefinitionNode, operationName: null, variables, context: {} };
};

const resultOf = (result: unknown): unknown => JSON.parse(JSON.stringify(result));

/** Often enough that it is compiled where it can be. */
const runOften = async (queries: CompiledQueries, call: QueryCall): Promise<unknown> => {
  for (let run = 0; run < 3; run += 1) await queries.run(call);
  return resultOf(await queries.run(call));
};

describe('compiled queries', () => {
  it('give the same answer as graphql-js for any valid query', async () => {
    const seen = { errors: 0, data: 0, compiled: 0 };
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(10_000), { minLength: 5, maxLength: 60 }), async (numbers) => {
      const { document, variables } = new QueryWriter(schema, numbers).write();
      fc.pre(validate(schema, parse(document)).length === 0);
      const queries = new CompiledQueries(schema);
      const call = callOf(document, variables);
      const expected = resultOf(await execute({ schema, document: call.document, rootValue: {}, contextValue: {}, variableValues: variables })) as { errors?: unknown; data?: unknown };
      expect(await runOften(queries, call)).toEqual(expected);
      seen.compiled += queries.size;
      seen[expected.errors === undefined ? 'data' : 'errors'] += 1;
    }), { numRuns: 1_500 });
    // The property would hold for an executor that never compiles, and for queries that all fail.
    expect(Math.min(seen.errors, seen.data, seen.compiled)).toBeGreaterThan(100);
  }, 60_000);

  it('compiles what comes again, and only queries without directives', async () => {
    const queries = new CompiledQueries(schema);
    await queries.run(callOf('{ number2: list }'));
    expect(queries.size).toBe(0);
    await runOften(queries, callOf('{ sure { name } }'));
    expect(queries.size).toBe(1);
    await runOften(queries, callOf('query($v: Boolean!) { sure { name @skip(if: $v) } }', { v: true }));
    await runOften(queries, callOf('{ __schema { queryType { name } } }'));
    expect(queries.size).toBe(1);
  });

  it('keeps a bounded number, and lets one client push out its own only', async () => {
    const queries = new CompiledQueries(schema);
    await runOften(queries, callOf('{ sure { name } }', {}, 'portal'));
    for (let index = 0; index < 100; index += 1) await runOften(queries, callOf(`{ a${index}: list }`.replace('list', 'sure { age }'), {}, 'hostile'));
    expect(queries.size).toBe(65);
    const before = queries.size;
    await queries.run(callOf('{ sure { name } }', {}, 'portal'));
    expect(queries.size).toBe(before);
  });

  it('says as graphql-js does when there is no such operation', async () => {
    const call = { ...callOf('query A { number } query B { number }'), operation: null, operationName: 'C' };
    expect(JSON.stringify(await runOften(new CompiledQueries(schema), call))).toContain('Unknown operation named');
  });
});
