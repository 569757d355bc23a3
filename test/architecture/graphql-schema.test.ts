import { describe, expect, it } from '@jest/globals';
import { Kind, parse, print } from 'graphql';
import type { FieldDefinitionNode } from 'graphql';
import { filesBelow, readText } from './source-tree.js';

/** Fields of the root types, wherever they are declared or extended. */
function rootFields(sdl: readonly string[], root: 'Query' | 'Mutation'): FieldDefinitionNode[] {
  return sdl.flatMap((text) => parse(text).definitions).flatMap((definition) =>
    (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION) && definition.name.value === root ? definition.fields ?? [] : []);
}

/** Mutations that can be sent without a client's own key. */
const keyless = (mutations: readonly FieldDefinitionNode[]): string[] =>
  mutations.filter((field) => !field.arguments?.some((argument) => argument.name.value === 'idempotencyKey' && print(argument.type) === 'IdempotencyKey!')).map((field) => field.name.value);

/** Root fields whose description does not say who may use them. */
const roleless = (fields: readonly FieldDefinitionNode[]): string[] =>
  fields.filter((field) => !/\b(Roles?: |any role|every role|caller itself)/i.test(field.description?.value ?? '')).map((field) => field.name.value);

describe('the GraphQL schema', () => {
  const sdl = filesBelow('schemas/graphql').filter((path) => path.endsWith('.graphql')).map(readText);
  const mutations = rootFields(sdl, 'Mutation');

  it('lets no mutation be sent without an idempotency key', () => {
    expect(mutations.length).toBeGreaterThan(5);
    expect(keyless(mutations)).toEqual([]);
  });

  it('says of every root field who may use it', () => {
    expect(roleless([...rootFields(sdl, 'Query'), ...mutations])).toEqual([]);
  });

  it('offers no subscription: events are a feed with a cursor', () => {
    expect(sdl.filter((text) => /\btype Subscription\b/.test(text))).toEqual([]);
  });

  it('would show a mutation without a key, with an optional key, or without roles', () => {
    const offending = rootFields(['extend type Mutation { a: Int b(idempotencyKey: IdempotencyKey): Int "Roles: portal." c(idempotencyKey: IdempotencyKey!): Int }'], 'Mutation');
    expect(keyless(offending)).toEqual(['a', 'b']);
    expect(roleless(offending)).toEqual(['a', 'b']);
  });
});
