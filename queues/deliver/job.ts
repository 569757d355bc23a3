import { z } from 'zod';
import { defineJob } from '../define-job.js';

/** Says "there is work for this party". What the work is stands in the deliveries table, which the worker reads. */
export const deliverJob = defineJob({
  name: 'deliver',
  schema: z.strictObject({ party: z.string().min(1).max(100) }),
  options: {
    // A ring that is lost costs one sweep (a second); running it again by force is worth nothing.
    attempts: 1,
    backoffMs: 1_000,
    // Enough to see a pattern on the board; the deliveries themselves are in PostgreSQL.
    keepFailed: 100,
    // Waking a pump twice is harmless, so a job is never given up for having been lost.
    maxStalled: 1_000_000,
    // The handler only wakes a pump and returns; this is BullMQ's own default.
    lockMs: 30_000,
    // However many rings there are for a party, one waiting ring says it all.
    coalesceBy: (payload) => payload.party,
  },
});
