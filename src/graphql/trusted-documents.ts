import { hash } from 'node:crypto';
import type { Queryable } from '../store/database.js';

/** Documents that were registered by whoever runs the gateway; clients name them by their digest. */
export interface TrustedDocuments {
  /** Text of a document; null where none is registered under this id, 64 hex digits. */
  find(id: string): Promise<string | null>;
}

export interface TrustedDocument {
  readonly id: string;
  readonly name: string | null;
  readonly body: string;
}

/** A thousand documents are far more than a portal has; each is some kilobytes. */
const MAX_CACHED = 1_000;
const ID = /^[0-9a-f]{64}$/;

export const documentIdOf = (body: string): string => hash('sha256', body);

/** An id is the digest of its text, so what was read once never changes. */
export class TrustedDocumentStore implements TrustedDocuments {
  readonly #database: Queryable;
  readonly #cached = new Map<string, string>();

  constructor(database: Queryable) {
    this.#database = database;
  }

  async find(id: string): Promise<string | null> {
    const cached = this.#cached.get(id);
    if (cached !== undefined) return cached;
    if (!ID.test(id)) return null;
    const { rows } = await this.#database.query<{ body: string }>({ name: 'find-trusted-document', text: 'SELECT body FROM trusted_documents WHERE id = $1', values: [id] });
    const body = rows[0]?.body ?? null;
    if (body === null) return null;
    if (this.#cached.size >= MAX_CACHED) this.#cached.clear();
    this.#cached.set(id, body);
    return body;
  }

  /** Registers documents, all or none; returns how many were not registered before. */
  async register(documents: readonly TrustedDocument[]): Promise<number> {
    const added = await this.#database.query({
      text: `INSERT INTO trusted_documents (id, name, body) SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT (id) DO NOTHING`,
      values: [documents.map(({ id }) => id), documents.map(({ name }) => name), documents.map(({ body }) => body)],
    });
    return added.rowCount ?? 0;
  }

  async list(): Promise<readonly { readonly id: string; readonly name: string | null }[]> {
    const { rows } = await this.#database.query<{ id: string; name: string | null }>('SELECT id, name FROM trusted_documents ORDER BY name, id');
    return rows;
  }
}
