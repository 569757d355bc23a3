import { describe, expect, it } from '@jest/globals';
import { buildASTSchema, getNamedType, getNullableType, isLeafType, isListType, isNonNullType, isObjectType, parse, type GraphQLField, type GraphQLObjectType, type OperationDefinitionNode } from 'graphql';
import { MAX_COST, createCostLimit } from '../../../src/graphql/document-cost.js';
import { readTypeDefinitions } from '../../../src/graphql/schema.js';

const schema = buildASTSchema(parse(readTypeDefinitions().join('\n')));
const costLimit = createCostLimit(schema);
const costOf = (text: string, variables: Record<string, unknown> = {}): number => {
  const document = parse(text);
  return costLimit(document, document.definitions[0] as OperationDefinitionNode, variables);
};

/** Every field of its own that a type has: leaves, and objects that are no lists. */
const ownFields = (type: GraphQLObjectType, depth: number): string =>
  `{ ${Object.values(type.getFields()).flatMap((field) => {
    const below = getNamedType(field.type);
    if (isLeafType(below)) return [field.name];
    return depth > 0 && isObjectType(below) && !isListType(getNullableType(field.type)) && field.args.length === 0 ? [`${field.name} ${ownFields(below, depth - 1)}`] : [];
  }).join(' ')} }`;

const pagedFields = (): GraphQLField<unknown, unknown>[] => Object.values(schema.getQueryType()!.getFields()).filter(({ args }) => args.some(({ name }) => name === 'first'));

/** The largest page that a field offers, with every field of its entries. */
const fullPage = (field: GraphQLField<unknown, unknown>): string => {
  const largest = /1 to (\d+)/.exec(field.args.find(({ name }) => name === 'first')?.description ?? '')?.[1];
  expect(largest).toBeDefined();
  const connection = getNamedType(field.type) as GraphQLObjectType;
  const entry = getNamedType(connection.getFields()['nodes']!.type) as GraphQLObjectType;
  const needed = field.args.filter((argument) => isNonNullType(argument.type) && argument.defaultValue === undefined).map(({ name }) => `, ${name}: "x"`).join('');
  return `{ ${field.name}(first: ${largest}${needed}) { nodes ${ownFields(entry, 4)} pageInfo { endCursor hasNextPage } } }`;
};

describe('the cost of a document', () => {
  it('lets every page that the schema offers pass with all fields of its entries', () => {
    expect(pagedFields().length).toBeGreaterThan(2);
    expect(pagedFields().map((field) => [field.name, costOf(fullPage(field))] as const).filter(([, cost]) => cost > MAX_COST)).toEqual([]);
  });

  it('counts a page by its size, given or by default, and other lists as ten', () => {
    expect(costOf('{ events(first: 100) { nodes { cursor } } }')).toBe(1 + 100 * 2);
    expect(costOf('{ events { nodes { cursor } } }')).toBe(1 + 100 * 2);
    expect(costOf('query($n: Int!) { events(first: $n) { nodes { cursor } } }', { n: 7 })).toBe(1 + 7 * 2);
    expect(costOf('query($n: Int = 9) { events(first: $n) { nodes { cursor } } }')).toBe(1 + 9 * 2);
    expect(costOf('{ parties { name circuits { reason } } }')).toBe(1 + 10 * (1 + 1 + 10));
  });

  it('asks the variables of each call, even for the same document', () => {
    const document = parse('query($n: Int!) { events(first: $n) { nodes { cursor } } }');
    const operation = document.definitions[0] as OperationDefinitionNode;
    expect([1, 500].map((n) => costLimit(document, operation, { n }))).toEqual([3, 1_001]);
  });

  it.each([
    ['a page size below one', '{ events(first: -1000) { nodes { cursor } } a: events(first: 500) { nodes { cursor } } }'],
    ['a page size of the wrong type', 'query($n: Int!) { events(first: $n) { nodes { cursor } } a: events(first: 500) { nodes { cursor } } }'],
  ])('is not lowered by %s', (_name, text) => {
    expect(costOf(text, { n: 'x' })).toBeGreaterThan(1_000);
  });

  it('finds fragments that double each other too dear, at once', () => {
    const text = `{ ...F0 } ${Array.from({ length: 26 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`).join(' ')} fragment F26 on Query { caller { client } }`;
    expect(costOf(text)).toBeGreaterThan(2 ** 26);
  });

  it('finds a fragment that contains itself beyond every limit', () => {
    expect(costOf('{ ...A } fragment A on Query { caller { client } ...A }')).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ['a large page many times', `{ ${Array.from({ length: 15 }, (_, index) => `a${index}: deliveries(first: 200) { nodes { id attempts { exchanges { request reply } } } }`).join(' ')} }`],
    ['a page that does not exist', '{ events(first: 1000000) { nodes { cursor } } }'],
    ['every journal of a large page', '{ deliveries(first: 200) { nodes { attempts { number exchanges { request reply } } } } }'],
  ])('refuses %s', (_name, text) => {
    expect(costOf(text)).toBeGreaterThan(MAX_COST);
  });
});
