import { deliverJob } from './deliver/job.js';
import { syncProceduresJob } from './sync-procedures/job.js';

/** Every job there is. */
export const JOBS = [deliverJob, syncProceduresJob] as const;
