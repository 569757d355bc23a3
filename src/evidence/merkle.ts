import { createHash } from 'node:crypto';

/** One step of the way from a leaf to the root: the other child, and on which side it stands. */
export interface ProofStep {
  readonly side: 'left' | 'right';
  readonly digest: string;
}

// Leaves and inner nodes are hashed under different first bytes, so that neither can pass for the other (RFC 6962, 2.1).
const leafOf = (digest: string): string => createHash('sha256').update(Buffer.concat([Buffer.from([0]), Buffer.from(digest, 'hex')])).digest('hex');
const nodeOf = (left: string, right: string): string =>
  createHash('sha256').update(Buffer.concat([Buffer.from([1]), Buffer.from(left, 'hex'), Buffer.from(right, 'hex')])).digest('hex');

/** All levels, leaves first; a node without a partner goes up as it is. */
const levelsOf = (digests: readonly string[]): string[][] => {
  let level = digests.map(leafOf);
  const levels = [level];
  while (level.length > 1) {
    const above: string[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const left = level[index] ?? '';
      const right = level[index + 1];
      above.push(right === undefined ? left : nodeOf(left, right));
    }
    levels.push(above);
    level = above;
  }
  return levels;
};

/** Root over a non-empty list of digests in hex. Throws RangeError for an empty one. */
export const merkleRoot = (digests: readonly string[]): string => {
  const root = levelsOf(digests).at(-1)?.[0];
  if (root === undefined) throw new RangeError('A Merkle tree needs a leaf');
  return root;
};

export const merkleProof = (digests: readonly string[], index: number): readonly ProofStep[] => {
  const proof: ProofStep[] = [];
  let position = index;
  for (const level of levelsOf(digests)) {
    const isRight = position % 2 === 1;
    const other = level[isRight ? position - 1 : position + 1];
    if (other !== undefined) proof.push({ side: isRight ? 'left' : 'right', digest: other });
    position = Math.floor(position / 2);
  }
  return proof;
};

/** The root that a proof leads to from this leaf. */
export const rootFromProof = (digest: string, proof: readonly ProofStep[]): string =>
  proof.reduce((node, step) => (step.side === 'left' ? nodeOf(step.digest, node) : nodeOf(node, step.digest)), leafOf(digest));
