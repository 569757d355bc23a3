import type { Queryable } from '../store/database.js';
import type { Caller } from './caller.js';
import { idHash, newSecretId } from './session-cookies.js';
import { clientOfUser, type PersonRole } from './user.js';

/** A logged-in person, as known at this very call. */
export interface Session {
  readonly id: string;
  readonly caller: Caller;
  /** Name of the local account; null for a person of the identity provider. */
  readonly userName: string | null;
  readonly mustChangePassword: boolean;
}

/** Who a new session is of. */
export type SessionOwner = { readonly userName: string } | { readonly client: string; readonly role: PersonRole };

export interface SessionTerms {
  readonly idleMinutes: number;
  readonly hours: number;
}

interface SessionRow { client: string; user_name: string | null; role: PersonRole; agency_scope: string | null; must_change_password: boolean; is_stale: boolean }

/** Sessions in PostgreSQL, looked up at each call: what ends one holds at the next call of every process. */
export class SessionStore {
  readonly #database: Queryable;
  readonly #terms: SessionTerms;

  constructor(database: Queryable, terms: SessionTerms) {
    this.#database = database;
    this.#terms = terms;
  }

  /** A session under a new id, in place of the one that the browser came with. */
  async create(client: Queryable, owner: SessionOwner, replaced: string | null): Promise<string> {
    const id = newSecretId();
    const [userName, name, role] = 'userName' in owner ? [owner.userName, clientOfUser(owner.userName), null] : [null, owner.client, owner.role];
    if (replaced !== null) await client.query('DELETE FROM sessions WHERE id_hash = $1', [idHash(replaced)]);
    await client.query({
      text: `INSERT INTO sessions (id_hash, user_name, client, role, expires_at) VALUES ($1, $2, $3, $4, now() + $5 * interval '1 hour')`,
      values: [idHash(id), userName, name, role, this.#terms.hours],
    });
    return id;
  }

  /** Null for one that ended, idled too long, or whose account is not active any more. */
  async find(id: string): Promise<Session | null> {
    const { rows } = await this.#database.query<SessionRow>({
      text: `SELECT s.client, s.user_name, coalesce(u.role, s.role) AS role, u.agency_scope, coalesce(u.must_change_password, false) AS must_change_password,
                    s.last_seen_at < now() - interval '30 seconds' AS is_stale
               FROM sessions s LEFT JOIN users u ON u.name = s.user_name
              WHERE s.id_hash = $1 AND s.expires_at > now() AND s.last_seen_at > now() - $2 * interval '1 minute' AND (s.user_name IS NULL OR u.state = 'active')`,
      values: [idHash(id), this.#terms.idleMinutes],
    });
    const row = rows[0];
    if (row === undefined) return null;
    if (row.is_stale) await this.#database.query('UPDATE sessions SET last_seen_at = now() WHERE id_hash = $1', [idHash(id)]);
    return {
      id, userName: row.user_name, mustChangePassword: row.must_change_password, caller: { client: row.client, role: row.role, agencyScope: row.agency_scope },
    };
  }

  async end(id: string): Promise<void> {
    await this.#database.query('DELETE FROM sessions WHERE id_hash = $1', [idHash(id)]);
  }

  /** Removes what expired; returns how many rows. */
  async prune(): Promise<number> {
    const counts = await Promise.all([
      this.#database.query(`DELETE FROM sessions WHERE expires_at <= now() OR last_seen_at <= now() - $1 * interval '1 minute'`, [this.#terms.idleMinutes]),
      this.#database.query('DELETE FROM pending_logins WHERE expires_at <= now()'),
      this.#database.query(`DELETE FROM login_locks WHERE last_at <= now() - interval '1 day'`),
    ]);
    return counts.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
  }
}
