import { blockDigest, messageDigest, recordDigest } from '../../../src/evidence/canonical-digest.js';
import { GENESIS, laneChain } from '../../../src/evidence/evidence.js';
import type { EvidenceBlock, EvidenceRecord } from '../../../src/evidence/evidence.js';
import type { EvidenceBundle } from '../../../src/evidence/evidence-bundle.js';
import { statementText } from '../../../src/evidence/evidence-bundle.js';
import { BUNDLE_GUIDE, indexLine } from '../../../src/evidence/evidence-texts.js';
import { publicKeysOf, signBytes, signHead } from '../../../src/evidence/head-signer.js';
import { merkleProof, merkleRoot } from '../../../src/evidence/merkle.js';

export const KEY = { id: 'k1', key: Buffer.alloc(32, 7) };
export const CODE = '000.00.01.H42-250101-0001';
const AT = '2026-11-23T01:02:03.000004Z';

export const linkRecord = (sequence: number, previous: string, message: string): EvidenceRecord => {
  const record = { chain: laneChain(CODE), sequence, at: AT, kind: 'exchange', actor: 'party/x', subject: `delivery/${String(sequence)}`, messageDigest: messageDigest(message), previous };
  return { ...record, id: String(sequence), digest: recordDigest(record) };
};

/** A sound bundle: one record a message, `perBlock` of them to a block, two blocks to a head. */
export const buildBundle = (messages: readonly string[], perBlock = 3): EvidenceBundle => {
  const records: EvidenceRecord[] = [];
  for (const message of messages) records.push(linkRecord(records.length + 1, records.at(-1)?.digest ?? GENESIS, message));
  const groups = Array.from({ length: Math.ceil(records.length / perBlock) }, (_, index) => records.slice(index * perBlock, (index + 1) * perBlock));
  const blocks: EvidenceBlock[] = [];
  for (const group of groups) {
    const block = { number: blocks.length + 1, at: AT, recordCount: group.length, root: merkleRoot(group.map(({ digest }) => digest)), previous: blocks.at(-1)?.digest ?? GENESIS };
    blocks.push({ ...block, digest: blockDigest(block) });
  }
  const heads: EvidenceBundle['heads'] = [];
  for (let first = 0; first < blocks.length; first += 2) {
    const under = blocks.slice(first, first + 2);
    heads.push(signHead({ number: heads.length + 1, at: AT, firstBlock: first + 1, lastBlock: first + under.length, root: merkleRoot(under.map(({ digest }) => digest)), previous: heads.at(-1)?.digest ?? GENESIS }, KEY));
  }
  const statement = { chain: laneChain(CODE), length: records.length, lastDigest: records.at(-1)?.digest ?? GENESIS, at: AT, keyId: KEY.id };
  return {
    format: 'onestop-evidence-bundle-1', dossierCode: CODE, guide: BUNDLE_GUIDE, index: records.map(indexLine), heads, stamps: [],
    records: records.map((record, index) => {
      const group = groups[Math.floor(index / perBlock)] ?? [];
      const position = index % perBlock;
      return { ...record, body: messages[index] ?? null, seal: { block: Math.floor(index / perBlock) + 1, position, proof: [...merkleProof(group.map(({ digest }) => digest), position)] } };
    }),
    blocks: blocks.map((block, index) => {
      const head = Math.floor(index / 2) + 1;
      const under = blocks.slice((head - 1) * 2, head * 2);
      return { ...block, head: { number: head, proof: [...merkleProof(under.map(({ digest }) => digest), index % 2)] } };
    }),
    statement: { ...statement, signature: signBytes(Buffer.from(statementText(statement)), KEY) },
    publicKeys: [...publicKeysOf([KEY])],
  };
};
