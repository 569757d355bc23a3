import { recordDigest } from './canonical-digest.js';
import { GENESIS, recordName } from './evidence.js';
import type { EvidenceFault, EvidenceRecord, EvidenceSeal } from './evidence.js';

type PlacedSeal = Pick<EvidenceSeal, 'sequence' | 'digest'>;

const fits = (record: EvidenceRecord): boolean => recordDigest(record) === record.digest;

/** A record whose digest fits under another number was written there and moved here. */
const isMoved = (record: EvidenceRecord, length: number): boolean => {
  for (let sequence = 1; sequence <= length + 1; sequence += 1) {
    if (sequence !== record.sequence && fits({ ...record, sequence })) return true;
  }
  return false;
};

/**
 * Checks one chain as it comes, record by record in the order of their numbers, against the links and against what the blocks hold.
 * Only the first fault is kept: all that follows a broken link is suspect.
 */
export class ChainVerifier {
  readonly #chain: string;
  readonly #seals: ReadonlyMap<number, string>;
  readonly #lastSealed: number;
  #expected = 1;
  #previous = GENESIS;
  #fault: EvidenceFault | null = null;

  constructor(chain: string, seals: readonly PlacedSeal[]) {
    this.#chain = chain;
    this.#seals = new Map(seals.map(({ sequence, digest }) => [sequence, digest]));
    this.#lastSealed = seals.reduce((last, { sequence }) => Math.max(last, sequence), 0);
  }

  add(record: EvidenceRecord): void {
    this.#fault ??= this.#check(record);
    this.#expected = record.sequence + 1;
    this.#previous = record.digest;
  }

  /** The first fault of the chain, with what is missing at its end; null when all is as it was written. */
  end(): EvidenceFault | null {
    if (this.#fault !== null || this.#expected > this.#lastSealed) return this.#fault;
    return this.#at('deleted', this.#expected);
  }

  #at(kind: EvidenceFault['kind'], sequence: number): EvidenceFault {
    return { kind, where: recordName({ chain: this.#chain, sequence }) };
  }

  #check(record: EvidenceRecord): EvidenceFault | null {
    const { sequence } = record;
    const sealed = this.#seals.get(sequence);
    if (!fits(record)) return this.#at(isMoved(record, Math.max(this.#lastSealed, sequence)) ? 'moved' : 'changed', sequence);
    if (sequence > this.#expected) return this.#at('deleted', this.#expected);
    if (sequence < this.#expected) return this.#at('inserted', sequence);
    // The digest fits its fields, but it is not the one that was sealed: written anew.
    if (sealed !== undefined && sealed !== record.digest) return this.#at('changed', sequence);
    if (sealed === undefined && sequence < this.#lastSealed) return this.#at('inserted', sequence);
    if (record.previous !== this.#previous) return this.#at('inserted', sequence);
    return null;
  }
}

const verify = (chain: string, records: readonly EvidenceRecord[], seals: readonly PlacedSeal[]): EvidenceFault | null => {
  const verifier = new ChainVerifier(chain, seals);
  for (const record of records) verifier.add(record);
  return verifier.end();
};

/** The first fault of one chain whose records are all at hand; `records` in any order. */
export const findChainFault = (chain: string, records: readonly EvidenceRecord[], seals: readonly PlacedSeal[]): EvidenceFault | null => {
  const sorted = [...records].sort((left, right) => left.sequence - right.sequence);
  const twice = sorted.find((record, index) => sorted[index - 1]?.sequence === record.sequence)?.sequence;
  if (twice === undefined) return verify(chain, sorted, seals);
  const isBefore = ({ sequence }: PlacedSeal): boolean => sequence < twice;
  return verify(chain, sorted.filter(isBefore), seals.filter(isBefore)) ?? { kind: 'inserted', where: recordName({ chain, sequence: twice }) };
};
