import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import type { DeliveryCall } from '../deliveries/operator-service.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import { NotFoundError } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { actOnce } from '../store/act-once.js';
import type { Once } from '../store/once.js';
import type { CallbackDeskStore } from './callback-desk-store.js';
import type { CallbackFilter, CallbackRecord } from './callback-record.js';

export interface CallbackDeskDeps {
  readonly database: Database;
  readonly store: CallbackDeskStore;
  readonly agencies: AgencyAccess;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

/** What people see of the inbox, and do with it. Who is held to some agencies sees what is about their dossiers; the rest does not exist for him. */
export class CallbackDesk {
  readonly #deps: CallbackDeskDeps;

  constructor(deps: CallbackDeskDeps) {
    this.#deps = deps;
  }

  async find(call: AttemptedCall, id: string): Promise<CallbackRecord | null> {
    const limits = await this.#deps.agencies.scope.viewOf(call.caller);
    const found = await this.#deps.store.find(id, limits);
    if (found === null) await this.#missed(call, { limits, operation: 'callback', id });
    return found;
  }

  async list(call: AttemptedCall, filter: CallbackFilter, page: { readonly limit: number; readonly before: string | null }): Promise<readonly CallbackRecord[]> {
    const { agencies, store } = this.#deps;
    const limits = await agencies.scope.viewOf(call.caller);
    const found = await store.list(filter, limits, page);
    if (found.length === 0 && filter.dossierCode !== null && isLimited(limits)) await agencies.attempts.record(call, 'callbacks', [{ kind: 'dossier', target: filter.dossierCode }]);
    return found;
  }

  /** Whether it waited, and so is tried at once. Throws NotFoundError. */
  async retry(call: DeliveryCall, id: string): Promise<Once<{ readonly waited: boolean }>> {
    const { store, agencies } = this.#deps;
    const limits = await agencies.scope.viewOf(call.caller);
    if ((await store.find(id, limits)) === null) {
      await this.#missed(call, { limits, operation: 'retry-callback', id });
      throw new NotFoundError();
    }
    return actOnce(this.#deps, call, {
      action: 'retry-callback', input: id,
      work: async (client) => {
        const found = await store.lock(client, id, limits);
        if (found === null) throw new NotFoundError();
        if (found.state !== 'received') return { waited: false };
        await store.release(client, id);
        const detail = found.dossierCode === null ? {} : { dossier: found.dossierCode };
        await recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, action: 'retry-callback', target: `callback/${id}`, reason: call.reason, detail });
        return { waited: true };
      },
    });
  }

  async #missed(call: AttemptedCall, { limits, operation, id }: { readonly limits: AgencyView; readonly operation: string; readonly id: string }): Promise<void> {
    if (isLimited(limits)) await this.#deps.agencies.attempts.record(call, operation, [{ kind: 'callback', target: id }]);
  }
}
