import { recordOperatorAction } from '../deliveries/party-store.js';
import type { Database } from '../store/database.js';
import type { TrustedDocument } from './trusted-documents.js';

/** Who changes the register, and why. */
export interface RegisterCall {
  readonly actor: string;
  readonly reason: string;
}

export interface RegisteredDocument {
  readonly id: string;
  readonly name: string | null;
  /** Null while clients may name it. */
  readonly withdrawnAt: Date | null;
}

/** The documents that clients may name; what changes them leaves an audit row in the same transaction. */
export class DocumentRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Registers documents, all or none; returns how many could not be named before. One that was withdrawn comes back. */
  register(call: RegisterCall, documents: readonly TrustedDocument[]): Promise<number> {
    return this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ id: string }>({
        text: `INSERT INTO trusted_documents (id, name, body) SELECT DISTINCT ON (id) * FROM unnest($1::text[], $2::text[], $3::text[]) AS d (id, name, body)
               ON CONFLICT (id) DO UPDATE SET withdrawn_at = NULL WHERE trusted_documents.withdrawn_at IS NOT NULL RETURNING id`,
        values: [documents.map(({ id }) => id), documents.map(({ name }) => name), documents.map(({ body }) => body)],
      });
      for (const { id } of rows) await recordOperatorAction(client, { ...call, role: 'server', action: 'register-document', target: `document/${id}` });
      return rows.length;
    });
  }

  /** False where no such document may be named now. Running processes refuse it within a second. */
  withdraw(call: RegisterCall, id: string): Promise<boolean> {
    return this.#database.transaction(async (client) => {
      const withdrawn = await client.query('UPDATE trusted_documents SET withdrawn_at = now() WHERE id = $1 AND withdrawn_at IS NULL', [id]);
      if (withdrawn.rowCount !== 1) return false;
      await recordOperatorAction(client, { ...call, role: 'server', action: 'withdraw-document', target: `document/${id}` });
      return true;
    });
  }

  async list(): Promise<readonly RegisteredDocument[]> {
    const { rows } = await this.#database.query<{ id: string; name: string | null; withdrawn_at: Date | null }>('SELECT id, name, withdrawn_at FROM trusted_documents ORDER BY name, id');
    return rows.map(({ id, name, withdrawn_at: withdrawnAt }) => ({ id, name, withdrawnAt }));
  }
}
