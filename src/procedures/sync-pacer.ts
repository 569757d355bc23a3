import { setTimeout as delay } from 'node:timers/promises';

/** Spaces calls evenly, so that a party's rate is kept at every moment and not only on average. */
export class SyncPacer {
  readonly #intervalMs: number;
  #nextAt = 0;

  /** Null: no limit. */
  constructor(ratePerSecond: number | null) {
    this.#intervalMs = ratePerSecond === null ? 0 : 1_000 / ratePerSecond;
  }

  /** Resolves when the next call may start; rejects when `signal` ends first. */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#intervalMs === 0) return;
    const now = performance.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#intervalMs;
    if (at > now) await delay(at - now, undefined, { signal });
  }
}
