import type { Database } from '../store/database.js';
import type { CatalogueWriter } from './catalogue-writer.js';
import type { LeasedSync } from './sync.js';
import { SyncLostError } from './sync.js';
import { reactTo } from './sync-policy.js';
import type { SyncReaction } from './sync-policy.js';
import type { SyncReader } from './sync-reader.js';
import type { SyncStore } from './sync-store.js';

export interface SyncSettings {
  readonly leaseMs: number;
  /** Every record is read again within as many incremental syncs. */
  readonly rereadRuns: number;
  /** A complete listing that lacks more than this share (0 to 1) is not believed: absences are not counted. */
  readonly maxAbsentShare: number;
  /** Records that are read between two commits: what a crash costs. */
  readonly batchSize: number;
}

export interface SyncRunnerDeps {
  readonly database: Database;
  readonly store: SyncStore;
  readonly writer: CatalogueWriter;
  readonly reader: SyncReader;
  readonly settings: SyncSettings;
  readonly now: () => Date;
  readonly random: () => number;
}

/** How a run ended for this worker: nothing to do, the sync's end, or a wait after which any worker goes on. */
export type RunEnd = { readonly kind: 'idle' | 'lost' } | { readonly kind: 'ended'; readonly syncId: string } | { readonly kind: 'waits'; readonly waitMs: number };

/** A listing goes wrong when it brings this many: the national database has some ten thousand. */
const MAX_LISTED = 200_000;
/** A sync that could not end within a day is given up; the next one begins with what this one stored. */
const MAX_AGE_MS = 24 * 3_600_000;

type Step = 'go-on' | RunEnd;

/** Takes the sync that runs and moves it on, page by page and batch by batch; each step is one transaction, so a crash costs one step. */
export class SyncRunner {
  readonly #deps: SyncRunnerDeps;

  constructor(deps: SyncRunnerDeps) {
    this.#deps = deps;
  }

  /** One turn. When `signal` ends, what is in hand is dropped and the sync given back. */
  async run(signal: AbortSignal): Promise<RunEnd> {
    const { database, store, settings } = this.#deps;
    const sync = await store.take(database, settings.leaseMs);
    if (sync === null) return { kind: 'idle' };
    const lost = new AbortController();
    const onDrain = (): void => lost.abort();
    signal.addEventListener('abort', onDrain, { once: true });
    const beat = setInterval(() => void this.#renew(sync, lost), settings.leaseMs / 3);
    try {
      if (signal.aborted) lost.abort();
      return await this.#drive(sync, lost.signal);
    } catch (error) {
      if (!(error instanceof SyncLostError) && !lost.signal.aborted) throw error;
      await store.release(database, sync, { waitMs: 0, reason: null, failures: sync.failures });
      return { kind: 'lost' };
    } finally {
      clearInterval(beat);
      signal.removeEventListener('abort', onDrain);
    }
  }

  async #renew(sync: LeasedSync, lost: AbortController): Promise<void> {
    // A database that does not answer may come back before the lease ends; the next commit will tell.
    const isOurs = await this.#deps.store.renew(this.#deps.database, sync, this.#deps.settings.leaseMs).catch(() => true);
    if (!isOurs) lost.abort();
  }

  async #drive(sync: LeasedSync, signal: AbortSignal): Promise<RunEnd> {
    if (this.#deps.now().getTime() - sync.startedAt.getTime() > MAX_AGE_MS) return this.#stop(sync, 'too-old');
    let position: Position = { cursor: sync.cursor, listed: sync.listed, failures: sync.failures };
    while (!sync.listingDone) {
      const step = await this.#listPage(sync, position, signal);
      if ('kind' in step) return step;
      if (step.done) break;
      position = step;
    }
    for (;;) {
      const step = await this.#readBatch(sync, signal);
      if (step !== 'go-on') return step;
    }
  }

  async #listPage(sync: LeasedSync, position: Position, signal: AbortSignal): Promise<RunEnd | (Position & { readonly done: boolean })> {
    const { database, store, reader } = this.#deps;
    let page: Awaited<ReturnType<SyncReader['page']>>;
    try {
      page = await reader.page(position.cursor, signal);
    } catch (error) {
      signal.throwIfAborted();
      return this.#pageFailed(sync, position, reactTo(error, position.failures + 1, this.#deps.random()));
    }
    return database.transaction(async (client) => {
      await store.hold(client, sync);
      const fresh = await store.addPage(client, sync.id, { procedures: page.procedures, cursor: page.nextCursor, total: page.total });
      const isLast = page.nextCursor === null || page.nextCursor === position.cursor || page.procedures.length === 0;
      const listed = position.listed + fresh;
      // A cursor that leads round in a circle, or on for ever, ends here; what it left out must not count as absent.
      const isTrap = !isLast && (fresh === 0 || listed > MAX_LISTED);
      if (isLast || isTrap) await this.#endListing(client, sync, isTrap ? 'cursor-trap' : null);
      return { cursor: page.nextCursor, listed, failures: 0, done: isLast || isTrap };
    });
  }

  async #endListing(client: Parameters<SyncStore['endListing']>[0], sync: LeasedSync, problem: string | null): Promise<void> {
    await this.#deps.store.endListing(client, sync.id, problem);
    if (sync.kind === 'incremental') await this.#deps.store.skipKnown(client, sync.id, this.#deps.settings.rereadRuns);
  }

  async #pageFailed(sync: LeasedSync, position: Position, reaction: SyncReaction): Promise<RunEnd | (Position & { readonly done: boolean })> {
    switch (reaction.act) {
      case 'stop': return this.#stop(sync, reaction.reason);
      case 'wait': return this.#wait(sync, { waitMs: reaction.waitMs, reason: reaction.reason, failures: position.failures });
      case 'retry': return this.#wait(sync, { waitMs: reaction.delayMs, reason: reaction.reason, failures: position.failures + 1 });
      case 'give-up':
        // What is listed so far is still worth reading.
        await this.#deps.database.transaction(async (client) => {
          await this.#deps.store.hold(client, sync);
          await this.#endListing(client, sync, reaction.reason);
        });
        return { ...position, done: true };
    }
  }

  async #readBatch(sync: LeasedSync, signal: AbortSignal): Promise<Step> {
    const { database, store, writer, reader, settings } = this.#deps;
    const items = await store.openItems(database, sync.id, settings.batchSize);
    if (items.length === 0) {
      const waitMs = await store.nextItemInMs(database, sync.id);
      return waitMs === null ? this.#finish(sync) : this.#wait(sync, { waitMs, reason: 'retries-pending', failures: 0 });
    }
    const { records, settled, halt } = await reader.read(items, signal);
    await database.transaction(async (client) => {
      await store.hold(client, sync);
      const changed = await writer.apply(client, sync.id, records);
      await store.settleItems(client, sync.id, settled);
      await store.addCounts(client, sync.id, { read: records.length, changed, failed: settled.filter((item) => item.state === 'failed').length });
    });
    if (halt === null) return 'go-on';
    return halt.act === 'stop' ? this.#stop(sync, halt.reason) : this.#wait(sync, { waitMs: halt.waitMs, reason: halt.reason, failures: 0 });
  }

  async #finish(sync: LeasedSync): Promise<RunEnd> {
    const { database, store, writer, settings } = this.#deps;
    await database.transaction(async (client) => {
      await store.hold(client, sync);
      const { listingComplete = false } = (await store.find(client, sync.id)) ?? {};
      const isBelievable = listingComplete && (await writer.absentShare(client, sync.id)) <= settings.maxAbsentShare;
      const withdrawn = isBelievable ? await writer.countAbsences(client, sync.id) : 0;
      await store.end(client, sync.id, { state: listingComplete ? 'complete' : 'failed', reason: listingComplete && !isBelievable ? 'too-many-absent' : null, withdrawn });
    });
    return { kind: 'ended', syncId: sync.id };
  }

  async #stop(sync: LeasedSync, reason: string): Promise<RunEnd> {
    const { database, store } = this.#deps;
    await database.transaction(async (client) => {
      await store.hold(client, sync);
      await store.end(client, sync.id, { state: 'failed', reason, withdrawn: 0 });
    });
    return { kind: 'ended', syncId: sync.id };
  }

  async #wait(sync: LeasedSync, wait: Parameters<SyncStore['release']>[2]): Promise<RunEnd> {
    await this.#deps.store.release(this.#deps.database, sync, wait);
    return { kind: 'waits', waitMs: wait.waitMs };
  }
}

/** Where the listing stands. */
interface Position {
  readonly cursor: string | null;
  readonly listed: number;
  readonly failures: number;
}
