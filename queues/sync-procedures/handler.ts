import type { z } from 'zod';
import type { JobHandler } from '../define-job.js';
import type { syncProceduresJob } from './job.js';

/** The side of the sync worker that the job needs. */
export interface SyncWaker {
  wake(): void;
}

export const createSyncProceduresHandler = (worker: SyncWaker): JobHandler<z.infer<typeof syncProceduresJob.schema>> =>
  () => {
    worker.wake();
    return Promise.resolve();
  };
