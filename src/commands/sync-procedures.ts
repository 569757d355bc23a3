import cliProgress from 'cli-progress';
import { createLogger } from '../observability/logger.js';
import type { ProcedureSync } from '../procedures/sync.js';
import { dataDirOf, hasDatabaseUrl, processEnv } from '../config.js';
import { completeConfig, databaseFor } from './maintenance.js';
import type { Composition } from './composition.js';
import { withLifecycle } from './lifecycle.js';
import { readRunning } from './running-file.js';

const BAR = '{bar} {value}/{total} records, {changed} changed, {failed} failed {reason}';

/** A bar on a terminal, nothing elsewhere; the last line says how it ended either way. */
const createBar = (): { readonly show: (sync: ProcedureSync) => void; readonly stop: () => void } => {
  const bar = new cliProgress.SingleBar({ format: BAR, clearOnComplete: true, hideCursor: true, noTTYOutput: false });
  let isStarted = false;
  return {
    show: ({ listed, total, read, unchanged, failed, changed, reason }) => {
      const payload = { changed, failed, reason: reason === null ? '' : `(${reason})` };
      const all = Math.max(total ?? 0, listed);
      if (!isStarted) bar.start(all, 0, payload);
      isStarted = true;
      bar.setTotal(all);
      bar.update(Math.min(all, read + unchanged + failed), payload);
    },
    stop: () => bar.stop(),
  };
};

/** `sync-procedures`: runs through the national catalogue, or joins the run under way; true when the list was read to its end. */
export const syncProcedures = async (composition: Composition, isFull: boolean): Promise<boolean> => {
  let ended: ProcedureSync | null = null;
  await withLifecycle(async (lifecycle) => {
    const env = processEnv();
    // A gateway that `npm start` runs has a worker of its own, and the sandbox that it talks to.
    const isOwnWorker = hasDatabaseUrl(env) || readRunning(dataDirOf(env)) === null;
    const databaseUrl = await databaseFor(lifecycle);
    // The embedded database may be new, as with `npm start`.
    if (!hasDatabaseUrl(env)) await composition.migrate(databaseUrl);
    // On real servers only the configured party counts: a sandbox's inventions have no place in their catalogue.
    const config = await completeConfig(lifecycle, composition, { databaseUrl, withSandboxes: !hasDatabaseUrl(env) });
    const bar = createBar();
    try {
      ended = await composition.syncProcedures(config, createLogger('warn'), { kind: isFull ? 'full' : 'incremental', isOwnWorker, onProgress: bar.show });
    } finally {
      bar.stop();
    }
    const { id, state, listed, read, unchanged, changed, failed, withdrawn, reason } = ended;
    console.log(`Sync ${id} ${state}: ${String(listed)} listed, ${String(read)} read, ${String(unchanged)} unchanged, ${String(changed)} changed, ${String(failed)} failed, ${String(withdrawn)} withdrawn${reason === null ? '' : ` (${reason})`}`);
  });
  return (ended as ProcedureSync | null)?.state === 'complete';
};
