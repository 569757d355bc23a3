import { describe, expect, it } from '@jest/globals';
import { findRefused, isAllowed } from '../supply-chain/licences.js';
import { readText } from './source-tree.js';

const allowed = new Set(['MIT', 'ISC', 'Zlib']);

describe('licences of packages', () => {
  it('are each on the list for a stated reason', () => {
    const reasons = Object.values(JSON.parse(readText('test/supply-chain/allowed-licences.json')) as Record<string, string>);
    expect(reasons.length).toBeGreaterThan(5);
    expect(reasons.filter((reason) => reason.length < 10)).toEqual([]);
  });

  it('are allowed by one side of OR and both sides of AND', () => {
    expect(['MIT', '(MIT OR GPL-3.0)', 'MIT AND Zlib', '(GPL-2.0 OR (MIT AND ISC))', 'MIT AND GPL-3.0', 'GPL-3.0', 'UNLICENSED'].map((text) => isAllowed(text, allowed))).toEqual([true, true, true, false, false, false, false]);
  });

  it('that are not allowed, or not stated, are named', () => {
    const packages = { '': { version: '1' }, 'node_modules/a': { version: '1.0.0', license: 'MIT' }, 'node_modules/a/node_modules/b': { version: '2.0.0', license: 'AGPL-3.0' }, 'node_modules/no-such-package': { version: '3.0.0' } };
    expect(findRefused(packages, allowed)).toEqual(['b@2.0.0: AGPL-3.0', 'no-such-package@3.0.0: no licence stated']);
  });
});
