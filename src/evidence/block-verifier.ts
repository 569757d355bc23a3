import { blockDigest } from './canonical-digest.js';
import { GENESIS, recordName } from './evidence.js';
import type { EvidenceBlock, EvidenceFault, EvidenceSeal } from './evidence.js';
import { merkleRoot } from './merkle.js';

const broken = (number: number): EvidenceFault => ({ kind: 'block-broken', where: `block ${String(number)}` });

/** Whether the seals of a block are those that its root was made over. */
const holds = (block: EvidenceBlock, seals: readonly EvidenceSeal[]): boolean =>
  seals.length === block.recordCount && seals.length > 0 && seals.every(({ position }, index) => position === index)
  && merkleRoot(seals.map(({ digest }) => digest)) === block.root;

/** Checks blocks as they come, in the order of their numbers. */
export class BlockVerifier {
  #expected = 1;
  #previous = GENESIS;

  /** `seals` in the order of their positions. The fault of this block, or null. */
  check(block: EvidenceBlock, seals: readonly EvidenceSeal[]): EvidenceFault | null {
    const fault = this.#fault(block, seals);
    this.#expected = block.number + 1;
    this.#previous = block.digest;
    return fault;
  }

  #fault(block: EvidenceBlock, seals: readonly EvidenceSeal[]): EvidenceFault | null {
    if (block.number !== this.#expected) return broken(this.#expected);
    if (blockDigest(block) !== block.digest || block.previous !== this.#previous) return broken(block.number);
    if (holds(block, seals)) return null;
    const gap = seals.find(({ position }, index) => position !== index) ?? seals[0];
    return { kind: 'block-broken', where: `block ${String(block.number)}${gap === undefined ? '' : ` near ${recordName(gap)}`}` };
  }
}
