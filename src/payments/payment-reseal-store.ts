import type { Queryable } from '../store/database.js';

/** A sealed text, with what its seal is bound to. */
export interface SealedRow {
  readonly id: string;
  readonly reference: string;
  readonly sealed: string;
}

export interface SealedCredit {
  readonly id: string;
  readonly party: string;
  readonly bankReference: string;
  readonly sealed: string;
}

interface Resealed {
  readonly id: string;
  readonly sealed: string;
}

interface Batch {
  readonly keyId: string;
  readonly limit: number;
}

const columnsOf = (rows: readonly Resealed[]): readonly [readonly string[], readonly string[]] => [rows.map(({ id }) => id), rows.map(({ sealed }) => sealed)];

/** Statements that bring sealed texts of payments under another key; rows that are read are locked. */
export class PaymentResealStore {
  async contents(client: Queryable, { keyId, limit }: Batch): Promise<readonly SealedRow[]> {
    const { rows } = await client.query<SealedRow>('SELECT id, reference, content AS sealed FROM payments WHERE content IS NOT NULL AND key_id <> $1 ORDER BY id LIMIT $2 FOR UPDATE', [keyId, limit]);
    return rows;
  }

  async setContents(client: Queryable, keyId: string, rows: readonly Resealed[]): Promise<void> {
    await client.query('UPDATE payments p SET content = n.content, key_id = $3 FROM unnest($1::bigint[], $2::text[]) AS n (id, content) WHERE p.id = n.id', [...columnsOf(rows), keyId]);
  }

  /** By the key that each token names: a code comes after its row, perhaps from a process that still has the key before. */
  async codes(client: Queryable, { keyId, limit }: Batch): Promise<readonly SealedRow[]> {
    const { rows } = await client.query<SealedRow>(`SELECT id, reference, qr_sealed AS sealed FROM payments WHERE split_part(qr_sealed, '.', 1) <> $1 ORDER BY id LIMIT $2 FOR UPDATE`, [keyId, limit]);
    return rows;
  }

  /** The same of links; those of earlier releases name no key. */
  async links(client: Queryable, { keyId, limit }: Batch): Promise<readonly SealedRow[]> {
    const { rows } = await client.query<SealedRow>(`SELECT id, reference, pay_url AS sealed FROM payments WHERE split_part(pay_url, '.', 1) <> $1 ORDER BY id LIMIT $2 FOR UPDATE`, [keyId, limit]);
    return rows;
  }

  async setLinks(client: Queryable, rows: readonly Resealed[]): Promise<void> {
    await client.query('UPDATE payments p SET pay_url = n.sealed FROM unnest($1::bigint[], $2::text[]) AS n (id, sealed) WHERE p.id = n.id', [...columnsOf(rows)]);
  }

  async setCodes(client: Queryable, rows: readonly Resealed[]): Promise<void> {
    await client.query('UPDATE payments p SET qr_sealed = n.sealed FROM unnest($1::bigint[], $2::text[]) AS n (id, sealed) WHERE p.id = n.id', [...columnsOf(rows)]);
  }

  async credits(client: Queryable, { keyId, limit }: Batch): Promise<readonly SealedCredit[]> {
    const { rows } = await client.query<SealedCredit>(
      'SELECT id, party, bank_reference AS "bankReference", content_sealed AS sealed FROM unmatched_credits WHERE content_sealed IS NOT NULL AND key_id <> $1 ORDER BY id LIMIT $2 FOR UPDATE', [keyId, limit]);
    return rows;
  }

  async setCredits(client: Queryable, keyId: string, rows: readonly Resealed[]): Promise<void> {
    await client.query('UPDATE unmatched_credits u SET content_sealed = n.content, key_id = $3 FROM unnest($1::bigint[], $2::text[]) AS n (id, content) WHERE u.id = n.id', [...columnsOf(rows), keyId]);
  }
}
