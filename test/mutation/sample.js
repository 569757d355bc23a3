/**
 * Mutation testing of the services by a random sample: npm run mutation -- services [text in the path of files and tests] [--sample 60] [--seed 1] [--files 12]
 * [--workers 2] [--of text in the path of files] [--by text in the path of tests, of several by commas] (docs/testing/mutation.md).
 */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commonTokens } from '@stryker-mutator/api/plugin';
import { createInstrumenter } from '@stryker-mutator/instrumenter';
import { createInjector } from 'typed-inject';
import { stopTestServer } from '../support/jest-global-teardown.js';
import { bundle } from './bundles.js';
import { Judge } from './sample-judge.js';
import { SampleWorker } from './sample-worker-process.js';
import { marginOf, sampleOf, sampledFiles, sampledTests } from './sampled-area.js';
import { printScores, printSurvivors } from './scores.js';
import { statementNames } from './statement-names.js';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, '.tmp', 'mutation', 'services');
/** One PostgreSQL for all runs: no change of ours can hurt it. A socket's path must be short. */
const SERVER = join(ROOT, '.tmp', 'mutation', 'pg');
const COPIED = ['src', 'adapters', 'queues', 'schemas', 'docs', 'test', 'package.json', 'tsconfig.json'];
const FILE_LIMIT_MS = 240_000;
/** A test file runs without a change now and then: what failed there would have been noticed wrongly. */
const CONTROL_EVERY = 20;

const silent = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, () => undefined]));

/** A copy of the code with all changes in it, each switched off. @returns the changes */
const prepare = async (names, tests) => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const name of COPIED) cpSync(join(ROOT, name), join(FOLDER, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(FOLDER, 'node_modules'));
  const instrumenter = createInjector().provideValue(commonTokens.logger, { ...silent, isDebugEnabled: () => false, isTraceEnabled: () => false }).injectFunction(createInstrumenter);
  const sources = names.map((name) => ({ name, mutate: true, content: readFileSync(join(ROOT, name), 'utf8') }));
  const { files, mutants } = await instrumenter.instrument(sources, { ignorers: [statementNames], excludedMutations: [], plugins: null });
  for (const { name, content } of files) writeFileSync(join(FOLDER, name), `// @ts-nocheck\n${content}`);
  await bundle(FOLDER, tests);
  return { sources, mutants: mutants.filter(({ status }) => status !== 'Ignored') };
};

/** Each of the items is taken by the next worker that is free. */
const share = async (items, workers, work) => {
  const left = items.values();
  await Promise.all(workers.map(async (worker) => { for (const item of left) await work(item, worker); }));
};

/** @returns the test files that pass without a change, each with the changes whose code it loads and runs */
const coverage = async (tests, workers) => {
  const measured = [];
  await share(tests, workers, async (file, worker) => {
    const { failure, tookMs, loaded, run } = await worker.run({ file, change: null }, FILE_LIMIT_MS);
    if (failure !== null) {
      console.log(`left out: ${file} fails without any change: ${failure.id}: ${failure.failure}`);
      return;
    }
    console.log(`${(tookMs / 1_000).toFixed(1).padStart(6)} s  ${file} runs the code of ${String(run.length)} changes`);
    measured.push({ file, tookMs, loaded: new Set(loaded), run: new Set(run) });
  });
  return measured.sort((one, other) => one.tookMs - other.tookMs);
};

const judgeAll = async (sample, judge, workers) => {
  const judged = [];
  await share(sample, workers, async (mutant, worker) => {
    const { status, by = '' } = await judge.verdictOf(mutant, worker);
    judged.push({ ...reported(mutant), status });
    console.log(`${String(judged.length).padStart(5)}  ${status.padEnd(10)}  ${mutant.fileName}:${String(mutant.location.start.line + 1)}  ${by}`);
    if (judged.length % CONTROL_EVERY === 0) await judge.control(worker);
  });
  return judged;
};

/** Stryker counts lines from nought here, and from one in its reports. */
const reported = ({ location: { start, end }, ...mutant }) =>
  ({ ...mutant, location: { start: { line: start.line + 1, column: start.column + 1 }, end: { line: end.line + 1, column: end.column + 1 } } });

const text = (value) => ({ type: 'string', default: value });
const OPTIONS = { sample: text('60'), seed: text('1'), files: text('12'), workers: text('2'), of: text(''), by: text('') };

export const runSample = async (words) => {
  const { values, positionals: [only = ''] } = parseArgs({ args: words, allowPositionals: true, options: OPTIONS });
  const wanted = { files: sampledFiles(ROOT, only).filter((name) => name.includes(values.of)), tests: sampledTests(ROOT, only).filter((name) => values.by.split(',').some((text) => name.includes(text))) };
  const { sources, mutants } = await prepare(wanted.files, wanted.tests);
  rmSync(SERVER, { recursive: true, force: true });
  mkdirSync(SERVER, { recursive: true });
  const workers = Array.from({ length: Number(values.workers) }, () => new SampleWorker({ folder: FOLDER, env: { ONESTOP_TEST_RUN: SERVER } }));
  try {
    const tests = await coverage(wanted.tests, workers);
    const idsOf = new Map(sources.map(({ name }) => [name, mutants.filter(({ fileName }) => fileName === name).map(({ id }) => id)]));
    const judge = new Judge({ tests, idsOf, most: Number(values.files) });
    const judged = await judgeAll(sampleOf(mutants, { count: Number(values.sample), seed: Number(values.seed) }), judge, workers);
    const files = sources.map(({ name, content }) => ({ name, source: content, mutants: judged.filter(({ fileName }) => fileName === name) })).filter((file) => file.mutants.length > 0);
    printSurvivors(files);
    const percent = printScores(files);
    const [low, high] = marginOf(Math.round((percent * judged.length) / 100), judged.length);
    console.log(`Of ${String(mutants.length)} changes ${String(judged.length)} were tried (seed ${values.seed}); the share of all lies between ${low.toFixed(1)} and ${high.toFixed(1)} % (95 %).`);
    console.log(`Test files that ran without a change between them: ${String(judge.controls.done)}, of which failed: ${String(judge.controls.failed)}.`);
    return percent;
  } finally {
    for (const worker of workers) worker.stop();
    await stopTestServer(SERVER);
  }
};
