/** Stops the PostgreSQL that tests of this run shared, and removes its folder. */
import { existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const stillRuns = (pid, data) => {
  try {
    return process.platform === 'linux' ? readlinkSync(`/proc/${pid}/cwd`) === data : process.kill(pid, 0);
  } catch {
    return false;
  }
};

export const stopTestServer = async (folder) => {
  const data = join(folder, 'postgres', 'postgres');
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  // Its data are thrown away: SIGQUIT ends it at once.
  if (stillRuns(pid, data)) process.kill(pid, 'SIGQUIT');
  for (const deadline = Date.now() + 10_000; stillRuns(pid, data) && Date.now() < deadline; ) await pause(20);
};

export default async function tearDown() {
  const folder = process.env.ONESTOP_TEST_RUN;
  if (folder === undefined) return;
  await stopTestServer(folder);
  rmSync(folder, { recursive: true, force: true });
}
