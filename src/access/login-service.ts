import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { recordLogin } from './login-events.js';
import type { LockKey, LoginLocks } from './login-locks.js';
import type { PasswordHasher } from './password-hash.js';
import { findPasswordFault, isAbsurd, type PasswordFault } from './password-rules.js';
import type { Session, SessionStore } from './session-store.js';
import { findTotpStep } from './totp.js';
import { clientOfUser, USER_NAME } from './user.js';
import { totpContext, type UserProofs, type UserStore } from './user-store.js';

export interface LoginServiceDeps {
  readonly database: Database;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly locks: LoginLocks;
  readonly hasher: PasswordHasher;
  /** Opens the secrets of second factors. */
  readonly cipher: FieldCipher;
}

export interface PasswordLogin {
  readonly name: string;
  readonly password: string;
  /** Of the authenticator app; null where none was given. */
  readonly code: string | null;
  readonly address: string;
  /** Session that the browser came with; it ends. */
  readonly replaced: string | null;
}

/** Every refusal looks the same; `totp-required` is told only to who knows the password. */
export type LoginOutcome =
  | { readonly kind: 'in'; readonly sessionId: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'totp-required' }
  | { readonly kind: 'locked'; readonly retryAfterMs: number };

export type PasswordOutcome = LoginOutcome | { readonly kind: 'unfit'; readonly fault: PasswordFault | 'UNCHANGED' };

type Judged = { readonly kind: 'good'; readonly user: UserProofs } | { readonly kind: 'totp-required' } | { readonly kind: 'bad'; readonly reason: string };

/** Logging in with a local account, and changing its password. */
export class LoginService {
  readonly #deps: LoginServiceDeps;

  constructor(deps: LoginServiceDeps) {
    this.#deps = deps;
  }

  async login(attempt: PasswordLogin): Promise<LoginOutcome> {
    const name = attempt.name.trim().toLowerCase();
    const counted = await this.#count(name, attempt.address);
    if ('kind' in counted) return counted;
    const judged = await this.#judge(name, attempt);
    if (judged.kind === 'totp-required') {
      await Promise.all(counted.keys.map((key) => this.#deps.locks.takeBack(key)));
      return judged;
    }
    const sessionId = judged.kind === 'good' ? await this.#enter(judged.user, attempt) : null;
    if (sessionId === null) return this.#refuse(name, attempt.address, { locks: counted.locks, reason: judged.kind === 'bad' ? judged.reason : 'ACCOUNT_CHANGED' });
    await Promise.all(counted.keys.map((key) => this.#deps.locks.forgive(key)));
    return { kind: 'in', sessionId };
  }

  /** Needs the current password once more; ends every session of the account and opens one under a new id. */
  async changePassword(session: Session & { readonly userName: string }, change: { readonly current: string; readonly next: string; readonly address: string }): Promise<PasswordOutcome> {
    const { userName } = session;
    const counted = await this.#count(userName, change.address);
    if ('kind' in counted) return counted;
    const user = await this.#deps.users.find(userName);
    const isProved = !isAbsurd(change.current) && (await this.#deps.hasher.verify(change.current, user?.passwordHash ?? null));
    if (user === null || !isProved) return this.#refuse(userName, change.address, { locks: counted.locks, reason: 'WRONG_PASSWORD' });
    await Promise.all(counted.keys.map((key) => this.#deps.locks.forgive(key)));
    const fault = change.next.normalize('NFKC') === change.current.normalize('NFKC') ? 'UNCHANGED' : findPasswordFault(change.next, userName);
    if (fault !== null) return { kind: 'unfit', fault };
    const to = await this.#deps.hasher.hash(change.next);
    return this.#deps.database.transaction(async (client) => {
      if (!(await this.#deps.users.changePassword(client, userName, { from: user.passwordHash, to }))) return { kind: 'refused' };
      await recordLogin(client, { kind: 'password-changed', method: 'session', client: clientOfUser(userName), address: change.address });
      return { kind: 'in', sessionId: await this.#deps.sessions.create(client, { userName }, session.id) };
    });
  }

  async logout(session: Session, address: string): Promise<void> {
    await this.#deps.sessions.end(session.id);
    await recordLogin(this.#deps.database, { kind: 'logout', method: 'session', client: session.caller.client, address });
  }

  async #count(name: string, address: string): Promise<{ readonly keys: readonly LockKey[]; readonly locks: boolean } | (LoginOutcome & { readonly kind: 'locked' })> {
    const keys: readonly LockKey[] = [{ kind: 'address', value: address }, { kind: 'account', value: name }];
    let locks = false;
    for (const key of keys) {
      const counted = await this.#deps.locks.count(key);
      if (counted.lockedMs > 0) return { kind: 'locked', retryAfterMs: counted.lockedMs };
      locks ||= counted.locks;
    }
    return { keys, locks };
  }

  /** The password is hashed whether or not there is such an account, or one that may log in. */
  async #judge(name: string, { password, code }: PasswordLogin): Promise<Judged> {
    const user = USER_NAME.test(name) ? await this.#deps.users.find(name) : null;
    if (isAbsurd(password)) return { kind: 'bad', reason: 'WRONG_PASSWORD' };
    const isProved = await this.#deps.hasher.verify(password, user?.passwordHash ?? null);
    if (user === null) return { kind: 'bad', reason: 'UNKNOWN_USER' };
    if (!isProved) return { kind: 'bad', reason: 'WRONG_PASSWORD' };
    if (user.state !== 'active') return { kind: 'bad', reason: 'DISABLED' };
    if (user.passwordExpiresAt !== null && user.passwordExpiresAt.getTime() <= Date.now()) return { kind: 'bad', reason: 'EXPIRED' };
    if (user.totpSecret === null) return { kind: 'good', user };
    if (code === null) return { kind: 'totp-required' };
    const step = findTotpStep(this.#deps.cipher.open(user.totpSecret, totpContext(user.name)), code, new Date());
    return step !== null && (await this.#deps.users.takeTotpStep(user.name, step)) ? { kind: 'good', user } : { kind: 'bad', reason: 'WRONG_CODE' };
  }

  /** Null when the account was changed since it was read. The update holds the row, so a disabling comes before or after, never between. */
  #enter(user: UserProofs, { address, replaced }: PasswordLogin): Promise<string | null> {
    return this.#deps.database.transaction(async (client) => {
      if (!(await this.#deps.users.noteLogin(client, user.name, user.passwordHash))) return null;
      await recordLogin(client, { kind: 'login', method: 'password', client: clientOfUser(user.name), address });
      return this.#deps.sessions.create(client, { userName: user.name }, replaced);
    });
  }

  async #refuse(name: string, address: string, why: { readonly locks: boolean; readonly reason: string }): Promise<LoginOutcome> {
    const client = why.reason === 'UNKNOWN_USER' ? null : clientOfUser(name);
    await recordLogin(this.#deps.database, { kind: 'refused', method: 'password', client, address, reason: why.reason });
    if (why.locks) await recordLogin(this.#deps.database, { kind: 'locked', method: 'password', client, address });
    return { kind: 'refused' };
  }
}
