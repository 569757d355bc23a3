import { createLogger } from '../observability/logger.js';
import { dataDirOf, hasDatabaseUrl, processEnv } from '../config.js';
import type { Composition, ReconcileOutcome } from './composition.js';
import { readGivenFile } from './given-file.js';
import { withLifecycle } from './lifecycle.js';
import { completeConfig, databaseFor } from './maintenance.js';
import { readRunning } from './running-file.js';

export interface ReconcileOptions {
  readonly gateway: string;
  readonly day: string;
  readonly file: string | null;
  readonly replacesEarlier: boolean;
}

const print = (outcome: ReconcileOutcome): void => {
  if (outcome.kind === 'refused') {
    for (const { field, message, allowed } of outcome.problems) console.log(`${field}: ${message.en} / ${message.vi}${allowed === undefined ? '' : ` (${allowed.join(', ')})`}`);
    return;
  }
  const { run, differences, open } = outcome;
  if (run.failure !== null) {
    console.log(`Run ${run.id} of ${run.gateway}, ${run.day}, could not be made (${run.failure}).`);
    return;
  }
  console.log(`Run ${run.id} of ${run.gateway}, ${run.day}: ours ${String(run.oursCount)} payments, ${String(run.oursVnd)} VND; theirs ${String(run.theirsCount)}, ${String(run.theirsVnd)} VND; `
    + `${String(run.matched)} agree, ${String(differences)} differ, ${String(open)} of them wait for a person.`);
};

/** `reconcile`: true when the run came to its end and nothing waits for a person. */
export const reconcile = async (composition: Composition, { gateway, day, file, replacesEarlier }: ReconcileOptions): Promise<boolean> => {
  let isSettled = false;
  await withLifecycle(async (lifecycle) => {
    const env = processEnv();
    // The gateway that `npm start` runs knows the sandboxes that took the money; this process would ask others.
    const isOwnWorker = hasDatabaseUrl(env) || readRunning(dataDirOf(env)) === null;
    const databaseUrl = await databaseFor(lifecycle);
    if (!hasDatabaseUrl(env)) await composition.migrate(databaseUrl);
    const config = await completeConfig(lifecycle, composition, { databaseUrl, withSandboxes: !hasDatabaseUrl(env) });
    const outcome = await composition.reconcile(config, createLogger('warn'), { gateway, day, statement: file === null ? null : readGivenFile(file), replacesEarlier, isOwnWorker });
    print(outcome);
    isSettled = outcome.kind === 'done' && outcome.run.failure === null && outcome.open === 0;
  });
  return isSettled;
};
