import type { Queryable } from '../store/database.js';
import type { EvidenceBlock, EvidenceHead, EvidenceRecord, EvidenceSeal } from './evidence.js';

/** Sequence, block and position numbers stay far below 2^53, so they travel as JavaScript numbers. */
const RECORD = `e.id, e.chain, e.sequence::float8 AS sequence, evidence_time(e.at) AS at, e.kind, e.actor, e.subject,
  encode(e.message_digest, 'hex') AS "messageDigest", encode(e.previous, 'hex') AS previous, encode(e.digest, 'hex') AS digest`;
const SEAL = `s.block::float8 AS block, s.position, s.chain, s.sequence::float8 AS sequence, encode(s.digest, 'hex') AS digest`;
const BLOCK = `b.number::float8 AS number, evidence_time(b.at) AS at, b.record_count AS "recordCount", encode(b.root, 'hex') AS root,
  encode(b.previous, 'hex') AS previous, encode(b.digest, 'hex') AS digest`;
const HEAD = `h.number::float8 AS number, evidence_time(h.at) AS at, h.first_block::float8 AS "firstBlock", h.last_block::float8 AS "lastBlock",
  encode(h.root, 'hex') AS root, encode(h.previous, 'hex') AS previous, encode(h.digest, 'hex') AS digest, h.key_id AS "keyId",
  encode(h.signature, 'base64') AS signature`;

/** A page after a number, which is the last one of the page before. */
export interface AfterNumber {
  readonly after: number;
  readonly limit: number;
}

export interface EvidenceBody {
  readonly sequence: number;
  /** Null: deleted by retention or erasure; the record keeps its digest. */
  readonly body: string | null;
}

export interface SealLag {
  readonly unsealed: number;
  /** Seconds since the oldest record that no block holds; null when there is none. */
  readonly oldestSeconds: number | null;
}

/** Reads of evidence. */
export class EvidenceStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async records(chain: string, { after, limit }: AfterNumber): Promise<readonly EvidenceRecord[]> {
    return this.#rows<EvidenceRecord>(`SELECT ${RECORD} FROM evidence e WHERE e.chain = $1 AND e.sequence > $2 ORDER BY e.sequence LIMIT $3`, [chain, after, limit]);
  }

  /** Bodies of the records in that range, of the journal's rows too. */
  async bodies(chain: string, { after, limit }: AfterNumber): Promise<readonly EvidenceBody[]> {
    return this.#rows<EvidenceBody>(
      `SELECT e.sequence::float8 AS sequence, CASE WHEN a.id IS NULL THEN b.body ELSE attempt_message(a) END AS body
         FROM evidence e LEFT JOIN evidence_bodies b ON b.evidence_id = e.id LEFT JOIN attempts a ON a.id = e.attempt_id
         WHERE e.chain = $1 AND e.sequence > $2 ORDER BY e.sequence LIMIT $3`, [chain, after, limit]);
  }

  /** Chains after a name, of which anything is left: a record or a seal. */
  async chains(after: string, limit: number): Promise<readonly string[]> {
    const rows = await this.#rows<{ chain: string }>(
      `(SELECT DISTINCT chain FROM evidence WHERE chain > $1 ORDER BY chain LIMIT $2) UNION
         (SELECT DISTINCT chain FROM evidence_seals WHERE chain > $1 ORDER BY chain LIMIT $2) ORDER BY chain LIMIT $2`, [after, limit]);
    return rows.map(({ chain }) => chain);
  }

  async sealsOfChain(chain: string): Promise<readonly EvidenceSeal[]> {
    return this.#rows<EvidenceSeal>(`SELECT ${SEAL} FROM evidence_seals s WHERE s.chain = $1 ORDER BY s.sequence`, [chain]);
  }

  /** The first record of a chain that is neither in a block nor on the sealer's list; null when there is none. */
  async stray(chain: string, afterSequence: number): Promise<number | null> {
    const rows = await this.#rows<{ sequence: number | null }>(
      `SELECT min(e.sequence)::float8 AS sequence FROM evidence e WHERE e.chain = $1 AND e.sequence > $2
         AND NOT EXISTS (SELECT 1 FROM evidence_unsealed u WHERE u.evidence_id = e.id) AND NOT EXISTS (SELECT 1 FROM evidence_seals s WHERE s.evidence_id = e.id)`,
      [chain, afterSequence]);
    return rows[0]?.sequence ?? null;
  }

  async sealsOfBlock(block: number): Promise<readonly EvidenceSeal[]> {
    return this.#rows<EvidenceSeal>(`SELECT ${SEAL} FROM evidence_seals s WHERE s.block = $1 ORDER BY s.position`, [block]);
  }

  async blocks({ after, limit }: AfterNumber): Promise<readonly EvidenceBlock[]> {
    return this.#rows<EvidenceBlock>(`SELECT ${BLOCK} FROM evidence_blocks b WHERE b.number > $1 ORDER BY b.number LIMIT $2`, [after, limit]);
  }

  async lastBlock(): Promise<EvidenceBlock | null> {
    return (await this.#rows<EvidenceBlock>(`SELECT ${BLOCK} FROM evidence_blocks b ORDER BY b.number DESC LIMIT 1`, []))[0] ?? null;
  }

  async heads({ after, limit }: AfterNumber): Promise<readonly EvidenceHead[]> {
    return this.#rows<EvidenceHead>(`SELECT ${HEAD} FROM evidence_heads h WHERE h.number > $1 ORDER BY h.number LIMIT $2`, [after, limit]);
  }

  async lastHead(): Promise<EvidenceHead | null> {
    return (await this.#rows<EvidenceHead>(`SELECT ${HEAD} FROM evidence_heads h ORDER BY h.number DESC LIMIT 1`, []))[0] ?? null;
  }

  async lag(): Promise<SealLag> {
    const rows = await this.#rows<SealLag>(
      `SELECT count(*)::integer AS unsealed, extract(epoch FROM clock_timestamp() - min(e.at))::float8 AS "oldestSeconds"
         FROM evidence_unsealed u JOIN evidence e ON e.id = u.evidence_id`, []);
    return rows[0] ?? { unsealed: 0, oldestSeconds: null };
  }

  async #rows<Row extends object>(text: string, values: unknown[]): Promise<readonly Row[]> {
    return (await this.#database.query(text, values)).rows as Row[];
  }
}
