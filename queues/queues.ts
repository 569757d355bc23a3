import { deliverJob } from './deliver/job.js';

/** Every job there is. */
export const JOBS = [deliverJob] as const;
