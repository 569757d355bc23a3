/** Mutation testing of one area: npm run mutation -- <area>. The areas are in stryker.config.js. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const [area = '', ...words] = process.argv.slice(2);
const { status } = spawnSync(process.execPath, ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', ...words], {
  cwd: ROOT, stdio: 'inherit', env: { ...process.env, MUTATION_AREA: area },
});
process.exitCode = status ?? 1;
