import { AgencyTree } from './agency-tree.js';
import type { AgencyStore } from './agency-store.js';

/**
 * The tree in memory, never older than the database was when it was asked for: each use compares versions. Simultaneous users share one
 * look, but only one that began after they asked.
 */
export class AgencyDirectory {
  readonly #store: AgencyStore;
  #held: { readonly version: string; readonly tree: AgencyTree } | null = null;
  #running: Promise<AgencyTree> | null = null;
  #next: Promise<AgencyTree> | null = null;

  constructor(store: AgencyStore) {
    this.#store = store;
  }

  /** Rejects with UnavailableError when the database is away: an old tree would show what has been closed. */
  current(): Promise<AgencyTree> {
    if (this.#running === null) return this.#start();
    const running = this.#running;
    this.#next ??= running.then(() => this.#start(), () => this.#start());
    return this.#next;
  }

  #start(): Promise<AgencyTree> {
    this.#next = null;
    const look = this.#look().finally(() => {
      if (this.#running === look) this.#running = null;
    });
    this.#running = look;
    return look;
  }

  async #look(): Promise<AgencyTree> {
    const version = await this.#store.version();
    if (this.#held?.version === version) return this.#held.tree;
    const loaded = await this.#store.load();
    this.#held = { version: loaded.version, tree: new AgencyTree(loaded.agencies) };
    return this.#held.tree;
  }
}
