/**
 * Runs test lanes one after the other: node test/support/run-lanes.js unit integration …
 * Writes .tmp/results/<lane>.json, prints one line a lane, and fails on a failed, empty, skipped or missing lane.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const RESULTS = join(ROOT, '.tmp', 'results');
// Contract tests mostly wait for deadlines, integration tests often for PostgreSQL and for what comes after a while. Fault tests load whole gateways: two at a time would share two cores with four servers.
const WORKERS = { contract: 4, integration: 3, faults: 1 };

const hasRedis = () => spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

const runLane = (lane) => {
  const output = join(RESULTS, `${lane}.json`);
  rmSync(output, { force: true });
  console.log(`\n== ${lane}`);
  const startedAt = Date.now();
  const { status } = spawnSync(process.execPath, [
    '--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js',
    '--json', '--outputFile', output, '--silent=false', `--maxWorkers=${String(WORKERS[lane] ?? 2)}`, '--testPathPatterns', `/test/${lane}/`,
  ], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  if (!existsSync(output)) return { lane, passed: 0, failed: 1, skipped: 0, status, seconds };
  const report = JSON.parse(readFileSync(output, 'utf8'));
  return {
    lane,
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
    status,
    seconds,
  };
};

const lanes = process.argv.slice(2);
if (lanes.length === 0) {
  console.error('Name the lanes to run, such as: unit integration');
  process.exit(2);
}
mkdirSync(RESULTS, { recursive: true });
if (!hasRedis()) console.log('redis-server is not on PATH: tests that need a real Redis are skipped, and this lane counts them as skipped.');

const results = lanes.map(runLane);
console.log('');
for (const { lane, passed, failed, skipped, seconds } of results) console.log(`${lane}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} in ${seconds} s`);
const empty = results.filter(({ passed, failed }) => passed + failed === 0).map(({ lane }) => lane);
if (empty.length > 0) console.error(`No test ran in: ${empty.join(', ')}`);
process.exit(empty.length > 0 || results.some(({ failed, status }) => failed > 0 || status !== 0) ? 1 : 0);
