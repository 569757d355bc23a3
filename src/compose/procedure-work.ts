import type { Logger } from 'pino';
import { PROCEDURE_DATABASE } from '../../adapters/registry.js';
import type { ProcedureDatabase } from '../../adapters/procedure-database/adapter.js';
import type { ProcedureDatabaseSettings } from '../../adapters/procedure-database/config.js';
import type { CircuitBoard } from '../../adapters/support/circuit-board.js';
import { createSyncProceduresHandler } from '../../queues/sync-procedures/handler.js';
import { syncProceduresJob } from '../../queues/sync-procedures/job.js';
import type { QueueRuntime } from '../../queues/runtime/queue-runtime.js';
import type { SyncRequest } from '../commands/composition.js';
import type { Config, CoreConfig } from '../config.js';
import type { Metrics } from '../observability/metrics.js';
import { registerSyncGauges } from '../observability/sync-gauges.js';
import type { ProcedureDatabasePort } from '../procedures/procedure-database-port.js';
import { createProcedureModule } from '../procedures/procedure-module.js';
import type { ProcedureModule } from '../procedures/procedure-module.js';
import { readSyncFigures } from '../procedures/sync-figures.js';
import { followSync } from '../procedures/sync-follower.js';
import type { ProcedureSync } from '../procedures/sync.js';
import type { Database } from '../store/database.js';

export const openProcedureDatabase = (config: Config, parts: { readonly circuits: CircuitBoard; readonly logger: Logger }): ProcedureDatabase =>
  PROCEDURE_DATABASE.create(config.parties.get(PROCEDURE_DATABASE.party) as ProcedureDatabaseSettings, parts);

export const createProcedures = ({ database, runtime, core, logger, metrics, port }: {
  readonly database: Database; readonly runtime: QueueRuntime; readonly core: CoreConfig; readonly logger: Logger; readonly metrics: Metrics;
  readonly port: ProcedureDatabasePort | null;
}): ProcedureModule => {
  registerSyncGauges(metrics, () => readSyncFigures(database));
  return createProcedureModule({
    database, port, settings: { ...core.procedures, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours },
    ring: (syncId) => void runtime.enqueue(syncProceduresJob, { syncId }).catch((error: unknown) => logger.debug({ err: error }, 'ring failed; the sweeper will find the work')),
  });
};

export interface ProcedureWork {
  readonly procedures: ProcedureModule;
  readonly procedureDatabase: ProcedureDatabase;
  readonly logger: Logger;
  /** What follows each sync that this process ended. */
  readonly onSyncEnded?: (syncId: string) => Promise<void>;
}

/** Takes syncs, and starts those of the schedule; nothing where no procedure database is connected. Returns how to stop. */
export const startProcedureWork = ({ procedures, procedureDatabase, logger, onSyncEnded, runtime }: ProcedureWork & { readonly runtime: QueueRuntime }): (() => Promise<void>) => {
  const { database: port, pace } = procedureDatabase;
  if (port === null) return () => Promise.resolve();
  const worker = procedures.createWorker({ port, ...pace, logger, ...(onSyncEnded === undefined ? {} : { onEnded: onSyncEnded }) });
  runtime.work(syncProceduresJob, createSyncProceduresHandler(worker), { concurrency: 1 });
  worker.start();
  const stopSchedule = procedures.startSchedule(logger);
  return () => {
    stopSchedule();
    return worker.close();
  };
};

/** One sync from start to end for the command line; joins the one that runs. Without `isOwnWorker` another process's worker does it. */
export const syncOnce = async ({ procedures, procedureDatabase, logger, onSyncEnded }: ProcedureWork, { kind, isOwnWorker, onProgress }: SyncRequest): Promise<ProcedureSync> => {
  const { database: port, pace } = procedureDatabase;
  if (port === null && isOwnWorker) throw new Error('No national procedure database is connected: set PROCEDURE_DATABASE_WIRE');
  const worker = port === null || !isOwnWorker ? null : procedures.createWorker({ port, ...pace, logger, ...(onSyncEnded === undefined ? {} : { onEnded: onSyncEnded }) });
  try {
    return await followSync(procedures.service, { kind, onProgress, wake: () => worker?.wake() });
  } finally {
    await worker?.close();
  }
};
