import type pg from 'pg';
import { recordOperatorAction } from '../deliveries/party-store.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
import { MAY_ISSUE, type AccessActor } from './api-client.js';
import type { AccessCall } from './api-client-service.js';
import type { PasswordHasher } from './password-hash.js';
import { newOneTimePassword } from './password-rules.js';
import { newTotpSecret, otpauthUri } from './totp.js';
import { clientOfUser, type NewUser, type User, type UserRefusal } from './user.js';
import { totpContext, type UserStore } from './user-store.js';

/** A one-time password, or the address that an authenticator app reads. */
export interface UserSecret {
  readonly kind: 'issued';
  readonly name: string;
  /** Null for a repeat of a call that was answered before: a secret is shown once. */
  readonly secret: string | null;
}
export interface UserChanged { readonly kind: 'changed'; readonly name: string }
export type UserOutcome<Done> = Done | { readonly kind: 'refused'; readonly code: UserRefusal } | { readonly kind: 'conflict' };

export interface UserServiceDeps {
  readonly database: Database;
  readonly store: UserStore;
  readonly hasher: PasswordHasher;
  /** Seals the secrets of second factors. */
  readonly cipher: () => FieldCipher;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

interface Deed { readonly action: string; readonly name: string; readonly input: unknown; readonly detail?: Readonly<Record<string, unknown>> }
type Work = (client: pg.PoolClient) => Promise<UserRefusal | null>;

/** Local accounts. Each change, its reason and its audit row are one transaction. */
export class UserService {
  readonly #deps: UserServiceDeps;

  constructor(deps: UserServiceDeps) {
    this.#deps = deps;
  }

  list(page: { readonly first: number; readonly after: string | null }): Promise<User[]> {
    return this.#deps.store.list(page.first, page.after ?? '');
  }

  find(name: string): Promise<User | null> {
    return this.#deps.store.find(name);
  }

  /** An account with a one-time password, which must be changed at the first login. */
  async create(call: AccessCall, of: NewUser): Promise<UserOutcome<UserSecret>> {
    const secret = newOneTimePassword();
    const passwordHash = await this.#deps.hasher.hash(secret);
    const deed = { action: 'create-user', name: of.name, input: of, detail: { role: of.role, agencyScope: of.agencyScope } };
    return this.#issue(call, deed, { secret, work: async (client) => {
      if (!mayHandle(call.actor, of.role)) return 'ROLE_NOT_YOURS';
      return (await this.#deps.store.create(client, { ...of, passwordHash, by: call.actor.name })) ? null : 'NAME_TAKEN';
    } });
  }

  /** Another one-time password; what the person knew works no more, and no session of it lives on. */
  async resetPassword(call: AccessCall, name: string): Promise<UserOutcome<UserSecret>> {
    const secret = newOneTimePassword();
    const passwordHash = await this.#deps.hasher.hash(secret);
    return this.#issue(call, { action: 'reset-user-password', name, input: { name } }, { secret, work: async (client) =>
      (await this.#refusal(client, call.actor, name)) ?? this.#deps.store.resetPassword(client, name, passwordHash).then(() => null) });
  }

  /** A second factor in place of any before; it is asked for from now on. */
  enrolTotp(call: AccessCall, name: string): Promise<UserOutcome<UserSecret>> {
    const secret = newTotpSecret();
    return this.#issue(call, { action: 'enrol-user-totp', name, input: { name } }, { secret: otpauthUri(secret, name), work: async (client) =>
      (await this.#refusal(client, call.actor, name)) ?? this.#deps.store.setTotp(client, name, this.#deps.cipher().seal(secret, totpContext(name))).then(() => null) });
  }

  /** From now on the password alone is enough; every session ends, so that whoever goes on has proved it. */
  removeTotp(call: AccessCall, name: string): Promise<UserOutcome<UserChanged>> {
    return this.#change(call, { action: 'remove-user-totp', name, input: { name } }, async (client) =>
      (await this.#refusal(client, call.actor, name)) ?? ((await this.#deps.store.removeTotp(client, name)) ? null : 'NO_TOTP'));
  }

  /** Ends the person's sessions too: within the next call of each. */
  disable(call: AccessCall, name: string): Promise<UserOutcome<UserChanged>> {
    return this.#change(call, { action: 'disable-user', name, input: { name } }, async (client) => {
      if ((await this.#deps.store.lock(client, name)) === null) return 'UNKNOWN_USER';
      if (call.actor.name === clientOfUser(name)) return 'NOT_YOURSELF';
      await this.#deps.store.setState(client, name, 'disabled');
      return null;
    });
  }

  enable(call: AccessCall, name: string): Promise<UserOutcome<UserChanged>> {
    return this.#change(call, { action: 'enable-user', name, input: { name } }, async (client) =>
      (await this.#refusal(client, call.actor, name)) ?? this.#deps.store.setState(client, name, 'active').then(() => null));
  }

  /** Brings the secrets of second factors under the current field key. Returns how many were changed. */
  async reseal(): Promise<number> {
    const { store } = this.#deps;
    const cipher = this.#deps.cipher();
    const found = await store.totpNotUnder(cipher.currentKeyId);
    for (const { name, sealed } of found) await store.resealTotp(name, { from: sealed, to: cipher.seal(cipher.open(sealed, totpContext(name)), totpContext(name)) });
    return found.length;
  }

  async #refusal(client: pg.PoolClient, actor: AccessActor, name: string): Promise<UserRefusal | null> {
    const user = await this.#deps.store.lock(client, name);
    if (user === null) return 'UNKNOWN_USER';
    return mayHandle(actor, user.role) ? null : 'ROLE_NOT_YOURS';
  }

  /** The secret is in the answer of the call that did it, and under no idempotency key. */
  async #issue(call: AccessCall, deed: Deed, { secret, work }: { readonly secret: string; readonly work: Work }): Promise<UserOutcome<UserSecret>> {
    const ran = { now: false };
    const done = await this.#change(call, deed, (client) => {
      ran.now = true;
      return work(client);
    });
    return done.kind === 'changed' ? { kind: 'issued', name: done.name, secret: ran.now ? secret : null } : done;
  }

  async #change(call: AccessCall, deed: Deed, work: Work): Promise<UserOutcome<UserChanged>> {
    const refused = await this.#once(call, deed, async (client) => {
      const refusal = await work(client);
      if (refusal === null) {
        await recordOperatorAction(client, {
          actor: call.actor.name, role: call.actor.role, action: deed.action, target: `user/${deed.name}`, reason: call.reason, detail: { ...deed.detail },
        });
      }
      return { refused: refusal };
    });
    if (refused === 'conflict') return { kind: 'conflict' };
    return refused.refused === null ? { kind: 'changed', name: deed.name } : { kind: 'refused', code: refused.refused };
  }

  #once<Result>(call: AccessCall, deed: Deed, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result | 'conflict'> {
    const { database, settings } = this.#deps;
    const { idempotencyKey } = call;
    return database.transaction(async (client) => {
      if (idempotencyKey === null) return work(client);
      const fingerprint = fingerprintOf(settings.fingerprintKey, deed.action, { input: deed.input, reason: call.reason });
      const done = await once(client, { client: call.actor.name, key: idempotencyKey, operation: deed.action, fingerprint, keepHours: settings.keepHours }, () => work(client));
      return done.kind === 'conflict' ? 'conflict' : done.result;
    });
  }
}

/** Supervisors are made, and their secrets handed out, on the server only: who could would be his own second person. */
const mayHandle = (actor: AccessActor, role: User['role']): boolean => MAY_ISSUE[actor.role]?.includes(role) === true;
