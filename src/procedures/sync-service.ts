import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { ForbiddenError, NotFoundError } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { fingerprintOf } from '../store/idempotency.js';
import { once } from '../store/once.js';
import type { Once } from '../store/once.js';
import { idAfter, idCursor, pageOf } from './catalogue-queries.js';
import type { ListPage, PageRequest } from './catalogue-queries.js';
import type { FailedItem, ProcedureSync, SyncKind } from './sync.js';
import { readFailedItems } from './sync-store.js';
import type { SyncStore } from './sync-store.js';

export interface SyncCall {
  readonly caller: Caller;
  readonly idempotencyKey: string;
  readonly reason: string | null;
}

/** `done` false: another sync runs, or this one has ended; `id` names it. */
export interface SyncAction {
  readonly id: string;
  readonly done: boolean;
}

export interface SyncServiceDeps {
  readonly database: Database;
  readonly store: SyncStore;
  /** Says that there is a sync to run; losing it costs seconds. */
  readonly ring: (syncId: string) => void;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

const SYNC_ID = /^\d{1,18}$/;
const SHOWN_FAILURES = 50;

/** Syncs as people see and steer them. */
export class SyncService {
  readonly #deps: SyncServiceDeps;

  constructor(deps: SyncServiceDeps) {
    this.#deps = deps;
  }

  async start(call: SyncCall, kind: SyncKind): Promise<Once<SyncAction>> {
    const { store, ring } = this.#deps;
    const answer = await this.#act(call, { action: 'start-procedure-sync', input: { kind } }, async (client) => {
      const id = await store.start(client, { kind, requestedBy: call.caller.client, slot: null });
      if (id !== null) return { id, done: true };
      const running = await store.running(client);
      // The one that was in the way has just ended; the caller's repeat with the same key starts a new one.
      if (running === null) throw new NotFoundError();
      return { id: running.id, done: false };
    });
    if (answer.kind === 'done' && answer.result.done) ring(answer.result.id);
    return answer;
  }

  /** What was read stays; nothing is counted as absent. Throws `NotFoundError` for an unknown id. */
  async cancel(call: SyncCall, id: string): Promise<Once<SyncAction>> {
    const { store } = this.#deps;
    return this.#act(call, { action: 'cancel-procedure-sync', input: { id } }, async (client) => {
      const locked = SYNC_ID.test(id) ? await store.lock(client, id) : null;
      if (locked === null) throw new NotFoundError();
      if (locked !== 'running') return { id, done: false };
      await store.end(client, id, { state: 'cancelled', reason: 'cancelled-by-operator', withdrawn: 0 });
      return { id, done: true };
    });
  }

  async find(id: string): Promise<ProcedureSync | null> {
    return orUnavailable(this.#deps.store.find(this.#deps.database, id));
  }

  async list(page: PageRequest): Promise<ListPage<ProcedureSync>> {
    const rows = await orUnavailable(this.#deps.store.list(this.#deps.database, { before: idAfter(page), limit: page.first + 1 }));
    return pageOf(rows, page.first, { cursor: idCursor, view: (row) => row });
  }

  /** Of each sync, in the order of `ids`, up to 50. */
  async failures(ids: readonly string[]): Promise<readonly (readonly FailedItem[])[]> {
    const found = await orUnavailable(readFailedItems(this.#deps.database, ids, SHOWN_FAILURES));
    return ids.map((id) => found.filter((item) => item.syncId === id));
  }

  async #act(call: SyncCall, of: { readonly action: string; readonly input: object }, work: (client: pg.PoolClient) => Promise<SyncAction>): Promise<Once<SyncAction>> {
    // The catalogue is everybody's: who sees only a part of the province does not steer its sync.
    if (call.caller.agencyScope !== null) throw new ForbiddenError();
    const { database, settings } = this.#deps;
    const claim = {
      client: call.caller.client, key: call.idempotencyKey, operation: of.action, keepHours: settings.keepHours,
      fingerprint: fingerprintOf(settings.fingerprintKey, of.action, { ...of.input, reason: call.reason }),
    };
    return orUnavailable(database.transaction((client) => once(client, claim, async () => {
      const result = await work(client);
      if (result.done) {
        await recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, action: of.action, target: `procedure-sync/${result.id}`, reason: call.reason, detail: { ...of.input } });
      }
      return result;
    })));
  }
}
