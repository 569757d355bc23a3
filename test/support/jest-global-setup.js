/** Gives this jest run a folder of its own under .tmp, with its code as JavaScript; the first test that needs PostgreSQL starts the server in it. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopTestServer } from './jest-global-teardown.js';
import { buildSharedRealm } from './shared-realm-build.js';

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export default async function setUp() {
  const runs = join(import.meta.dirname, '..', '..', '.tmp', 'runs');
  mkdirSync(runs, { recursive: true });
  for (const name of readdirSync(runs)) {
    if (isAlive(Number(name))) continue;
    await stopTestServer(join(runs, name));
    rmSync(join(runs, name), { recursive: true, force: true });
  }
  const folder = join(runs, String(process.pid));
  mkdirSync(folder, { recursive: true });
  await buildSharedRealm(join(folder, 'realm'));
  process.env.ONESTOP_TEST_RUN = folder;
}
