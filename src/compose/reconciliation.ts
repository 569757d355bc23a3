import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Caller } from '../access/caller.js';
import type { ReconcileOrder, ReconcileOutcome } from '../commands/composition.js';
import type { CoreConfig } from '../config.js';
import type { Metrics } from '../observability/metrics.js';
import { createReconciliationModule } from '../payments/reconciliation-module.js';
import type { ReconciliationModule, ReconciliationModuleDeps } from '../payments/reconciliation-module.js';

const COMMAND_LINE: Caller = { client: 'command-line', role: 'operator', agencyScope: null };
const LOOK_EVERY_MS = 250;

export const createReconciliation = ({ core, metrics, ...parts }: Pick<ReconciliationModuleDeps, 'database' | 'payments' | 'gateways' | 'readers' | 'agencies' | 'logger'> & { readonly core: CoreConfig; readonly metrics: Metrics }): ReconciliationModule => {
  const reconciliation = createReconciliationModule({
    ...parts, settings: { fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours, atMinutes: core.payments.reconcileAtMinutes, askConcurrency: core.payments.askConcurrency },
  });
  metrics.beforeRead(async () => {
    metrics.reconciliationOpen.set(await reconciliation.queries.openCount());
    const last = await reconciliation.queries.lastCheck();
    // Before the first check nothing is known, and a gauge that is not there says so.
    if (last === null) return;
    metrics.ledgerBalanced.set({}, last.faultCount === 0 ? 1 : 0);
    metrics.ledgerCheckAgeSeconds.set({}, (Date.now() - last.endedAt.getTime()) / 1_000);
  });
  return reconciliation;
};

/** One run from start to end for the command line, with the statement first where one is brought; joins the run under way. */
export const reconcileOnce = async ({ service, runner, queries }: ReconciliationModule, { gateway, day, statement, replacesEarlier, isOwnWorker }: ReconcileOrder): Promise<ReconcileOutcome> => {
  const call = { caller: COMMAND_LINE, correlationId: randomUUID(), traceparent: null, idempotencyKey: randomUUID(), reason: 'reconcile' };
  const answer = statement === null ? await service.start(call, gateway, day) : await service.importStatement(call, { gateway, day, content: statement, replacesEarlier });
  if (answer.kind === 'conflict') throw new Error('The command ran twice at once');
  if (answer.kind === 'refused') return { kind: 'refused', problems: answer.refusal.problems };
  const { runId } = answer.result;
  if (isOwnWorker) await runner.runNext(new AbortController().signal, runId);
  for (;;) {
    const run = await queries.run(runId);
    if (run === null) throw new Error('The run is gone');
    const [counts] = await queries.countsOf([runId]);
    if (run.endedAt !== null) return { kind: 'done', run, differences: counts?.differences ?? 0, open: counts?.open ?? 0 };
    await delay(LOOK_EVERY_MS);
  }
};
