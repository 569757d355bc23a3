/** Runs the tests of a bundled file. */
const failureOf = async (run) => {
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const inTurn = async (runs) => { for (const run of runs) await run(); };

/** What no test waited for. */
let stray = null;
export const watchStrayFailures = () => { process.on('unhandledRejection', (error) => { stray = error; }); };

/**
 * Ends at the first test that fails.
 * @param around what to do before a test (its id) and behind it (null)
 * @returns each test that ran, with what failed it or null
 */
export const runTests = async (tests, around = () => undefined) => {
  const begun = [];
  const results = [];
  for (const { id, run, suites } of tests) {
    const fresh = suites.filter((suite) => !begun.includes(suite));
    begun.push(...fresh);
    const startedAt = performance.now();
    const failure = await failureOf(async () => {
      await inTurn(fresh.flatMap(({ beforeAll }) => beforeAll));
      around(id);
      await inTurn(suites.flatMap(({ beforeEach }) => beforeEach));
      try {
        await run();
      } finally {
        await inTurn(suites.toReversed().flatMap(({ afterEach }) => afterEach));
      }
      if (stray !== null) throw stray;
    });
    stray = null;
    around(null);
    results.push({ id, failure, tookMs: performance.now() - startedAt });
    if (failure !== null) break;
  }
  const failure = await failureOf(() => inTurn(begun.toReversed().flatMap(({ afterAll }) => afterAll)));
  if (failure !== null && results.every((result) => result.failure === null)) results.push({ id: 'afterAll', failure, tookMs: 0 });
  return results;
};
