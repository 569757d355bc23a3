import { blockDigest, messageDigest } from './canonical-digest.js';
import { findChainFault } from './chain-verifier.js';
import { laneChain, recordName } from './evidence.js';
import type { EvidenceFault } from './evidence.js';
import { statementText } from './evidence-bundle.js';
import type { EvidenceBundle } from './evidence-bundle.js';
import { isSigned, isSignedHead } from './head-signer.js';
import type { EvidencePublicKey } from './head-signer.js';
import { rootFromProof } from './merkle.js';
import type { StampCertificate } from './stamp-certificates.js';
import { checkStamps } from './stamp-check.js';

export interface BundleReport {
  readonly records: number;
  /** Records that a signed head vouches for; the others rest on the links alone. */
  readonly provenRecords: number;
  readonly missingBodies: number;
  /** Heads with a time-stamp; checked only where the reader named whom he trusts. */
  readonly stampedHeads: number;
  readonly faults: readonly EvidenceFault[];
}

type BundleRecord = EvidenceBundle['records'][number];
type BundleBlock = EvidenceBundle['blocks'][number];

const findHeadFaults = ({ heads }: EvidenceBundle, keys: readonly EvidencePublicKey[]): EvidenceFault[] => {
  const faults: EvidenceFault[] = [];
  for (const [index, head] of heads.entries()) {
    const before = heads[index - 1];
    const where = `head ${String(head.number)}`;
    if (before !== undefined && (head.number !== before.number + 1 || head.previous !== before.digest)) faults.push({ kind: 'head-broken', where });
    else if (!isSignedHead(head, keys)) faults.push({ kind: 'signature-refused', where });
  }
  return faults;
};

const findBlockFault = (block: BundleBlock, { heads }: EvidenceBundle): EvidenceFault | null => {
  const head = heads.find(({ number }) => number === block.head?.number);
  const isIntact = blockDigest(block) === block.digest
    && (block.head === null || (head !== undefined && rootFromProof(block.digest, block.head.proof) === head.root));
  return isIntact ? null : { kind: 'block-broken', where: `block ${String(block.number)}` };
};

const findRecordFault = (record: BundleRecord, blocks: ReadonlyMap<number, BundleBlock>): EvidenceFault | null => {
  if (record.body !== null && messageDigest(record.body) !== record.messageDigest) return { kind: 'body-changed', where: recordName(record) };
  if (record.seal === null) return null;
  const root = blocks.get(record.seal.block)?.root;
  return root === rootFromProof(record.digest, record.seal.proof) ? null : { kind: 'changed', where: recordName(record) };
};

/** What the exporter stated about the chain's length, against what is here: finds an end that was cut off. */
const findEndFault = ({ statement, records, dossierCode }: EvidenceBundle, keys: readonly EvidencePublicKey[]): EvidenceFault | null => {
  if (statement === null) return null;
  const chain = laneChain(dossierCode);
  if (statement.chain !== chain || !isSigned(Buffer.from(statementText(statement)), statement, keys)) return { kind: 'signature-refused', where: 'statement' };
  const last = records.reduce((length, { sequence }) => Math.max(length, sequence), 0);
  if (last < statement.length) return { kind: 'deleted', where: recordName({ chain, sequence: last + 1 }) };
  return last > statement.length ? { kind: 'inserted', where: recordName({ chain, sequence: statement.length + 1 }) } : null;
};

/**
 * Checks a bundle with nothing but itself, keys that the reader trusts, and authorities of time-stamps (null: they are not checked). The chain's own fault comes first, since it names the
 * record; then what the blocks, heads and the statement say.
 */
export const verifyBundle = (bundle: EvidenceBundle, keys: readonly EvidencePublicKey[], stampRoots: readonly StampCertificate[] | null = null): BundleReport => {
  const chain = laneChain(bundle.dossierCode);
  const blocks = new Map(bundle.blocks.map((block) => [block.number, block]));
  const foreign = bundle.records.find((record) => record.chain !== chain);
  const faults = [
    foreign === undefined ? null : { kind: 'inserted' as const, where: recordName(foreign) },
    findChainFault(chain, bundle.records, bundle.records.filter(({ seal }) => seal !== null)),
    ...bundle.records.map((record) => findRecordFault(record, blocks)),
    findEndFault(bundle, keys),
    ...bundle.blocks.map((block) => findBlockFault(block, bundle)),
    ...findHeadFaults(bundle, keys),
    ...(stampRoots === null ? [] : checkStamps(bundle.heads, bundle.stamps, stampRoots)),
  ].filter((fault) => fault !== null);
  const isProven = (record: BundleRecord): boolean => record.seal !== null && (blocks.get(record.seal.block)?.head ?? null) !== null;
  return {
    records: bundle.records.length,
    provenRecords: faults.length === 0 ? bundle.records.filter(isProven).length : 0,
    missingBodies: bundle.records.filter(({ body }) => body === null).length,
    stampedHeads: new Set(bundle.stamps.map(({ head }) => head)).size,
    faults,
  };
};
