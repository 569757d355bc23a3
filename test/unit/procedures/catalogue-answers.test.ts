import { describe, expect, it } from '@jest/globals';
import { Kind, parse } from 'graphql';
import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { CatalogueAnswers } from '../../../src/procedures/catalogue-answers.js';
import { asksForRecords } from '../../../src/procedures/catalogue-selection.js';
import { CatalogueVersion } from '../../../src/procedures/catalogue-version.js';
import { eventually } from '../../support/eventually.js';

interface Statement { readonly answer: (version: string) => void; readonly fail: () => void }

/** Statements that end when the test says so. */
const scripted = () => {
  const sent: Statement[] = [];
  const version = new CatalogueVersion(() => new Promise((fulfil, reject) => sent.push({ answer: fulfil, fail: () => reject(new Error('away')) })));
  return { sent, version };
};

describe('the version', () => {
  it('is asked once for all who came before the statement was sent, and again for who came after', async () => {
    const { sent, version } = scripted();
    const early = [version.current(), version.current()];
    await eventually('the first statement', () => sent.length === 1);
    const late = [version.current(), version.current()];
    sent[0]?.answer('one');
    expect(await Promise.all(early)).toEqual(['one', 'one']);
    await eventually('the second statement', () => sent.length === 2);
    sent[1]?.answer('two');
    expect(await Promise.all(late)).toEqual(['two', 'two']);
    expect(sent).toHaveLength(2);
  });

  it('is asked again after a failure, which only those learn who waited for it', async () => {
    const { sent, version } = scripted();
    const failed = version.current();
    await eventually('the first statement', () => sent.length === 1);
    const next = version.current();
    sent[0]?.fail();
    await expect(failed).rejects.toThrow('away');
    await eventually('the second statement', () => sent.length === 2);
    sent[1]?.answer('one');
    expect(await next).toBe('one');
  });
});

describe('an answer', () => {
  const weigh = (): number => 1;

  it('is read once for all who ask at once, and again when the version has moved', async () => {
    let version = 'one';
    let reads = 0;
    const answers = new CatalogueAnswers(10, () => Promise.resolve(version));
    const ask = (): Promise<number> => answers.answer('q', { weigh, read: () => { reads += 1; return Promise.resolve(reads); } });
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    version = 'two';
    expect(await ask()).toBe(2);
  });

  it('that failed is not kept', async () => {
    const answers = new CatalogueAnswers(10, () => Promise.resolve('one'));
    await expect(answers.answer('q', { weigh, read: () => Promise.reject(new Error('away')) })).rejects.toThrow('away');
    expect(answers.weight).toBe(0);
    expect(await answers.answer('q', { weigh, read: () => Promise.resolve(7) })).toBe(7);
  });

  it('is dropped for newer ones when all would weigh too much; a too heavy one is not kept', async () => {
    const answers = new CatalogueAnswers(10, () => Promise.resolve('one'));
    const reads: string[] = [];
    const ask = (question: string, weight: number): Promise<string> => answers.answer(question, { weigh: () => weight, read: () => { reads.push(question); return Promise.resolve(question); } });
    for (const [question, weight] of [['a', 4], ['b', 4], ['a', 4], ['c', 4], ['a', 4], ['b', 4], ['heavy', 11], ['heavy', 11]] as const) expect(await ask(question, weight)).toBe(question);
    expect(reads).toEqual(['a', 'b', 'c', 'b', 'heavy', 'heavy']);
    expect(answers.weight).toBeLessThanOrEqual(10);
  });
});

describe('what is asked of a page', () => {
  const asks = (source: string): boolean => {
    const { definitions } = parse(source);
    const operation = definitions.find((definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION);
    const fragments = Object.fromEntries(definitions.filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION).map((definition) => [definition.name.value, definition]));
    return asksForRecords({ fieldNodes: (operation?.selectionSet.selections ?? []) as never, fragments });
  };

  it.each([
    ['{ procedures { nodes { code name } pageInfo { endCursor } } }', false],
    ['{ procedures { pageInfo { endCursor } } }', false],
    ['{ procedures { nodes { code kind } } }', true],
    ['{ procedures { all: nodes { title: description } } }', true],
    ['{ procedures { nodes { code } } procedures { nodes { kind } } }', true],
    ['{ procedures { ...page } } fragment page on X { nodes { ... on Y { ...node } } } fragment node on Y { code steps { name } }', true],
    ['{ procedures { ... { nodes { ...node } } } } fragment node on Y { code withdrawnAt latestChanges { kind } }', false],
    ['query ($all: Boolean!) { procedures { nodes { code kind @include(if: $all) } } }', true],
  ])('%s asks for records: %s', (source, expected) => {
    expect(asks(source)).toBe(expected);
  });
});
