/** A test runner for Stryker that loads a bundle of test and code anew for each change (bundles.js). */
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { PluginKind, declareClassPlugin } from '@stryker-mutator/api/plugin';
import { DryRunStatus, TestStatus, determineHitLimitReached, toMutantRunResult } from '@stryker-mutator/api/test-runner';
import { partOf } from './areas.js';
import { bundle, loadTests } from './bundles.js';
import { runTests, watchStrayFailures } from './test-file.js';

/** What Stryker's changed code looks at. */
const changes = () => (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});

class BundledRunner {
  #files = [];

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    this.#files = partOf(process.env.MUTATION_PART).tests;
    await bundle(process.cwd(), this.#files);
    watchStrayFailures();
  }

  async dryRun() {
    changes().mutantCoverage = { static: {}, perTest: {} };
    changes().activeMutant = undefined;
    const result = await this.#run(null);
    return { ...result, mutantCoverage: changes().mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, disableBail }) {
    Object.assign(changes(), { activeMutant: activeMutant.id, hitCount: hitLimit === undefined ? undefined : 0, hitLimit, mutantCoverage: undefined });
    const result = await this.#run(testFilter === undefined ? null : new Set(testFilter));
    return toMutantRunResult(determineHitLimitReached(changes().hitCount, hitLimit) ?? result, disableBail);
  }

  /** @param wanted ids of tests; null for all. A change is given up at the first test that fails */
  async #run(wanted) {
    const found = [];
    try {
      for (const file of this.#files) {
        const tests = await loadTests(process.cwd(), file);
        const results = await runTests(tests.filter(({ id }) => wanted === null || wanted.has(id)), (id) => { changes().currentTestId = id ?? undefined; });
        found.push(...results.map(({ id, failure, tookMs }) => ({ id, name: id, fileName: file, timeSpentMs: tookMs, ...(failure === null ? { status: TestStatus.Success } : { status: TestStatus.Failed, failureMessage: failure }) })));
        if (found.at(-1)?.status === TestStatus.Failed) break;
      }
    } catch (error) {
      return { status: DryRunStatus.Error, errorMessage: String(error?.stack ?? error) };
    }
    return { status: DryRunStatus.Complete, tests: found };
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'bundled', BundledRunner)];
