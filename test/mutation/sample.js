/** Mutation testing of the services by a random sample: npm run mutation -- services [text in the path of files and tests] [--sample 60] [--seed 1] [--files 4] (docs/testing/mutation.md). */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commonTokens } from '@stryker-mutator/api/plugin';
import { createInstrumenter } from '@stryker-mutator/instrumenter';
import { createInjector } from 'typed-inject';
import { stopTestServer } from '../support/jest-global-teardown.js';
import { marginOf, sampleOf, sampledFiles, sampledTests } from './sampled-area.js';
import { printScores, printSurvivors } from './scores.js';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, '.tmp', 'mutation', 'services');
/** One PostgreSQL for all runs: no change of ours can hurt it. A socket's path must be short. */
const SERVER = join(ROOT, '.tmp', 'mutation', 'pg');
const COPIED = ['src', 'adapters', 'queues', 'schemas', 'docs', 'test', 'package.json', 'jest.config.js', 'tsconfig.json'];
const CONFIG = `import base from './jest.config.js';
export default { ...base, globalSetup: undefined, globalTeardown: undefined, modulePathIgnorePatterns: [], maxWorkers: 1, setupFilesAfterEnv: ['<rootDir>/test/mutation/tell-coverage.js'] };
`;

const silent = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, () => undefined]));

/** A copy of the code with all changes in it, each switched off. @returns the changes */
const prepare = async (only) => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const name of COPIED) cpSync(join(ROOT, name), join(FOLDER, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(FOLDER, 'node_modules'));
  writeFileSync(join(FOLDER, 'jest.sample.config.js'), CONFIG);
  const instrumenter = createInjector().provideValue(commonTokens.logger, { ...silent, isDebugEnabled: () => false, isTraceEnabled: () => false }).injectFunction(createInstrumenter);
  const sources = sampledFiles(ROOT, only).map((name) => ({ name, mutate: true, content: readFileSync(join(ROOT, name), 'utf8') }));
  const { files, mutants } = await instrumenter.instrument(sources, { ignorers: [], excludedMutations: [], plugins: null });
  for (const { name, content } of files) writeFileSync(join(FOLDER, name), `// @ts-nocheck\n${content}`);
  return { sources, mutants };
};

/** Jest on one test file. @returns whether it passed, `null` where it did not end in time, what it said, and how long it took */
const runTest = (file, { env = {}, limitMs }) => new Promise((resolve) => {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js',
    '--config', 'jest.sample.config.js', '--bail', '--silent', '--runInBand', '--forceExit', '--runTestsByPath', file],
  { cwd: FOLDER, stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: { ...process.env, ONESTOP_TEST_RUN: SERVER, ...env } });
  let said = '';
  child.stderr.on('data', (text) => { said += text; });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    process.kill(-child.pid, 'SIGKILL');
  }, limitMs);
  child.on('exit', (code) => {
    clearTimeout(timer);
    resolve({ passed: isLate ? null : code === 0, said, tookMs: performance.now() - startedAt });
  });
});

/** @returns the test files that pass without a change, the quickest first, each with the changes whose code it runs */
const coverage = async (only) => {
  const told = join(FOLDER, 'coverage.jsonl');
  const measured = [];
  for (const file of sampledTests(ROOT, only)) {
    rmSync(told, { force: true });
    const { passed, said, tookMs } = await runTest(file, { env: { MUTATION_COVERAGE: told }, limitMs: 240_000 });
    if (passed !== true) {
      console.log(`left out: ${file} ${passed === null ? 'does not end in four minutes' : 'fails'} without any change\n${said}`);
      continue;
    }
    const ids = existsSync(told) ? JSON.parse(readFileSync(told, 'utf8')) : [];
    console.log(`${(tookMs / 1_000).toFixed(0).padStart(4)} s  ${file} runs the code of ${String(ids.length)} changes`);
    measured.push({ file, tookMs, ids: new Set(ids) });
  }
  return measured.sort((one, other) => one.tookMs - other.tookMs);
};

/** Tried on no more than `most` files, so what is missed may still be noticed by others: the score is a lower bound. */
const statusOf = async ({ id }, { tests, most }) => {
  const able = tests.filter(({ ids }) => ids.has(id)).slice(0, most);
  if (able.length === 0) return 'NoCoverage';
  for (const { file, tookMs } of able) {
    const { passed } = await runTest(file, { env: { __STRYKER_ACTIVE_MUTANT__: id }, limitMs: 5 * tookMs + 60_000 });
    if (passed === null) return 'Timeout';
    if (!passed) return 'Killed';
  }
  return 'Survived';
};

/** Stryker counts lines from nought here, and from one in its reports. */
const reported = ({ location: { start, end }, ...mutant }) =>
  ({ ...mutant, location: { start: { line: start.line + 1, column: start.column + 1 }, end: { line: end.line + 1, column: end.column + 1 } } });

export const runSample = async (words) => {
  const { values, positionals: [only = ''] } = parseArgs({ args: words, allowPositionals: true, options: { sample: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' }, files: { type: 'string', default: '4' } } });
  const of = { count: Number(values.sample), seed: Number(values.seed) };
  const { sources, mutants } = await prepare(only);
  rmSync(SERVER, { recursive: true, force: true });
  mkdirSync(SERVER, { recursive: true });
  try {
    const tests = await coverage(only);
    const judged = [];
    for (const mutant of sampleOf(mutants, of)) {
      const status = await statusOf(mutant, { tests, most: Number(values.files) });
      judged.push({ ...reported(mutant), status });
      console.log(`${String(judged.length).padStart(4)}  ${status.padEnd(10)}  ${mutant.fileName}:${String(mutant.location.start.line + 1)}`);
    }
    const files = sources.map(({ name, content }) => ({ name, source: content, mutants: judged.filter(({ fileName }) => fileName === name) })).filter((file) => file.mutants.length > 0);
    printSurvivors(files);
    const percent = printScores(files);
    const [low, high] = marginOf(Math.round((percent * judged.length) / 100), judged.length);
    console.log(`Of ${String(mutants.length)} changes ${String(judged.length)} were tried (seed ${values.seed}); the share of all lies between ${low.toFixed(1)} and ${high.toFixed(1)} % (95 %).`);
    return percent;
  } finally {
    await stopTestServer(SERVER);
  }
};
