import type { Queryable } from '../store/database.js';
import type { ApiClient, ApiKeyInfo, NewApiClient } from './api-client.js';
import type { NewApiKey } from './api-key.js';
import type { Caller, Role } from './caller.js';

/** A key that may be used now. */
export interface LiveKey {
  readonly prefix: string;
  readonly digest: Buffer;
  readonly expiresAt: Date;
  readonly caller: Caller;
}

interface ClientRow { name: string; role: Role; agency_scope: string | null; registered_documents_only: boolean; state: 'active' | 'revoked'; created_at: Date; created_by: string }
interface KeyRow { prefix: string; client: string; created_at: Date; created_by: string; expires_at: Date; revoked_at: Date | null; last_used_at: Date | null }
interface LiveRow { prefix: string; digest: Buffer; expires_at: Date; name: string; role: Role; agency_scope: string | null; registered_documents_only: boolean }

const keyInfo = (row: KeyRow): ApiKeyInfo => ({
  prefix: row.prefix, createdAt: row.created_at, createdBy: row.created_by, expiresAt: row.expires_at, revokedAt: row.revoked_at, lastUsedAt: row.last_used_at,
});

const callerOf = (row: LiveRow): Caller =>
  Object.freeze({ client: row.name, role: row.role, agencyScope: row.agency_scope, ...(row.registered_documents_only ? { registeredDocumentsOnly: true } : {}) });

const clientOf = (row: ClientRow, keys: readonly KeyRow[]): ApiClient => ({
  name: row.name, role: row.role, agencyScope: row.agency_scope, registeredDocumentsOnly: row.registered_documents_only, state: row.state, createdAt: row.created_at, createdBy: row.created_by,
  keys: keys.filter(({ client }) => client === row.name).map(keyInfo),
});

export class ApiClientStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** In order of names, after `after`. */
  async list(limit: number, after: string): Promise<ApiClient[]> {
    const { rows } = await this.#database.query<ClientRow>('SELECT * FROM api_clients WHERE name > $1 ORDER BY name LIMIT $2', [after, limit]);
    return this.#withKeys(this.#database, rows);
  }

  async find(client: Queryable, name: string): Promise<ApiClient | null> {
    const { rows } = await client.query<ClientRow>('SELECT * FROM api_clients WHERE name = $1', [name]);
    return (await this.#withKeys(client, rows))[0] ?? null;
  }

  /** The client, held until the end of the transaction: two rotations of one client take turns. */
  async lock(client: Queryable, name: string): Promise<{ readonly role: Role; readonly state: 'active' | 'revoked' } | null> {
    const { rows } = await client.query<ClientRow>('SELECT * FROM api_clients WHERE name = $1 FOR UPDATE', [name]);
    return rows[0] ?? null;
  }

  /** False when the name is taken. */
  async create(client: Queryable, of: NewApiClient, by: string): Promise<boolean> {
    const created = await client.query({
      text: 'INSERT INTO api_clients (name, role, agency_scope, registered_documents_only, created_by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING',
      values: [of.name, of.role, of.agencyScope, of.registeredDocumentsOnly, by],
    });
    return created.rowCount === 1;
  }

  async addKey(client: Queryable, key: NewApiKey, of: { readonly client: string; readonly days: number; readonly by: string }): Promise<Date> {
    const { rows } = await client.query<{ expires_at: Date }>({
      text: `INSERT INTO api_keys (prefix, client, digest, created_by, expires_at) VALUES ($1, $2, $3, $4, now() + $5 * interval '1 day') RETURNING expires_at`,
      values: [key.prefix, of.client, key.digest, of.by, of.days],
    });
    return rows[0]?.expires_at ?? new Date(0);
  }

  /** Lets the keys that a client has live on for so long at most. */
  async limitKeys(client: Queryable, name: string, hours: number): Promise<void> {
    await client.query({
      text: `UPDATE api_keys SET expires_at = now() + $2 * interval '1 hour'
             WHERE client = $1 AND revoked_at IS NULL AND expires_at > now() + $2 * interval '1 hour'`,
      values: [name, hours],
    });
  }

  /** Name of the client whose key it was; null where there is no such key. */
  async revokeKey(client: Queryable, prefix: string): Promise<string | null> {
    const { rows } = await client.query<{ client: string }>('UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE prefix = $1 RETURNING client', [prefix]);
    return rows[0]?.client ?? null;
  }

  async clientOfKey(client: Queryable, prefix: string): Promise<string | null> {
    const { rows } = await client.query<{ client: string }>('SELECT client FROM api_keys WHERE prefix = $1', [prefix]);
    return rows[0]?.client ?? null;
  }

  async revokeClient(client: Queryable, name: string): Promise<void> {
    await client.query(`UPDATE api_clients SET state = 'revoked' WHERE name = $1`, [name]);
    await client.query('UPDATE api_keys SET revoked_at = now() WHERE client = $1 AND revoked_at IS NULL', [name]);
  }

  async setDocuments(client: Queryable, name: string, registeredOnly: boolean): Promise<void> {
    await client.query('UPDATE api_clients SET registered_documents_only = $2 WHERE name = $1', [name, registeredOnly]);
  }

  async version(): Promise<string> {
    const { rows } = await this.#database.query<{ version: string }>('SELECT version FROM access_version');
    return rows[0]?.version ?? '0';
  }

  async liveKeys(): Promise<LiveKey[]> {
    const { rows } = await this.#database.query<LiveRow>(
      `SELECT k.prefix, k.digest, k.expires_at, c.name, c.role, c.agency_scope, c.registered_documents_only FROM api_keys k JOIN api_clients c ON c.name = k.client
       WHERE c.state = 'active' AND k.revoked_at IS NULL AND k.expires_at > now()`);
    return rows.map((row) => ({ prefix: row.prefix, digest: row.digest, expiresAt: row.expires_at, caller: callerOf(row) }));
  }

  async noteUse(prefix: string): Promise<void> {
    await this.#database.query(`UPDATE api_keys SET last_used_at = now() WHERE prefix = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '10 minutes')`, [prefix]);
  }

  async #withKeys(database: Queryable, clients: readonly ClientRow[]): Promise<ApiClient[]> {
    const { rows } = await database.query<KeyRow>('SELECT * FROM api_keys WHERE client = ANY ($1) ORDER BY created_at DESC, prefix', [clients.map(({ name }) => name)]);
    return clients.map((row) => clientOf(row, rows));
  }
}
