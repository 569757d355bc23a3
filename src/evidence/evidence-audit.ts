import { messageDigest } from './canonical-digest.js';
import { BlockVerifier } from './block-verifier.js';
import { ChainVerifier } from './chain-verifier.js';
import { GENESIS, recordName } from './evidence.js';
import type { EvidenceBlock, EvidenceFault, EvidenceHead } from './evidence.js';
import type { EvidenceStore } from './evidence-store.js';
import { isSignedHead } from './head-signer.js';
import type { EvidencePublicKey } from './head-signer.js';
import { merkleRoot } from './merkle.js';
import type { StampCertificate } from './stamp-certificates.js';
import { checkStamps } from './stamp-check.js';
import type { TimeStampStore } from './time-stamp-store.js';

export interface AuditReport {
  readonly chains: number;
  readonly records: number;
  readonly blocks: number;
  readonly heads: number;
  /** Bodies that retention or erasure has deleted. */
  readonly missingBodies: number;
  /** Heads with a time-stamp; checked only where whom to trust is known. */
  readonly stampedHeads: number;
  readonly faults: readonly EvidenceFault[];
}

const PAGE = 500;
/** Beyond this many the reader has long understood. */
const MAX_FAULTS = 100;

/** Whom the reader of a check trusts. */
export interface EvidenceTrust {
  readonly keys: readonly EvidencePublicKey[];
  /** Null: time-stamps are counted, not checked. */
  readonly stampRoots: readonly StampCertificate[] | null;
}

export interface EvidenceAuditDeps {
  readonly store: EvidenceStore;
  readonly stamps: TimeStampStore;
  readonly trust: EvidenceTrust;
}

/** Checks what a database holds: links, bodies, blocks, heads. Reads in pages, so that its size does not matter. */
export class EvidenceAudit {
  readonly #store: EvidenceStore;
  readonly #stamps: TimeStampStore;
  readonly #keys: readonly EvidencePublicKey[];
  readonly #stampRoots: readonly StampCertificate[] | null;
  readonly #faults: EvidenceFault[] = [];
  #counts = { chains: 0, records: 0, blocks: 0, heads: 0, missingBodies: 0, stampedHeads: 0 };

  constructor({ store, stamps, trust }: EvidenceAuditDeps) {
    this.#store = store;
    this.#stamps = stamps;
    this.#keys = trust.keys;
    this.#stampRoots = trust.stampRoots;
  }

  /** Null: all chains. */
  async run(chain: string | null): Promise<AuditReport> {
    if (chain !== null) await this.#chain(chain);
    else for (let after = ''; ;) {
      const chains = await this.#store.chains(after, PAGE);
      for (const each of chains) await this.#chain(each);
      after = chains.at(-1) ?? '';
      if (chains.length < PAGE || this.#isFull()) break;
    }
    await this.#blocks();
    return { ...this.#counts, faults: this.#faults };
  }

  #isFull(): boolean {
    return this.#faults.length >= MAX_FAULTS;
  }

  #report(fault: EvidenceFault | null): void {
    if (fault !== null && !this.#isFull()) this.#faults.push(fault);
  }

  async #chain(chain: string): Promise<void> {
    const seals = await this.#store.sealsOfChain(chain);
    const verifier = new ChainVerifier(chain, seals);
    this.#counts.chains += 1;
    for (let after = 0; ;) {
      const records = await this.#store.records(chain, { after, limit: PAGE });
      const bodies = new Map((await this.#store.bodies(chain, { after, limit: PAGE })).map(({ sequence, body }) => [sequence, body]));
      for (const record of records) {
        verifier.add(record);
        const body = bodies.get(record.sequence) ?? null;
        if (body === null) this.#counts.missingBodies += 1;
        else if (messageDigest(body) !== record.messageDigest) this.#report({ kind: 'body-changed', where: recordName(record) });
      }
      this.#counts.records += records.length;
      after = records.at(-1)?.sequence ?? after;
      if (records.length < PAGE) break;
    }
    this.#report(verifier.end());
    const stray = await this.#store.stray(chain, seals.at(-1)?.sequence ?? 0);
    if (stray !== null) this.#report({ kind: 'inserted', where: recordName({ chain, sequence: stray }) });
  }

  async #blocks(): Promise<void> {
    const verifier = new BlockVerifier();
    const all = await this.#allHeads();
    await this.#stampsOf(all);
    const heads = new HeadAudit(all, this.#keys);
    for (let after = 0; ;) {
      const blocks = await this.#store.blocks({ after, limit: PAGE });
      for (const block of blocks) {
        this.#report(verifier.check(block, await this.#store.sealsOfBlock(block.number)));
        this.#report(heads.add(block));
      }
      this.#counts.blocks += blocks.length;
      after = blocks.at(-1)?.number ?? after;
      if (blocks.length < PAGE || this.#isFull()) break;
    }
    this.#report(heads.end());
  }

  async #stampsOf(heads: readonly EvidenceHead[]): Promise<void> {
    for (let after = 0; ;) {
      const page = await this.#stamps.stamps({ after, limit: PAGE });
      this.#counts.stampedHeads += page.length;
      for (const fault of this.#stampRoots === null ? [] : checkStamps(heads, page, this.#stampRoots)) this.#report(fault);
      after = page.at(-1)?.head ?? after;
      if (page.length < PAGE) break;
    }
  }

  async #allHeads(): Promise<readonly EvidenceHead[]> {
    const heads: EvidenceHead[] = [];
    for (let after = 0; ;) {
      const page = await this.#store.heads({ after, limit: PAGE });
      heads.push(...page);
      after = page.at(-1)?.number ?? after;
      if (page.length < PAGE) break;
    }
    this.#counts.heads = heads.length;
    return heads;
  }
}

/** Checks heads against the blocks as these come by, in the order of their numbers. */
export class HeadAudit {
  readonly #heads: readonly EvidenceHead[];
  readonly #keys: readonly EvidencePublicKey[];
  #index = 0;
  #digests: string[] = [];

  constructor(heads: readonly EvidenceHead[], keys: readonly EvidencePublicKey[]) {
    this.#heads = heads;
    this.#keys = keys;
  }

  add(block: EvidenceBlock): EvidenceFault | null {
    const head = this.#heads[this.#index];
    if (head === undefined || block.number < head.firstBlock) return null;
    if (block.number < head.lastBlock) {
      this.#digests.push(block.digest);
      return null;
    }
    const digests = block.number === head.lastBlock ? [...this.#digests, block.digest] : this.#digests;
    this.#digests = [];
    this.#index += 1;
    return this.#fault(head, digests);
  }

  /** A head whose blocks are gone. */
  end(): EvidenceFault | null {
    const head = this.#heads[this.#index];
    return head === undefined ? null : { kind: 'head-broken', where: `head ${String(head.number)}` };
  }

  #fault(head: EvidenceHead, digests: readonly string[]): EvidenceFault | null {
    const where = `head ${String(head.number)}`;
    const before = this.#heads[this.#index - 2];
    if (head.number !== this.#index || head.previous !== (before?.digest ?? GENESIS)) return { kind: 'head-broken', where };
    if (digests.length === 0 || merkleRoot(digests) !== head.root) return { kind: 'head-broken', where };
    return isSignedHead(head, this.#keys) ? null : { kind: 'signature-refused', where };
  }
}
