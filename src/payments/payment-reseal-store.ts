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

/** Code to photograph, and link to the pay page. */
export type TokenColumn = 'qr_sealed' | 'pay_url';

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

  /** By the key that each token names: it comes after its row, perhaps from a process that still has the key before. A link of an earlier release names none. */
  async tokens(client: Queryable, column: TokenColumn, { keyId, limit }: Batch): Promise<readonly SealedRow[]> {
    const { rows } = await client.query<SealedRow>(`SELECT id, reference, ${column} AS sealed FROM payments WHERE split_part(${column}, '.', 1) <> $1 ORDER BY id LIMIT $2 FOR UPDATE`, [keyId, limit]);
    return rows;
  }

  async setTokens(client: Queryable, column: TokenColumn, rows: readonly Resealed[]): Promise<void> {
    await client.query(`UPDATE payments p SET ${column} = n.sealed FROM unnest($1::bigint[], $2::text[]) AS n (id, sealed) WHERE p.id = n.id`, [...columnsOf(rows)]);
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
