import { describe, expect, it } from '@jest/globals';
import { assertObjectType, buildSchema as buildPlain, parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { dependingOn, versionOf } from '../../../src/graphql/answer-version.js';
import type { AnswerVersion } from '../../../src/graphql/answer-version.js';
import type { ReadyQuery } from '../../../src/graphql/compiled-queries.js';
import { KeptAnswers } from '../../../src/server/kept-answers.js';

const catalogue: AnswerVersion = () => Promise.resolve('one');
const other: AnswerVersion = () => Promise.resolve('other');

/** `kept` and `item.child` depend on the catalogue, `foreign` on other data with a version, `live` and `item.live` on anything. */
const schemaWith = (version: AnswerVersion | null): GraphQLSchema => {
  const schema = buildPlain('type Item { name: String child: Item live: String } type Query { kept: Item foreign: String live: String }');
  const mark = (type: string, field: string, by: AnswerVersion | null): void => {
    const found = assertObjectType(schema.getType(type)).getFields()[field];
    if (found === undefined) throw new Error(field);
    found.resolve = dependingOn(by, () => ({ name: 'x' }));
  };
  mark('Query', 'kept', version);
  mark('Query', 'foreign', other);
  mark('Query', 'live', null);
  mark('Item', 'child', version);
  mark('Item', 'live', null);
  return schema;
};
const ready = (source: string): ReadyQuery => ({ document: parse(source) }) as unknown as ReadyQuery;

describe('what an answer depends on', () => {
  it.each([
    ['{ kept { name } }', catalogue],
    ['{ a: kept { __typename child { name } } b: kept { ...f } } fragment f on Item { name child { child { name } } }', catalogue],
    ['{ kept { live } }', null],
    ['{ kept { child { ... on Item { x: live } } } }', null],
    ['{ kept { name } live }', null],
    ['{ kept { name } foreign }', null],
    ['{ foreign }', other],
    ['{ live }', null],
    ['{ __typename }', null],
  ])('%s', (source, expected) => {
    expect(versionOf(schemaWith(catalogue), parse(source))).toBe(expected);
  });

  it('is nothing where nothing is to be kept', () => {
    expect(versionOf(schemaWith(null), parse('{ kept { name } }'))).toBeNull();
  });
});

describe('answers', () => {
  const open = (maxBytes?: number) => {
    const state = { version: 'one', made: 0, away: false };
    const kept = new KeptAnswers(schemaWith(() => (state.away ? Promise.reject(new Error('away')) : Promise.resolve(state.version))), maxBytes);
    const make = () => { state.made += 1; return Promise.resolve(`"đ${String(state.made)}"`); };
    const query = ready('{ kept { name } }');
    const ask = async (key = 'k', of = query): Promise<string | null> => (await kept.answer({ ready: of, key: () => key }, make))?.toString() ?? null;
    return { state, kept, query, ask };
  };

  it('are made once for a version and key', async () => {
    const { state, ask } = open();
    expect([await ask(), await ask(), await ask('other'), await ask()]).toEqual(['"đ1"', '"đ1"', '"đ2"', '"đ1"']);
    state.version = 'two';
    expect([await ask(), await ask()]).toEqual(['"đ3"', '"đ3"']);
  });

  it('are made each time where they depend on anything else, or the version cannot be told', async () => {
    const { state, ask } = open();
    const live = ready('{ live }');
    expect([await ask('k', live), await ask('k', live)]).toEqual(['"đ1"', '"đ2"']);
    state.away = true;
    expect([await ask(), await ask()]).toEqual(['"đ3"', '"đ4"']);
  });

  it('are not kept where there is none', async () => {
    const { kept, query } = open();
    expect(await kept.answer({ ready: query, key: () => 'k' }, () => Promise.resolve(null))).toBeNull();
    // Nor is one whose question cannot be written down.
    expect(await kept.answer({ ready: query, key: () => null }, () => Promise.resolve('{}'))).toBe('{}');
    expect(kept.bytes).toBe(0);
  });

  it('take no more bytes than they may', async () => {
    const { kept, ask } = open(60);
    for (let turn = 0; turn < 50; turn += 1) {
      await ask(`key-${String(turn)}`);
      expect(kept.bytes).toBeLessThanOrEqual(60);
    }
    expect(kept.bytes).toBeGreaterThan(0);
  });
});
