import { z } from 'zod';
import { defineJob } from '../define-job.js';

/** Says "this sync can go on". Where it stands is in the procedure_syncs table, which the worker reads. */
export const syncProceduresJob = defineJob({
  name: 'sync-procedures',
  schema: z.strictObject({ syncId: z.string().regex(/^\d{1,18}$/) }),
  options: {
    // A lost ring costs one sweep of the worker (seconds).
    attempts: 1,
    backoffMs: 1_000,
    keepFailed: 20,
    // Waking a worker twice is harmless.
    maxStalled: 1_000_000,
    // The handler only wakes a worker and returns; this is BullMQ's own default.
    lockMs: 30_000,
    coalesceBy: (payload) => payload.syncId,
  },
});
