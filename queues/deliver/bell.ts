import { deliverJob } from './job.js';
import type { QueueRuntime } from '../runtime/queue-runtime.js';

/** Rings of one party are this far apart at the least: one ring wakes a worker that then takes all there is. */
const MIN_INTERVAL_MS = 10;

export interface DeliverBellDeps {
  readonly runtime: Pick<QueueRuntime, 'enqueue'>;
  readonly onResult: (result: 'rung' | 'failed', error?: unknown) => void;
}

interface PartyBell {
  busy: boolean;
  again: boolean;
}

/**
 * Rings through the queue without making anybody wait. Rings that come while one is under way become a single later one. A ring
 * that fails is counted and forgotten: the sweeper finds the work.
 */
export class DeliverBell {
  readonly #deps: DeliverBellDeps;
  readonly #parties = new Map<string, PartyBell>();

  constructor(deps: DeliverBellDeps) {
    this.#deps = deps;
  }

  ring(party: string): void {
    const bell = this.#parties.get(party) ?? { busy: false, again: false };
    this.#parties.set(party, bell);
    if (bell.busy) {
      bell.again = true;
      return;
    }
    bell.busy = true;
    void this.#ringUntilQuiet(party, bell);
  }

  async #ringUntilQuiet(party: string, bell: PartyBell): Promise<void> {
    do {
      bell.again = false;
      try {
        await this.#deps.runtime.enqueue(deliverJob, { party });
        this.#deps.onResult('rung');
      } catch (error) {
        this.#deps.onResult('failed', error);
      }
      await new Promise((resolve) => setTimeout(resolve, MIN_INTERVAL_MS));
    } while (bell.again);
    bell.busy = false;
  }
}
