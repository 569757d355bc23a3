import { setTimeout as delay } from 'node:timers/promises';
import { UnrecoverableError, type Job, type Queue, type Worker } from 'bullmq';
import type { RedisTarget } from '../../src/config.js';
import type { JobContext, JobDefinition, JobHandler } from '../define-job.js';
import type { Carrier } from './carrier.js';
import { QueueUnavailableError, withDeadline } from './deadline.js';
import { createPostgresCarrier } from './postgres-carrier.js';
import { createRedisCarrier } from './redis-carrier.js';

export interface QueueRuntimeSettings {
  /** Null: PostgreSQL carries the queues. */
  readonly redis: RedisTarget | null;
  readonly databaseUrl: string;
}

export interface QueueLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface QueueRuntimeDeps {
  readonly logger: QueueLogger;
  /** Every job of the gateway, so that counts and the board show those that this process never touches. */
  readonly jobs: readonly { readonly name: string }[];
}

export interface QueueCounts {
  readonly queue: string;
  readonly state: string;
  readonly count: number;
}

/** What travels: ids, and the id by which one call is followed through logs. */
interface Envelope {
  readonly payload: unknown;
  readonly correlationId: string | null;
}

/** Whoever enqueues is answering a caller of the API. */
const ENQUEUE_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 2_000;
/** A carrier that is away reports an error on every attempt to reconnect. */
const ERROR_LOG_EVERY_MS = 10_000;
/** Between two first contacts of a worker with its carrier. */
const START_AGAIN_AFTER_MS = 1_000;

export class QueueRuntime {
  readonly #carrier: Carrier;
  readonly #deps: QueueRuntimeDeps;
  readonly #queues = new Map<string, Queue>();
  readonly #workers = new Set<Worker>();
  readonly #draining = new AbortController();
  #errorLoggedAt = -Infinity;

  constructor(settings: QueueRuntimeSettings, deps: QueueRuntimeDeps) {
    this.#deps = deps;
    this.#carrier = settings.redis === null ? createPostgresCarrier(settings.databaseUrl, deps.jobs.length) : createRedisCarrier(settings.redis);
    this.#carrier.onError((error) => this.#logError(error));
  }

  get carrier(): 'redis' | 'postgres' {
    return this.#carrier.kind;
  }

  /** Adds a job; throws QueueUnavailableError at once, or within 2 s, when the carrier does not take it. */
  async enqueue<Payload>(job: JobDefinition<Payload>, payload: Payload, correlationId: string | null = null): Promise<void> {
    const envelope: Envelope = { payload: job.schema.parse(payload), correlationId };
    if (!this.#carrier.isReady()) throw new QueueUnavailableError(`${job.name}: the carrier is not connected`);
    const queue = this.#queueOf(job.name);
    const coalesced = job.options.coalesceBy?.(payload);
    try {
      await withDeadline(job.name, ENQUEUE_TIMEOUT_MS, queue.add(job.name, envelope, {
        attempts: job.options.attempts,
        backoff: { type: 'exponential', delay: job.options.backoffMs },
        removeOnComplete: true,
        removeOnFail: { count: job.options.keepFailed },
        ...(coalesced === undefined ? {} : { deduplication: { id: coalesced, keepLastIfActive: true } }),
      }));
    } catch (cause) {
      this.#forget(job.name);
      throw cause instanceof QueueUnavailableError ? cause : new QueueUnavailableError(`${job.name}: the carrier refused the job`, { cause });
    }
  }

  /** Runs `handler` for each job, at most `concurrency` at once in this process, from the moment at which the carrier answers. */
  work<Payload>(job: JobDefinition<Payload>, handler: JobHandler<Payload>, options: { readonly concurrency: number }): void {
    const worker = this.#carrier.createWorker(job.name, (taken: Job) => this.#run(job, handler, taken), {
      // Without a first contact its loop spins and nothing else of the process runs any more.
      autorun: false,
      concurrency: options.concurrency,
      maxStalledCount: job.options.maxStalled,
      lockDuration: job.options.lockMs,
      stalledInterval: job.options.lockMs,
    });
    worker.on('error', (error) => this.#logError(error));
    worker.on('failed', (failed, error) => this.#deps.logger.error({ job: job.name, jobId: failed?.id, err: error }, 'job failed'));
    this.#workers.add(worker);
    void worker.waitUntilReady().then(() => worker.run(), (error: unknown) => this.#startAgain(worker, error, () => { this.work(job, handler, options); }))
      .catch((error: unknown) => this.#logError(error as Error));
  }

  /** BullMQ remembers a failed first contact for ever; a fresh object tries again. */
  async #startAgain(worker: Worker, error: unknown, start: () => void): Promise<void> {
    this.#logError(error as Error);
    this.#workers.delete(worker);
    await withDeadline('close', QUERY_TIMEOUT_MS, worker.close(true)).catch(() => undefined);
    await delay(START_AGAIN_AFTER_MS, undefined, { signal: this.#draining.signal }).then(start, () => undefined);
  }

  async counts(): Promise<readonly QueueCounts[]> {
    const perQueue = await Promise.all(this.#deps.jobs.map(async ({ name }) => {
      const counts = await withDeadline(name, QUERY_TIMEOUT_MS, this.#queueOf(name).getJobCounts('waiting', 'active', 'delayed', 'failed'));
      return Object.entries(counts).map(([state, count]) => ({ queue: name, state, count }));
    }));
    return perQueue.flat();
  }

  async ping(): Promise<void> {
    await withDeadline('ping', QUERY_TIMEOUT_MS, this.#carrier.ping());
  }

  /** BullMQ's own objects, for the board in this folder only. */
  queues(): readonly Queue[] {
    return this.#deps.jobs.map(({ name }) => this.#queueOf(name));
  }

  /** Takes no more jobs and lets those in hand end within `graceMs`; then leaves them to be found as stalled. */
  async close(graceMs = 5_000): Promise<void> {
    this.#draining.abort();
    await Promise.all([...this.#workers].map((worker) =>
      withDeadline('close', graceMs, worker.close()).catch(() => withDeadline('forced close', QUERY_TIMEOUT_MS, worker.close(true)).catch(() => undefined))));
    await Promise.all([...this.#queues.values()].map((queue) => withDeadline('close', QUERY_TIMEOUT_MS, queue.close()).catch(() => undefined)));
    await withDeadline('close', QUERY_TIMEOUT_MS, this.#carrier.close()).catch(() => undefined);
  }

  async #run<Payload>(job: JobDefinition<Payload>, handler: JobHandler<Payload>, taken: Job): Promise<void> {
    const envelope = taken.data as Envelope;
    const parsed = job.schema.safeParse(envelope.payload);
    // Of another release, or not ours: it will not be better the next time.
    if (!parsed.success) throw new UnrecoverableError('the payload does not fit the job');
    const context: JobContext = { correlationId: envelope.correlationId, signal: this.#draining.signal };
    await handler(parsed.data, context);
  }

  #queueOf(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = this.#carrier.createQueue(name, {});
    queue.on('error', (error) => this.#logError(error));
    this.#queues.set(name, queue);
    return queue;
  }

  /** BullMQ remembers a failed first contact for ever; a fresh object tries again. */
  #forget(name: string): void {
    const queue = this.#queues.get(name);
    this.#queues.delete(name);
    void queue?.close().catch(() => undefined);
  }

  #logError(error: Error): void {
    // While it closes, connections end under way; that is no trouble.
    if (this.#draining.signal.aborted || performance.now() - this.#errorLoggedAt < ERROR_LOG_EVERY_MS) return;
    this.#errorLoggedAt = performance.now();
    this.#deps.logger.warn({ err: error, carrier: this.#carrier.kind }, 'queue carrier trouble');
  }
}
