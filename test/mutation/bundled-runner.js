/**
 * A test runner for Stryker that bundles each test file with the code under test once, and loads the bundle anew for each change: some
 * milliseconds, where Jest takes a second to load the same modules and keeps them in memory for good.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { PluginKind, declareClassPlugin } from '@stryker-mutator/api/plugin';
import { DryRunStatus, TestStatus, determineHitLimitReached, toMutantRunResult } from '@stryker-mutator/api/test-runner';
import { build } from 'esbuild';
import { partOf } from './areas.js';
import { collect } from './collected-tests.js';

const BUNDLES = '.mutation-bundles';

/** Where a file lies is another place in a bundle, so that its own words for it are written out. */
const ownPlace = {
  name: 'own-place',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^@jest\/globals$/ }, () => ({ path: pathToFileURL(join(import.meta.dirname, 'collected-tests.js')).href, external: true }));
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replaceAll('import.meta.dirname', JSON.stringify(dirname(path))).replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};

/** What Stryker's changed code looks at. */
const changes = () => (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});

const failureOf = async (run) => {
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const inTurn = async (runs) => { for (const run of runs) await run(); };

class BundledRunner {
  #files = [];
  #loads = 0;
  #stray = null;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    this.#files = partOf(process.env.MUTATION_PART).tests;
    await build({
      absWorkingDir: process.cwd(), entryPoints: this.#files, outdir: BUNDLES, outbase: '.', outExtension: { '.js': '.mjs' }, bundle: true, format: 'esm', platform: 'node', target: 'node20',
      packages: 'external', plugins: [ownPlace], logLevel: 'error',
    });
    process.on('unhandledRejection', (error) => { this.#stray = error; });
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
    const results = [];
    try {
      for (const file of this.#files) {
        const bundle = pathToFileURL(join(process.cwd(), BUNDLES, file.replace(/\.ts$/, '.mjs'))).href;
        const tests = await collect(file, () => import(`${bundle}?load=${this.#loads += 1}`));
        await this.#runFile({ file, tests: tests.filter(({ id }) => wanted === null || wanted.has(id)), results });
        if (results.at(-1)?.status === TestStatus.Failed) break;
      }
    } catch (error) {
      return { status: DryRunStatus.Error, errorMessage: String(error?.stack ?? error) };
    }
    return { status: DryRunStatus.Complete, tests: results };
  }

  async #runFile({ file, tests, results }) {
    const begun = [];
    for (const { id, run, suites } of tests) {
      changes().currentTestId = undefined;
      const fresh = suites.filter((suite) => !begun.includes(suite));
      begun.push(...fresh);
      const startedAt = performance.now();
      const failureMessage = await failureOf(async () => {
        await inTurn(fresh.flatMap(({ beforeAll }) => beforeAll));
        changes().currentTestId = id;
        await inTurn(suites.flatMap(({ beforeEach }) => beforeEach));
        try {
          await run();
        } finally {
          await inTurn(suites.toReversed().flatMap(({ afterEach }) => afterEach));
        }
        if (this.#stray !== null) throw this.#stray;
      });
      this.#stray = null;
      changes().currentTestId = undefined;
      results.push({ id, name: id, fileName: file, timeSpentMs: performance.now() - startedAt, ...(failureMessage === null ? { status: TestStatus.Success } : { status: TestStatus.Failed, failureMessage }) });
      if (failureMessage !== null) break;
    }
    await inTurn(begun.toReversed().flatMap(({ afterAll }) => afterAll));
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'bundled', BundledRunner)];
