import { RateLimiterMemory, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Logger } from '../observability/logger.js';

export interface CallBudgetDeps {
  /** Calls a window, over all processes that share the store. */
  readonly points: number;
  readonly windowSeconds: number;
  /** Counts for all processes; null where this process counts for itself. */
  readonly store: RateLimiterAbstract | null;
  /** A store that is slower counts as away; 300 ms unless it is said. */
  readonly storeTimeoutMs?: number;
  readonly logger: Pick<Logger, 'warn'>;
  /** This process took calls from its own count, because the store was away. */
  readonly onAlone?: (calls: number) => void;
}

interface Slice {
  left: number;
  endsMs: number;
  /** No call passes before. */
  blockedUntilMs: number;
  taking: Promise<void> | null;
}

/** A store that is slower than this would cost more than what it protects. */
const STORE_TIMEOUT_MS = 300;
/** A store that failed is left alone for so long. */
const STORE_REST_MS = 1_000;
const WARN_EVERY_MS = 10_000;
/** Calls that a process takes from the store at once: most calls then ask no server. */
const MAX_SLICE = 50;
const SLICES_PER_WINDOW = 20;
/** Keys are names of clients that were proved, so there are few; this bounds them nevertheless. */
const MAX_KEYS = 10_000;

const within = <Value>(timeoutMs: number, promise: Promise<Value>): Promise<Value> =>
  new Promise((fulfil, reject) => {
    const timer = setTimeout(() => reject(new Error('the store of rate limits is too slow')), timeoutMs);
    promise.then(fulfil, reject).finally(() => clearTimeout(timer));
  });

/**
 * So many calls a window for each key. What a process does not use of a slice is lost at the end of the window, so the limit is
 * never exceeded and may be missed by one slice a process. While the store is away, each process counts for itself, and the limit
 * holds for each of them alone.
 */
export class CallBudget {
  readonly #deps: CallBudgetDeps;
  readonly #size: number;
  readonly #own: RateLimiterMemory;
  readonly #slices = new Map<string, Slice>();
  #storeRestsUntilMs = 0;
  #warnedMs = Number.NEGATIVE_INFINITY;

  constructor(deps: CallBudgetDeps) {
    this.#deps = deps;
    this.#size = Math.max(1, Math.min(MAX_SLICE, Math.floor(deps.points / SLICES_PER_WINDOW)));
    this.#own = new RateLimiterMemory({ points: deps.points, duration: deps.windowSeconds });
  }

  /** Takes one call. 0: it may pass; otherwise milliseconds until the next may. */
  take(key: string): number | Promise<number> {
    const slice = this.#sliceOf(key);
    const nowMs = performance.now();
    if (slice.left > 0 && slice.endsMs > nowMs) {
      slice.left -= 1;
      return 0;
    }
    return slice.blockedUntilMs > nowMs ? slice.blockedUntilMs - nowMs : this.#takeFresh(key, slice);
  }

  async #takeFresh(key: string, slice: Slice): Promise<number> {
    slice.taking ??= this.#refill(key, slice).finally(() => {
      slice.taking = null;
    });
    await slice.taking;
    return this.take(key);
  }

  async #refill(key: string, slice: Slice): Promise<void> {
    try {
      const { msBeforeNext } = await this.#consume(key);
      Object.assign(slice, { left: this.#size, endsMs: performance.now() + msBeforeNext, blockedUntilMs: 0 });
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      slice.left = 0;
      slice.blockedUntilMs = performance.now() + Math.max(1, refusal.msBeforeNext);
    }
  }

  async #consume(key: string): Promise<RateLimiterRes> {
    const { store, storeTimeoutMs = STORE_TIMEOUT_MS, logger } = this.#deps;
    if (store === null) return this.#own.consume(key, this.#size);
    if (performance.now() < this.#storeRestsUntilMs) return this.#consumeAlone(key);
    try {
      return await within(storeTimeoutMs, store.consume(key, this.#size));
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error;
      const nowMs = performance.now();
      this.#storeRestsUntilMs = nowMs + STORE_REST_MS;
      if (nowMs - this.#warnedMs > WARN_EVERY_MS) {
        this.#warnedMs = nowMs;
        logger.warn({ err: error }, 'calls are counted by this process alone: the shared store is away');
      }
      return this.#consumeAlone(key);
    }
  }

  #consumeAlone(key: string): Promise<RateLimiterRes> {
    this.#deps.onAlone?.(this.#size);
    return this.#own.consume(key, this.#size);
  }

  #sliceOf(key: string): Slice {
    const known = this.#slices.get(key);
    if (known !== undefined) return known;
    if (this.#slices.size >= MAX_KEYS) this.#slices.clear();
    const slice: Slice = { left: 0, endsMs: 0, blockedUntilMs: 0, taking: null };
    this.#slices.set(key, slice);
    return slice;
  }
}
