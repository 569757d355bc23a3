/** In a sampled run without a change: tells which changes' code a test file runs (test/mutation/sample.js). */
import { writeFileSync } from 'node:fs';
import { afterAll } from '@jest/globals';

afterAll(() => {
  const { MUTATION_COVERAGE: told } = process.env;
  if (told !== undefined) writeFileSync(told, JSON.stringify(Object.keys(globalThis.__stryker__?.mutantCoverage?.static ?? {})));
});
