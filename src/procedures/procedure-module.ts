import type { Logger } from '../observability/logger.js';
import type { Database } from '../store/database.js';
import { createLookupResolvers } from './catalogue-lookups.js';
import { CatalogueQueries } from './catalogue-queries.js';
import { createCatalogueResolvers } from './catalogue-resolvers.js';
import { CatalogueStore } from './catalogue-store.js';
import { CatalogueWriter } from './catalogue-writer.js';
import type { ProcedureDatabasePort } from './procedure-database-port.js';
import { createSyncResolvers } from './sync-resolvers.js';
import { SyncReader } from './sync-reader.js';
import { SyncRunner } from './sync-runner.js';
import { startSyncSchedule } from './sync-schedule.js';
import type { SyncScheduleSettings } from './sync-schedule.js';
import { SyncService } from './sync-service.js';
import { SyncStore, pruneSyncItems } from './sync-store.js';
import { SyncWorker } from './sync-worker.js';

export interface ProcedureSettings extends SyncScheduleSettings {
  readonly fingerprintKey: Buffer;
  readonly keepHours: number;
  /** Every record is read again within as many incremental syncs. */
  readonly rereadRuns: number;
  readonly maxAbsentShare: number;
  /** Records whose content stays in memory, and as many again in answers; 0 keeps none. */
  readonly cacheSize: number;
}

/** The party's side of a sync, and how much of it may be used. */
export interface SyncSource {
  readonly port: ProcedureDatabasePort;
  readonly concurrency: number;
  readonly ratePerSecond: number | null;
  readonly onEnded?: (syncId: string) => Promise<void>;
  readonly logger: Logger;
}

export interface ProcedureModuleDeps {
  readonly database: Database;
  readonly settings: ProcedureSettings;
  /** For lists that are read through; null where none is connected. */
  readonly port: ProcedureDatabasePort | null;
  /** Says through the queue that a sync can go on. */
  readonly ring: (syncId: string) => void;
}

/** A crashed worker's sync goes on after so long. */
const LEASE_MS = 30_000;
const SWEEP_MS = 5_000;
/** For each call that may be in flight: between two commits some wait for the slowest. */
const BATCH_PER_CALL = 10;
const KEEP_FAILURES_DAYS = 90;

/** Joins the parts of the national catalogue. */
export const createProcedureModule = ({ database, settings, port: lookups, ring }: ProcedureModuleDeps) => {
  const store = new SyncStore();
  const service = new SyncService({ database, store, ring, settings });
  const queries = new CatalogueQueries(new CatalogueStore(database), settings.cacheSize);
  const createWorker = ({ port, concurrency, ratePerSecond, onEnded, logger }: SyncSource): SyncWorker => {
    const reader = new SyncReader({ port, concurrency, ratePerSecond, random: Math.random, onDefect: (error) => logger.error({ err: error }, 'a procedure could not be read for a defect of ours') });
    const runner = new SyncRunner({
      database, store, writer: new CatalogueWriter(), reader, now: () => new Date(), random: Math.random,
      settings: { leaseMs: LEASE_MS, rereadRuns: settings.rereadRuns, maxAbsentShare: settings.maxAbsentShare, batchSize: concurrency * BATCH_PER_CALL },
    });
    return new SyncWorker({ runner, logger, sweepMs: SWEEP_MS, onEnded: onEnded ?? (() => Promise.resolve()) });
  };
  return {
    resolvers: [createCatalogueResolvers(queries), createSyncResolvers(service), createLookupResolvers(lookups)] as const,
    queries, service, createWorker,
    startSchedule: (logger: Logger) => startSyncSchedule({ database, store, settings, ring, logger, now: () => new Date() }),
    tasks: [{ name: 'procedure-sync-failures', run: () => pruneSyncItems(database, KEEP_FAILURES_DAYS) }],
  };
};
export type ProcedureModule = ReturnType<typeof createProcedureModule>;
