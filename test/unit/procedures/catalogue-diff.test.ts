import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { diffRecords } from '../../../src/procedures/catalogue-diff.js';
import { changeOf } from '../../../src/procedures/catalogue-writer.js';
import { sampleProcedure } from '../../support/scripted-catalogue.js';

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, member]) => [key, shuffled(member)]));
};

describe('a diff', () => {
  it('names each place that changed, came or went', () => {
    expect(diffRecords({ a: 1, list: [{ x: 'p' }, { x: 'q' }], gone: true }, { a: 1, list: [{ x: 'p' }, { x: 'r' }, 3] }))
      .toEqual({ 'list[1].x': { from: 'q', to: 'r' }, 'list[2]': { from: null, to: 3 }, gone: { from: true, to: null } });
    expect(diffRecords({ a: [] }, { a: {} })).toEqual({ a: { from: [], to: {} } });
  });

  it('is empty for the same content in another order of keys, and only then', () => {
    fc.assert(fc.property(fc.object({ maxDepth: 3, values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }), fc.object({ maxDepth: 3, values: [fc.string(), fc.integer()] }), (left, right) => {
      expect(diffRecords(left, shuffled(left) as object)).toEqual({});
      if (Object.keys(diffRecords(left, right)).length === 0) expect(canonical(left)).toBe(canonical(right));
    }));
  });

  it('has a kind by what it means', () => {
    const content = sampleProcedure(1);
    expect(changeOf(undefined, content)?.kind).toBe('added');
    expect(changeOf({ content, withdrawn: false }, content)).toBeNull();
    expect(changeOf({ content, withdrawn: true }, content)).toEqual({ kind: 'returned', diff: {} });
    expect(changeOf({ content, withdrawn: false }, { ...content, isPublic: false })?.kind).toBe('unpublished');
    expect(changeOf({ content: { ...content, isPublic: false }, withdrawn: false }, content)?.kind).toBe('published');
    expect(changeOf({ content, withdrawn: false }, { ...content, kind: null })?.kind).toBe('changed');
  });
});

/** What is null and what is absent, or an empty branch, mean the same to a reader of a diff. */
const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).filter(([, member]) => member !== null && member !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => `${key}:${canonical(member)}`).join()}}`;
};
