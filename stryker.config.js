/** One part of an area of test/mutation/areas.js, named by test/mutation/run.js: npm run mutation -- <area> (docs/testing/mutation.md). */
import { partOf } from './test/mutation/areas.js';

const name = process.env.MUTATION_PART;

export default {
  packageManager: 'npm',
  plugins: [`${import.meta.dirname}/test/mutation/bundled-runner.js`],
  testRunner: 'bundled',
  coverageAnalysis: 'perTest',
  mutate: partOf(name).mutate,
  ignorePatterns: ['dist', '.tmp', '.data', 'bench-results', 'coverage', 'deploy'],
  concurrency: 1,
  // What was loaded for a change stays in memory.
  maxTestRunnerReuse: 200,
  tempDirName: `.tmp/mutation/work-${name}`,
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: `.tmp/mutation/${name}.json` },
  // run.js judges the whole area.
  thresholds: { high: 90, low: 85, break: null },
  warnings: { slow: false },
  timeoutMS: 20_000,
};
