import type { Queryable } from '../store/database.js';
import type { NewUser, PersonRole, User } from './user.js';

interface UserRow {
  name: string; role: PersonRole; agency_scope: string | null; state: 'active' | 'disabled'; must_change_password: boolean; password_expires_at: Date | null;
  password_hash: string; totp_secret: string | null; created_at: Date; created_by: string; last_login_at: Date | null;
}

/** An account with what proves its person. */
export interface UserProofs extends User {
  readonly passwordHash: string;
  /** Until when a one-time password works; null for one that its person chose. */
  readonly passwordExpiresAt: Date | null;
  /** Sealed; its context is `totpContext(name)`. */
  readonly totpSecret: string | null;
}

export const totpContext = (name: string): string => `user/${name}/totp`;

/** Days that a one-time password works. */
const ONE_TIME_DAYS = 3;

const userOf = (row: UserRow): User => ({
  name: row.name, role: row.role, agencyScope: row.agency_scope, state: row.state, mustChangePassword: row.must_change_password, hasTotp: row.totp_secret !== null,
  createdAt: row.created_at, createdBy: row.created_by, lastLoginAt: row.last_login_at,
});

/** SQL of local accounts; whatever changes one ends its sessions in the same statement where that is due. */
export class UserStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** In order of names, after `after`. */
  async list(limit: number, after: string): Promise<User[]> {
    const { rows } = await this.#database.query<UserRow>('SELECT * FROM users WHERE name > $1 ORDER BY name LIMIT $2', [after, limit]);
    return rows.map(userOf);
  }

  async find(name: string): Promise<UserProofs | null> {
    const { rows } = await this.#database.query<UserRow>('SELECT * FROM users WHERE name = $1', [name]);
    const row = rows[0];
    return row === undefined ? null : { ...userOf(row), passwordHash: row.password_hash, passwordExpiresAt: row.password_expires_at, totpSecret: row.totp_secret };
  }

  async lock(client: Queryable, name: string): Promise<User | null> {
    const { rows } = await client.query<UserRow>('SELECT * FROM users WHERE name = $1 FOR UPDATE', [name]);
    return rows[0] === undefined ? null : userOf(rows[0]);
  }

  /** False when the name is taken. */
  async create(client: Queryable, of: NewUser & { readonly passwordHash: string; readonly by: string }): Promise<boolean> {
    const created = await client.query({
      text: `INSERT INTO users (name, role, agency_scope, password_hash, must_change_password, password_expires_at, created_by)
             VALUES ($1, $2, $3, $4, true, now() + $5 * interval '1 day', $6) ON CONFLICT (name) DO NOTHING`,
      values: [of.name, of.role, of.agencyScope, of.passwordHash, ONE_TIME_DAYS, of.by],
    });
    return created.rowCount === 1;
  }

  async setState(client: Queryable, name: string, state: 'active' | 'disabled'): Promise<void> {
    await client.query('UPDATE users SET state = $2 WHERE name = $1', [name, state]);
    await this.endSessions(client, name);
  }

  /** A one-time password in place of whatever was. */
  async resetPassword(client: Queryable, name: string, passwordHash: string): Promise<void> {
    await client.query({
      text: `UPDATE users SET password_hash = $2, must_change_password = true, password_expires_at = now() + $3 * interval '1 day' WHERE name = $1`,
      values: [name, passwordHash, ONE_TIME_DAYS],
    });
    await this.endSessions(client, name);
  }

  /** A password that its person chose, in place of the one that was just proved; false when that is gone meanwhile. */
  async changePassword(client: Queryable, name: string, hashes: { readonly from: string; readonly to: string }): Promise<boolean> {
    const changed = await client.query({
      text: `UPDATE users SET password_hash = $3, must_change_password = false, password_expires_at = NULL WHERE name = $1 AND password_hash = $2 AND state = 'active'`,
      values: [name, hashes.from, hashes.to],
    });
    if (changed.rowCount !== 1) return false;
    await this.endSessions(client, name);
    return true;
  }

  /** False when the account is not what it was when its password was proved. */
  async noteLogin(client: Queryable, name: string, passwordHash: string): Promise<boolean> {
    return (await client.query(`UPDATE users SET last_login_at = now() WHERE name = $1 AND password_hash = $2 AND state = 'active'`, [name, passwordHash])).rowCount === 1;
  }

  async setTotp(client: Queryable, name: string, sealed: string): Promise<void> {
    await client.query('UPDATE users SET totp_secret = $2, totp_step = 0 WHERE name = $1', [name, sealed]);
    await this.endSessions(client, name);
  }

  /** False when none was asked for. */
  async removeTotp(client: Queryable, name: string): Promise<boolean> {
    const removed = await client.query('UPDATE users SET totp_secret = NULL, totp_step = 0 WHERE name = $1 AND totp_secret IS NOT NULL', [name]);
    if (removed.rowCount !== 1) return false;
    await this.endSessions(client, name);
    return true;
  }

  /** False when a code of this step, or of a later one, was taken before. */
  async takeTotpStep(name: string, step: number): Promise<boolean> {
    return (await this.#database.query('UPDATE users SET totp_step = $2 WHERE name = $1 AND totp_step < $2', [name, step])).rowCount === 1;
  }

  async endSessions(client: Queryable, name: string): Promise<void> {
    await client.query('DELETE FROM sessions WHERE user_name = $1', [name]);
  }

  /** Secrets that another key than the current one sealed. */
  async totpNotUnder(keyId: string): Promise<readonly { readonly name: string; readonly sealed: string }[]> {
    return (await this.#database.query<{ name: string; sealed: string }>(`SELECT name, totp_secret AS sealed FROM users WHERE totp_secret IS NOT NULL AND split_part(totp_secret, '.', 1) <> $1`, [keyId])).rows;
  }

  async resealTotp(name: string, sealed: { readonly from: string; readonly to: string }): Promise<void> {
    await this.#database.query('UPDATE users SET totp_secret = $3 WHERE name = $1 AND totp_secret = $2', [name, sealed.from, sealed.to]);
  }
}
