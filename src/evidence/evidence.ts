/** Digests are lower-case hex of SHA-256; instants are UTC texts with microseconds, as PostgreSQL keeps them and a Date cannot. */
export interface EvidenceRecord {
  readonly id: string;
  /** `lane/<dossier code>`, `client/<name>`, `operators`, `access`: records of one chain are linked one to the other. */
  readonly chain: string;
  /** From 1 on, without a gap. */
  readonly sequence: number;
  readonly at: string;
  readonly kind: string;
  /** Who: `client/…`, `operator/…`, `party/…`, `gateway`, or `anonymous`. */
  readonly actor: string;
  readonly subject: string;
  readonly messageDigest: string;
  readonly previous: string;
  readonly digest: string;
}

/** What is appended: the message's digest goes into the record, the message is kept apart and may be deleted. */
export interface EvidenceEntry {
  readonly chain: string;
  readonly kind: string;
  readonly actor: string;
  readonly subject: string;
  /** Canonical text, already without personal data that it need not hold. */
  readonly message: string;
}

/** A record's place in a block. */
export interface EvidenceSeal {
  readonly block: number;
  /** From 0 on. */
  readonly position: number;
  readonly chain: string;
  readonly sequence: number;
  readonly digest: string;
}

/** Closes over the records that were committed since the block before it. */
export interface EvidenceBlock {
  readonly number: number;
  readonly at: string;
  readonly recordCount: number;
  /** Merkle root over the digests of the records, in their positions. */
  readonly root: string;
  readonly previous: string;
  readonly digest: string;
}

/** Signed statement over the blocks since the head before it. */
export interface EvidenceHead {
  readonly number: number;
  readonly at: string;
  readonly firstBlock: number;
  readonly lastBlock: number;
  /** Merkle root over the digests of its blocks. */
  readonly root: string;
  readonly previous: string;
  readonly digest: string;
  readonly keyId: string;
  /** Ed25519 over the digest's 32 bytes, base64. */
  readonly signature: string;
}

export type EvidenceFaultKind = 'changed' | 'deleted' | 'inserted' | 'moved' | 'body-changed' | 'block-broken' | 'head-broken' | 'signature-refused' | 'stamp-refused';

/** Something that is not as it was written; `where` names it, such as `lane/000.00.01.H42-250101-0001 #7` or `block 12`. */
export interface EvidenceFault {
  readonly kind: EvidenceFaultKind;
  readonly where: string;
}

/** What comes before the first record, block and head. */
export const GENESIS = '0'.repeat(64);

export const recordName = ({ chain, sequence }: Pick<EvidenceRecord, 'chain' | 'sequence'>): string => `${chain} #${String(sequence)}`;
export const laneChain = (dossierCode: string): string => `lane/${dossierCode}`;
