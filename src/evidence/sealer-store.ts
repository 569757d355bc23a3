import type pg from 'pg';
import type { EvidenceBlock, EvidenceHead } from './evidence.js';

/** Arbitrary, but the same in every process: sealers take turns. */
const SEALER_LOCK = 5_001;

/** A committed record that no block holds. */
export interface UnsealedRecord {
  readonly id: string;
  readonly chain: string;
  readonly sequence: number;
  readonly digest: string;
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Writes of the sealer; each inside its transaction. */
export class SealerStore {
  /** Waits until no other sealer is at work; released by the end of the transaction. */
  async takeTurn(client: pg.ClientBase): Promise<void> {
    await client.query('SELECT pg_advisory_xact_lock($1)', [SEALER_LOCK]);
  }

  /** Takes records off the list, in the order of their ids, which within a chain is the order of the chain. */
  async take(client: pg.ClientBase, limit: number): Promise<readonly UnsealedRecord[]> {
    const { rows } = await client.query<UnsealedRecord>(
      `WITH taken AS (DELETE FROM evidence_unsealed WHERE evidence_id IN (SELECT evidence_id FROM evidence_unsealed ORDER BY evidence_id LIMIT $1) RETURNING evidence_id)
       SELECT e.id, e.chain, e.sequence::float8 AS sequence, encode(e.digest, 'hex') AS digest FROM taken JOIN evidence e ON e.id = taken.evidence_id ORDER BY e.id`, [limit]);
    return rows;
  }

  /** UTC with microseconds, by the database's clock. */
  async now(client: pg.ClientBase): Promise<string> {
    const { rows } = await client.query<{ at: string }>('SELECT evidence_time(clock_timestamp()) AS at');
    return rows[0]?.at ?? '';
  }

  async addBlock(client: pg.ClientBase, block: EvidenceBlock, records: readonly UnsealedRecord[]): Promise<void> {
    await client.query({
      text: 'INSERT INTO evidence_blocks (number, at, record_count, root, previous, digest) VALUES ($1, $2, $3, $4, $5, $6)',
      values: [block.number, block.at, block.recordCount, hex(block.root), hex(block.previous), hex(block.digest)],
    });
    await client.query({
      text: `INSERT INTO evidence_seals (evidence_id, block, position, chain, sequence, digest)
             SELECT id, $1, (ord - 1)::integer, chain, sequence, decode(digest, 'hex')
             FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY AS r (id, chain, sequence, digest, ord)`,
      values: [block.number, records.map(({ id }) => id), records.map(({ chain }) => chain), records.map(({ sequence }) => sequence), records.map(({ digest }) => digest)],
    });
  }

  async addHead(client: pg.ClientBase, head: EvidenceHead): Promise<void> {
    await client.query({
      text: `INSERT INTO evidence_heads (number, at, first_block, last_block, root, previous, digest, key_id, signature)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      values: [head.number, head.at, head.firstBlock, head.lastBlock, hex(head.root), hex(head.previous), hex(head.digest), head.keyId, Buffer.from(head.signature, 'base64')],
    });
  }
}
