import { GENESIS, laneChain } from './evidence.js';
import type { EvidenceHead, EvidenceRecord } from './evidence.js';
import { statementText } from './evidence-bundle.js';
import type { BundleStatement, EvidenceBundle } from './evidence-bundle.js';
import type { EvidenceStore } from './evidence-store.js';
import { BUNDLE_GUIDE, indexLine } from './evidence-texts.js';
import { publicKeysOf, signBytes } from './head-signer.js';
import type { SigningKey } from './head-signer.js';
import { merkleProof } from './merkle.js';
import type { Sealer } from './sealer.js';
import type { TimeStampStore } from './time-stamp-store.js';

export interface EvidenceExportDeps {
  readonly store: EvidenceStore;
  readonly sealer: Sealer;
  readonly signingKeys: readonly SigningKey[];
  readonly stamps: TimeStampStore;
  /** Tries to stamp what lacks a stamp; a bundle is made without it as well. */
  readonly stampNow: () => Promise<unknown>;
  readonly now: () => Date;
}

const PAGE = 500;

/** Everything after a number, page by page. */
const readAll = async <Row>(read: (page: { after: number; limit: number }) => Promise<readonly Row[]>, numberOf: (row: Row) => number, from = 0): Promise<Row[]> => {
  const all: Row[] = [];
  for (let after = from; ;) {
    const page = await read({ after, limit: PAGE });
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return all;
    after = numberOf(last);
  }
};

/** Makes the bundle of one dossier. Seals and signs first, so that all that is committed is covered. */
export class EvidenceExport {
  readonly #deps: EvidenceExportDeps;

  constructor(deps: EvidenceExportDeps) {
    this.#deps = deps;
  }

  /** Null: there is no evidence of that dossier. */
  async bundle(dossierCode: string): Promise<EvidenceBundle | null> {
    const { store, sealer, signingKeys, stamps, stampNow } = this.#deps;
    await sealer.seal();
    await sealer.signHead(0);
    await stampNow();
    const chain = laneChain(dossierCode);
    const records = await readAll((page) => store.records(chain, page), ({ sequence }) => sequence);
    if (records.length === 0) return null;
    const bodies = new Map((await readAll((page) => store.bodies(chain, page), ({ sequence }) => sequence)).map(({ sequence, body }) => [sequence, body]));
    const sealed = await this.#sealed(chain);
    const heads = await readAll((page) => store.heads(page), (head) => head.number);
    const blocks = await this.#blocks([...sealed.blocks], heads);
    const firstHead = Math.min(...blocks.map(({ head }) => head?.number ?? Infinity));
    return {
      format: 'onestop-evidence-bundle-1', dossierCode, guide: BUNDLE_GUIDE, index: records.map(indexLine),
      records: records.map((record) => ({ ...record, body: bodies.get(record.sequence) ?? null, seal: sealed.seals.get(record.sequence) ?? null })),
      blocks, heads: heads.filter(({ number }) => number >= firstHead),
      stamps: Number.isFinite(firstHead) ? await readAll((page) => stamps.stamps(page), ({ head }) => head, firstHead - 1) : [],
      statement: this.#statement(chain, records), publicKeys: [...publicKeysOf(signingKeys)],
    };
  }

  async #sealed(chain: string): Promise<{ seals: Map<number, EvidenceBundle['records'][number]['seal']>; blocks: Set<number> }> {
    const seals = new Map<number, EvidenceBundle['records'][number]['seal']>();
    const digests = new Map<number, string[]>();
    for (const { sequence, block, position } of await this.#deps.store.sealsOfChain(chain)) {
      const known = digests.get(block) ?? (await this.#deps.store.sealsOfBlock(block)).map(({ digest }) => digest);
      digests.set(block, known);
      seals.set(sequence, { block, position, proof: [...merkleProof(known, position)] });
    }
    return { seals, blocks: new Set(digests.keys()) };
  }

  async #blocks(numbers: readonly number[], heads: readonly EvidenceHead[]): Promise<EvidenceBundle['blocks']> {
    const found: EvidenceBundle['blocks'] = [];
    const digests = new Map<number, string[]>();
    for (const number of numbers.toSorted((left, right) => left - right)) {
      const [block] = await this.#deps.store.blocks({ after: number - 1, limit: 1 });
      if (block === undefined) continue;
      const head = heads.find(({ firstBlock, lastBlock }) => firstBlock <= number && number <= lastBlock);
      if (head === undefined) {
        found.push({ ...block, head: null });
        continue;
      }
      const known = digests.get(head.number) ?? await this.#digestsUnder(head);
      digests.set(head.number, known);
      found.push({ ...block, head: { number: head.number, proof: [...merkleProof(known, number - head.firstBlock)] } });
    }
    return found;
  }

  async #digestsUnder({ firstBlock, lastBlock }: EvidenceHead): Promise<string[]> {
    const blocks = await readAll(({ after, limit }) => this.#deps.store.blocks({ after, limit: Math.min(limit, lastBlock - after) }), ({ number }) => number, firstBlock - 1);
    return blocks.map(({ digest }) => digest);
  }

  #statement(chain: string, records: readonly EvidenceRecord[]): BundleStatement | null {
    const [key] = this.#deps.signingKeys;
    if (key === undefined) return null;
    const last = records.at(-1);
    const unsigned = { chain, length: last?.sequence ?? 0, lastDigest: last?.digest ?? GENESIS, at: this.#deps.now().toISOString(), keyId: key.id };
    return { ...unsigned, signature: signBytes(Buffer.from(statementText(unsigned)), key) };
  }
}
