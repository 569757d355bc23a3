import { hash } from 'node:crypto';
import { ComparedCopy } from '../store/compared-copy.js';
import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';

/** Documents that were registered by whoever runs the gateway; clients name them by their digest. */
export interface TrustedDocuments {
  /** Text of a document; null where none is registered under this id, 64 hex digits. Rejects with `UnavailableError` without the database. */
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

/** An id is the digest of its text, so what was read once never changes; it may be withdrawn, which holds within a second. */
export class TrustedDocumentStore implements TrustedDocuments {
  readonly #database: Queryable;
  readonly #texts: ComparedCopy<Map<string, string>>;

  constructor(database: Queryable) {
    this.#database = database;
    this.#texts = new ComparedCopy({
      empty: new Map<string, string>(), read: () => new Map<string, string>(),
      version: async () => (await database.query<{ version: string }>('SELECT version FROM access_version')).rows[0]?.version ?? '0',
      // The next call compares again, and is refused where that fails, too.
      onFailure: () => undefined,
    });
  }

  async find(id: string): Promise<string | null> {
    if (!ID.test(id)) return null;
    const texts = this.#texts.current() ?? (await orUnavailable(this.#texts.trusted()));
    return texts.get(id) ?? orUnavailable(this.#read(id, texts));
  }

  async #read(id: string, texts: Map<string, string>): Promise<string | null> {
    const { rows } = await this.#database.query<{ body: string }>({ name: 'find-trusted-document', text: 'SELECT body FROM trusted_documents WHERE id = $1 AND withdrawn_at IS NULL', values: [id] });
    const body = rows[0]?.body ?? null;
    if (body === null) return null;
    if (texts.size >= MAX_CACHED) texts.clear();
    texts.set(id, body);
    return body;
  }
}
