import type pg from 'pg';
import { recordOperatorAction } from '../deliveries/party-store.js';
import type { Database } from '../store/database.js';
import { fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
import { MAY_ISSUE, type AccessActor, type ApiClient, type ClientRefusal, type NewApiClient } from './api-client.js';
import { newApiKey } from './api-key.js';
import type { ApiClientStore } from './api-client-store.js';
import type { Role } from './caller.js';

/** A change of access: by whom, why, and under which key; null for a command, which is not repeated by a machine. */
export interface AccessCall {
  readonly actor: AccessActor;
  readonly reason: string;
  readonly idempotencyKey: string | null;
}

export interface IssuedKey {
  readonly kind: 'issued';
  readonly client: string;
  readonly prefix: string;
  readonly expiresAt: Date;
  /** Null for a repeat of a call that was answered before: a key is shown once. */
  readonly secret: string | null;
}

export type ClientOutcome<Done> = Done | { readonly kind: 'refused'; readonly code: ClientRefusal } | { readonly kind: 'conflict' };
export interface Changed { readonly kind: 'changed'; readonly client: string }

/** What is remembered under an idempotency key: nothing of the secret. */
type Remembered = { readonly refused: ClientRefusal } | { readonly refused: null; readonly client: string; readonly prefix: string; readonly expiresAt: string };

interface IssueOrder { readonly client: string; readonly days: number; readonly by: AccessActor }

export interface ApiClientServiceDeps {
  readonly database: Database;
  readonly store: ApiClientStore;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

/** API clients and their keys. Each change, its reason and its audit row are one transaction. */
export class ApiClientService {
  readonly #deps: ApiClientServiceDeps;

  constructor(deps: ApiClientServiceDeps) {
    this.#deps = deps;
  }

  list(page: { readonly first: number; readonly after: string | null }): Promise<ApiClient[]> {
    return this.#deps.store.list(page.first, page.after ?? '');
  }

  find(name: string): Promise<ApiClient | null> {
    return this.#deps.store.find(this.#deps.database, name);
  }

  /** A client with its first key. */
  create(call: AccessCall, of: NewApiClient, days: number): Promise<ClientOutcome<IssuedKey>> {
    return this.#issue(call, { action: 'create-api-client', input: { ...of, days } }, async (client, issue) => {
      if (!mayIssue(call.actor, of.role)) return 'ROLE_NOT_YOURS';
      if (!(await this.#deps.store.create(client, of, call.actor.name))) return 'NAME_TAKEN';
      return issue({ client: of.name, days, by: call.actor }, { role: of.role, agencyScope: of.agencyScope, registeredDocumentsOnly: of.registeredDocumentsOnly });
    });
  }

  /** A further key; those that exist live on for `overlapHours` at most. */
  rotate(call: AccessCall, name: string, terms: { readonly days: number; readonly overlapHours: number }): Promise<ClientOutcome<IssuedKey>> {
    return this.#issue(call, { action: 'rotate-api-key', input: { name, ...terms } }, async (client, issue) => {
      const refused = await this.#refusal(client, call.actor, name);
      if (refused !== null) return refused;
      await this.#deps.store.limitKeys(client, name, terms.overlapHours);
      return issue({ client: name, days: terms.days, by: call.actor }, { overlapHours: terms.overlapHours });
    });
  }

  /** Which documents the client may send: registered ones only, or any. Running processes know it within a second. */
  setDocuments(call: AccessCall, name: string, registeredOnly: boolean): Promise<ClientOutcome<Changed>> {
    return this.#change(call, { action: 'set-api-client-documents', input: { name, registeredOnly } }, async (client) => {
      const refused = await this.#refusal(client, call.actor, name);
      if (refused !== null) return { code: refused };
      await this.#deps.store.setDocuments(client, name, registeredOnly);
      return { name, detail: { registeredOnly } };
    });
  }

  revokeKey(call: AccessCall, prefix: string): Promise<ClientOutcome<Changed>> {
    return this.#change(call, { action: 'revoke-api-key', input: { prefix } }, async (client) => {
      const name = await this.#deps.store.revokeKey(client, prefix);
      return name === null ? { code: 'UNKNOWN_KEY' } : { name, detail: { prefix } };
    });
  }

  /** The client and all its keys, for good: its name is not given out again. */
  revokeClient(call: AccessCall, name: string): Promise<ClientOutcome<Changed>> {
    return this.#change(call, { action: 'revoke-api-client', input: { name } }, async (client) => {
      if ((await this.#deps.store.lock(client, name)) === null) return { code: 'UNKNOWN_CLIENT' };
      await this.#deps.store.revokeClient(client, name);
      return { name, detail: {} };
    });
  }

  async #refusal(client: pg.PoolClient, actor: AccessActor, name: string): Promise<ClientRefusal | null> {
    const known = await this.#deps.store.lock(client, name);
    if (known === null) return 'UNKNOWN_CLIENT';
    if (known.state === 'revoked') return 'CLIENT_REVOKED';
    return mayIssue(actor, known.role) ? null : 'ROLE_NOT_YOURS';
  }

  async #issue(call: AccessCall, on: { action: string; input: unknown }, work: (client: pg.PoolClient, issue: (order: IssueOrder, detail: object) => Promise<Remembered>) => Promise<Remembered | ClientRefusal>): Promise<ClientOutcome<IssuedKey>> {
    const shown = new Map<string, string>();
    const done = await this.#once(call, on, async (client): Promise<Remembered> => {
      const result = await work(client, async (order, detail) => {
        const key = newApiKey();
        const expiresAt = await this.#deps.store.addKey(client, key, { client: order.client, days: order.days, by: order.by.name });
        await this.#audit(client, call, { action: on.action, client: order.client, detail: { ...detail, prefix: key.prefix, days: order.days } });
        shown.set(key.prefix, key.secret);
        return { refused: null, client: order.client, prefix: key.prefix, expiresAt: expiresAt.toISOString() };
      });
      return typeof result === 'string' ? { refused: result } : result;
    });
    if (done === 'conflict') return { kind: 'conflict' };
    if (done.refused !== null) return { kind: 'refused', code: done.refused };
    return { kind: 'issued', client: done.client, prefix: done.prefix, expiresAt: new Date(done.expiresAt), secret: shown.get(done.prefix) ?? null };
  }

  async #change(call: AccessCall, on: { action: string; input: unknown }, work: (client: pg.PoolClient) => Promise<{ code: ClientRefusal } | { name: string; detail: object }>): Promise<ClientOutcome<Changed>> {
    const done = await this.#once(call, on, async (client) => {
      const result = await work(client);
      if ('name' in result) await this.#audit(client, call, { action: on.action, client: result.name, detail: result.detail });
      return result;
    });
    if (done === 'conflict') return { kind: 'conflict' };
    return 'code' in done ? { kind: 'refused', code: done.code } : { kind: 'changed', client: done.name };
  }

  #once<Result>(call: AccessCall, on: { action: string; input: unknown }, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result | 'conflict'> {
    const { database, settings } = this.#deps;
    const { idempotencyKey } = call;
    return database.transaction(async (client) => {
      if (idempotencyKey === null) return work(client);
      const fingerprint = fingerprintOf(settings.fingerprintKey, on.action, { input: on.input, reason: call.reason });
      const done = await once(client, { client: call.actor.name, key: idempotencyKey, operation: on.action, fingerprint, keepHours: settings.keepHours }, () => work(client));
      return done.kind === 'conflict' ? 'conflict' : done.result;
    });
  }

  #audit(client: pg.PoolClient, call: AccessCall, of: { action: string; client: string; detail: object }): Promise<void> {
    return recordOperatorAction(client, { actor: call.actor.name, role: call.actor.role, action: of.action, target: `api-client/${of.client}`, reason: call.reason, detail: { ...of.detail } });
  }
}

const mayIssue = (actor: AccessActor, role: Role): boolean => MAY_ISSUE[actor.role]?.includes(role) === true;
