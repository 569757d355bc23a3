import type { SyncFigure } from '../procedures/sync-figures.js';
import type { Metrics } from './metrics.js';

const RECORDS = ['read', 'unchanged', 'changed', 'failed', 'withdrawn'] as const;

/** Figures of the syncs of national procedures, asked of the database whenever metrics are read. Every process gives the same: take one, not the sum. */
export const registerSyncGauges = (metrics: Metrics, read: () => Promise<readonly SyncFigure[]>): void => {
  metrics.beforeRead(async () => {
    const figures = await read();
    metrics.procedureSyncs.reset();
    metrics.procedureSyncRecords.reset();
    metrics.procedureSyncAgeSeconds.reset();
    for (const { kind, state, runs, endedSecondsAgo, ...counts } of figures) {
      metrics.procedureSyncs.set({ kind, state }, runs);
      for (const outcome of RECORDS) metrics.procedureSyncRecords.inc({ kind, outcome }, counts[outcome]);
      if (state === 'complete' && endedSecondsAgo !== null) metrics.procedureSyncAgeSeconds.set({ kind }, endedSecondsAgo);
    }
  });
};
