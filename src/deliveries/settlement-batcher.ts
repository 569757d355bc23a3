import type { Logger } from 'pino';
import type { Database } from '../store/database.js';
import type { LeasedDelivery } from './delivery.js';
import type { DeliveryOperation, Settled } from './delivery-operation.js';
import type { DeliveryStore, Settlement } from './delivery-store.js';

/** One outcome on its way to the database, with what its domain must be told. */
export interface Outcome {
  readonly settlement: Settlement;
  readonly settled: Settled;
  readonly delivery: LeasedDelivery;
}

interface Waiting extends Outcome {
  readonly done: () => void;
}

/** Enough to make the commit cheap for each, small enough that a slow commit delays few. */
const BATCH_SIZE = 128;
/** Between tries while the database is away; outcomes are kept, for forgetting one means asking the party about it. */
const RETRY_DELAY_MS = 500;

/** Writes outcomes in batches: whatever came in while the last commit was under way goes into the next one. */
export class SettlementBatcher {
  readonly #database: Database;
  readonly #store: DeliveryStore;
  readonly #operations: ReadonlyMap<string, DeliveryOperation>;
  readonly #logger: Logger;
  #waiting: Waiting[] = [];
  #flushing = false;
  #abandoned = false;

  constructor(deps: { database: Database; store: DeliveryStore; operations: ReadonlyMap<string, DeliveryOperation>; logger: Logger }) {
    this.#database = deps.database;
    this.#store = deps.store;
    this.#operations = deps.operations;
    this.#logger = deps.logger;
  }

  /** Resolves when the outcome is committed (or its lease turned out to be lost). */
  add(outcome: Outcome): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ ...outcome, done: resolve });
      if (!this.#flushing) void this.#flush();
    });
  }

  /** At the end of a drain: outcomes that still cannot be written are left to lease expiry. */
  abandon(): void {
    this.#abandoned = true;
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    try {
      // One turn of the event loop lets outcomes that arrived together share the first batch.
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.splice(0, BATCH_SIZE);
        await this.#writeUntilDone(batch);
        for (const outcome of batch) outcome.done();
      }
    } finally {
      this.#flushing = false;
    }
  }

  async #writeUntilDone(batch: readonly Waiting[]): Promise<void> {
    for (;;) {
      try {
        await this.#write(batch);
        return;
      } catch (error) {
        this.#logger.error({ err: error, count: batch.length }, 'outcomes could not be written; trying again');
        if (this.#abandoned) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
      }
    }
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    await this.#database.transaction(async (client) => {
      const moved = await this.#store.settle(client, batch.map((outcome) => outcome.settlement));
      const byOperation = new Map<string, Settled[]>();
      for (const outcome of batch) {
        if (!moved.has(outcome.delivery.id)) {
          this.#logger.warn({ deliveryId: outcome.delivery.id }, 'lease was lost before the outcome was written');
          continue;
        }
        const key = operationKey(outcome.delivery.party, outcome.delivery.operation);
        const list = byOperation.get(key);
        if (list === undefined) byOperation.set(key, [outcome.settled]);
        else list.push(outcome.settled);
      }
      for (const [key, settled] of byOperation) await this.#operations.get(key)?.settled(client, settled);
    });
  }
}

export const operationKey = (party: string, operation: string): string => `${party}/${operation}`;
