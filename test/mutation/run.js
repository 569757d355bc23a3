/**
 * Mutation testing of one area: npm run mutation -- <area> [text in the path of a file], or by a sample (sample.js). Prints the changes that no test noticed,
 * and the score of each file and of the area. Fails below 85 %.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AREAS } from './areas.js';
import { runSample } from './sample.js';
import { SAMPLED_AREA } from './sampled-area.js';
import { printScores, printSurvivors } from './scores.js';

const ROOT = join(import.meta.dirname, '..', '..');
const LEAST_PERCENT = 85;

const [area = '', ...words] = process.argv.slice(2);
if (area === SAMPLED_AREA) process.exit(await runSample(words) >= LEAST_PERCENT ? 0 : 1);
const [only = ''] = words;
if (AREAS[area] === undefined) {
  console.error(`Name an area: npm run mutation -- ${[...Object.keys(AREAS), SAMPLED_AREA].join('|')}`);
  process.exit(2);
}

/** @returns the changes of this part by file. Ends everything where Stryker did not come to its end: half a measurement is none */
const measured = (index, files) => {
  const report = join(ROOT, '.tmp', 'mutation', `${area}.${index}.json`);
  rmSync(report, { force: true });
  const { status } = spawnSync(process.execPath, ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', '--mutate', files.join(',')], {
    cwd: ROOT, stdio: 'inherit', env: { ...process.env, MUTATION_PART: `${area}.${index}` },
  });
  if (status !== 0) process.exit(2);
  return Object.entries(JSON.parse(readFileSync(report, 'utf8')).files).filter(([name]) => files.includes(name)).map(([name, { mutants, source }]) => ({ name, source, mutants }));
};

const files = AREAS[area].flatMap(({ mutate }, index) => {
  const wanted = mutate.filter((name) => name.includes(only));
  return wanted.length === 0 ? [] : measured(index, wanted);
});
printSurvivors(files);
process.exitCode = printScores(files) >= LEAST_PERCENT ? 0 : 1;
