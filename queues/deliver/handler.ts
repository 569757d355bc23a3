import type { z } from 'zod';
import type { JobHandler } from '../define-job.js';
import type { deliverJob } from './job.js';

/** The side of the delivery engine that the job needs. */
export interface Wakeable {
  wake(party: string): void;
}

export const createDeliverHandler = (engine: Wakeable): JobHandler<z.infer<typeof deliverJob.schema>> =>
  (payload) => {
    engine.wake(payload.party);
    return Promise.resolve();
  };
