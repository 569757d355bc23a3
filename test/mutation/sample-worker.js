/** Child of sample.js: runs one test file at a time, with or without a change, in the folder where it was started. */
import { loadTests } from './bundles.js';
import { runTests, watchStrayFailures } from './test-file.js';

const LOADED = 'load';
const RUN = 'run';

/** Without a change the code tells what runs when it is loaded, and what runs when tests run. */
const runFile = async ({ file, change }) => {
  const coverage = { static: {}, perTest: {} };
  // The code keeps the object that it finds when it is loaded.
  globalThis.__stryker__ = { activeMutant: change ?? 'none', mutantCoverage: change === null ? coverage : { static: {}, perTest: {} }, currentTestId: LOADED };
  const startedAt = performance.now();
  const tests = await loadTests(process.cwd(), file);
  globalThis.__stryker__.currentTestId = RUN;
  const results = await runTests(tests);
  const told = change === null ? { loaded: Object.keys(coverage.perTest[LOADED] ?? {}), run: Object.keys(coverage.perTest[RUN] ?? {}) } : {};
  return { failure: results.find(({ failure }) => failure !== null) ?? null, tookMs: performance.now() - startedAt, ...told };
};

watchStrayFailures();
process.on('message', async (order) => {
  try {
    process.send(await runFile(order));
  } catch (error) {
    process.send({ failure: { id: 'loading', failure: String(error?.stack ?? error) }, tookMs: 0, loaded: [], run: [] });
  }
});
