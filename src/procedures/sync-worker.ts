import type { Logger } from '../observability/logger.js';
import type { RunEnd, SyncRunner } from './sync-runner.js';

export interface SyncWorkerDeps {
  readonly runner: Pick<SyncRunner, 'run'>;
  readonly logger: Logger;
  /** What follows a sync, such as a match; a failure is logged and harms nothing here. */
  readonly onEnded: (syncId: string) => Promise<void>;
  /** How long a lost ring, a crashed worker's sync or a due wait may go unnoticed. */
  readonly sweepMs: number;
}

/** Runs syncs in this process, one turn at a time: rung by the queue, and looking by itself, so that a lost ring costs seconds. */
export class SyncWorker {
  readonly #deps: SyncWorkerDeps;
  readonly #draining = new AbortController();
  #turn: Promise<void> | null = null;
  #again = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(deps: SyncWorkerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.wake();
  }

  /** Returns at once. */
  wake(): void {
    if (this.#draining.signal.aborted) return;
    if (this.#turn !== null) {
      this.#again = true;
      return;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#again = false;
    this.#turn = this.#run().then((waitMs) => {
      this.#turn = null;
      if (this.#draining.signal.aborted) return;
      if (this.#again) this.wake();
      else this.#timer = setTimeout(() => this.wake(), Math.min(waitMs, this.#deps.sweepMs)).unref();
    });
  }

  /** Gives back what it holds; resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#draining.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#turn;
  }

  async #run(): Promise<number> {
    const { runner, logger, onEnded, sweepMs } = this.#deps;
    let end: RunEnd;
    try {
      end = await runner.run(this.#draining.signal);
    } catch (error) {
      logger.warn({ err: error }, 'procedure sync was interrupted; it goes on when its lease has ended');
      return sweepMs;
    }
    if (end.kind === 'waits') return end.waitMs;
    if (end.kind !== 'ended') return sweepMs;
    logger.info({ syncId: end.syncId }, 'procedure sync ended');
    await onEnded(end.syncId).catch((error: unknown) => logger.error({ err: error, syncId: end.syncId }, 'what follows a procedure sync failed'));
    return 0;
  }
}
