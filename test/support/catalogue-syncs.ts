import { CatalogueWriter } from '../../src/procedures/catalogue-writer.js';
import type { ProcedureSync, SyncKind } from '../../src/procedures/sync.js';
import { SyncReader } from '../../src/procedures/sync-reader.js';
import { SyncRunner } from '../../src/procedures/sync-runner.js';
import type { RunEnd, SyncSettings } from '../../src/procedures/sync-runner.js';
import { SyncStore } from '../../src/procedures/sync-store.js';
import type { Database } from '../../src/store/database.js';
import type { ScriptedCatalogue } from './scripted-catalogue.js';

/** Tables of the catalogue, for TRUNCATE. */
export const CATALOGUE_TABLES = 'national_procedures, procedure_changes, procedure_sync_items, procedure_syncs';

/** Syncs of a test, step by step; waiting times are passed over by moving what is due into the past. */
export class CatalogueSyncs {
  readonly store = new SyncStore();
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  runner(port: ScriptedCatalogue, over: Partial<SyncSettings> & { readonly concurrency?: number } = {}): SyncRunner {
    const { concurrency = 4, ...settings } = over;
    const reader = new SyncReader({ port, concurrency, ratePerSecond: null, random: () => 0.5, onDefect: () => undefined });
    return new SyncRunner({
      database: this.#database, store: this.store, writer: new CatalogueWriter(), reader, now: () => new Date(), random: () => 0.5,
      settings: { leaseMs: 30_000, rereadRuns: 1_000, maxAbsentShare: 0.5, batchSize: 8, ...settings },
    });
  }

  async start(kind: SyncKind): Promise<string> {
    const id = await this.store.start(this.#database, { kind, requestedBy: 'test', slot: null });
    if (id === null) throw new Error('a sync is running');
    return id;
  }

  /** As if a worker had died and its lease, and every wait, had passed. */
  async skipWaits(): Promise<void> {
    await this.#database.query('UPDATE procedure_syncs SET lease_until = NULL, resume_at = now()');
    await this.#database.query('UPDATE procedure_sync_items SET due_at = now()');
  }

  /** Turns until the running sync has ended. */
  async finish(runner: SyncRunner, maxTurns = 100): Promise<readonly RunEnd[]> {
    const ends: RunEnd[] = [];
    for (let turn = 0; turn < maxTurns; turn += 1) {
      const end = await runner.run(new AbortController().signal);
      ends.push(end);
      if (end.kind === 'ended' || end.kind === 'idle') return ends;
      await this.skipWaits();
    }
    throw new Error('the sync does not end');
  }

  /** A whole sync from start to end. */
  async sync(kind: SyncKind, port: ScriptedCatalogue, over: Partial<SyncSettings> & { readonly concurrency?: number } = {}): Promise<ProcedureSync> {
    const id = await this.start(kind);
    await this.finish(this.runner(port, over));
    return this.get(id);
  }

  async get(id: string): Promise<ProcedureSync> {
    const found = await this.store.find(this.#database, id);
    if (found === null) throw new Error('no such sync');
    return found;
  }
}
