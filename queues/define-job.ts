import type { z } from 'zod';

/** How the carrier treats a job. Each number is written in the job's own file, with its reason beside it. */
export interface JobOptions<Payload> {
  /** Runs of a failing job before it is kept as failed. */
  readonly attempts: number;
  /** First pause between runs; doubles each time. */
  readonly backoffMs: number;
  /** Failed jobs that stay visible to operators. */
  readonly keepFailed: number;
  /** Times that a job may be lost by its worker (killed, frozen) before the carrier gives it up as failed. */
  readonly maxStalled: number;
  /** A worker that is silent for so long has lost its job to another. */
  readonly lockMs: number;
  /** Jobs of equal value are one job while they wait; one more may wait while one runs. */
  readonly coalesceBy?: (payload: Payload) => string;
}

export interface JobDefinition<Payload> {
  readonly name: string;
  /** Ids only: what a job carries is readable to whoever reads the carrier. */
  readonly schema: z.ZodType<Payload>;
  readonly options: JobOptions<Payload>;
}

/** What a handler is told besides its payload. */
export interface JobContext {
  readonly correlationId: string | null;
  /** Ends when the process drains. */
  readonly signal: AbortSignal;
}

export type JobHandler<Payload> = (payload: Payload, context: JobContext) => Promise<void>;

export const defineJob = <Payload>(definition: JobDefinition<Payload>): JobDefinition<Payload> => {
  // BullMQ uses the colon to build its keys.
  if (!/^[a-z][a-z-]{0,62}$/.test(definition.name)) throw new Error(`A job's name is lower-case letters and hyphens: ${definition.name}`);
  return Object.freeze(definition);
};
