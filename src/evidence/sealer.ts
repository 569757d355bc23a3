import type { Database } from '../store/database.js';
import { blockDigest } from './canonical-digest.js';
import { GENESIS } from './evidence.js';
import type { EvidenceHead } from './evidence.js';
import { EvidenceStore } from './evidence-store.js';
import { signHead } from './head-signer.js';
import type { SigningKey } from './head-signer.js';
import { merkleRoot } from './merkle.js';
import type { SealerStore } from './sealer-store.js';

export interface SealerDeps {
  readonly database: Database;
  readonly store: SealerStore;
  /** The first signs; without any no head is made. */
  readonly signingKeys: readonly SigningKey[];
}

/** A block of this size is hashed within some tens of milliseconds. */
const BLOCK_SIZE = 5_000;
/** More blocks than a day of sealing every few seconds makes. */
const MAX_BLOCKS_PER_HEAD = 50_000;

/**
 * Puts committed records into blocks, and blocks under signed heads, so that a chain that was cut off or removed as a whole is
 * missed. Any number of sealers may run; a crash in the middle leaves nothing behind, since each step is one transaction.
 */
export class Sealer {
  readonly #deps: SealerDeps;

  constructor(deps: SealerDeps) {
    this.#deps = deps;
  }

  /** Seals all that is committed; returns how many records. */
  async seal(): Promise<number> {
    for (let total = 0; ;) {
      const sealed = await this.#sealBlock();
      total += sealed;
      if (sealed < BLOCK_SIZE) return total;
    }
  }

  /** Signs a head over the blocks since the last one, unless that is younger than `everyMs` or there is nothing new. Null: none made. */
  async signHead(everyMs: number): Promise<EvidenceHead | null> {
    const [key] = this.#deps.signingKeys;
    if (key === undefined) return null;
    return this.#deps.database.transaction(async (client) => {
      await this.#deps.store.takeTurn(client);
      const reads = new EvidenceStore(client);
      const last = await reads.lastHead();
      const at = await this.#deps.store.now(client);
      if (last !== null && Date.parse(at) - Date.parse(last.at) < everyMs) return null;
      const blocks = await reads.blocks({ after: last?.lastBlock ?? 0, limit: MAX_BLOCKS_PER_HEAD });
      const [first] = blocks;
      if (first === undefined) return null;
      const head = signHead({
        number: (last?.number ?? 0) + 1, at, firstBlock: first.number, lastBlock: first.number + blocks.length - 1,
        root: merkleRoot(blocks.map(({ digest }) => digest)), previous: last?.digest ?? GENESIS,
      }, key);
      await this.#deps.store.addHead(client, head);
      return head;
    });
  }

  #sealBlock(): Promise<number> {
    const { database, store } = this.#deps;
    return database.transaction(async (client) => {
      await store.takeTurn(client);
      const records = await store.take(client, BLOCK_SIZE);
      if (records.length === 0) return 0;
      const last = await new EvidenceStore(client).lastBlock();
      const block = {
        number: (last?.number ?? 0) + 1, at: await store.now(client), recordCount: records.length,
        root: merkleRoot(records.map(({ digest }) => digest)), previous: last?.digest ?? GENESIS,
      };
      await store.addBlock(client, { ...block, digest: blockDigest(block) }, records);
      return records.length;
    });
  }
}
