import type pg from 'pg';
import type { Caller } from '../access/caller.js';
import { isLimited } from '../agencies/agency-scope.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { NotFoundError } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { actOnce } from '../store/act-once.js';
import type { Once } from '../store/once.js';
import type { Bell } from './bell-port.js';
import type { CircuitStore } from './circuit-store.js';
import type { Delivery } from './delivery.js';
import type { DeliveryOperation } from './delivery-operation.js';
import type { OperatorStore } from './operator-store.js';
import { recordOperatorAction } from './party-store.js';
import type { PartyStore } from './party-store.js';
import { operationKey } from './settlement-batcher.js';

/** An operator's call: who, under which key, and why. */
export interface OperatorCall {
  readonly caller: Caller;
  readonly idempotencyKey: string;
  readonly reason: string;
}

/** A call about single deliveries, of which a caller who is held to some agencies may know his own only. */
export interface DeliveryCall extends OperatorCall {
  readonly correlationId: string;
}

export type RefusalCode = 'NOT_FOUND' | 'NOT_OPEN' | 'IN_FLIGHT' | 'ASK_FIRST';

export interface ActionItem {
  readonly id: string;
  readonly refused: RefusalCode | null;
}

export interface OperatorServiceDeps {
  readonly database: Database;
  readonly store: OperatorStore;
  readonly parties: PartyStore;
  readonly circuits: CircuitStore;
  readonly operations: readonly DeliveryOperation[];
  readonly bell: Bell;
  readonly agencies: AgencyAccess;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

/** Repairs by hand. Each action, its reason and its audit row are one transaction, and happen once under the caller's key. */
export class OperatorService {
  readonly #deps: OperatorServiceDeps;
  readonly #operations: ReadonlyMap<string, DeliveryOperation>;

  constructor(deps: OperatorServiceDeps) {
    this.#deps = deps;
    this.#operations = new Map(deps.operations.map((operation) => [operationKey(operation.party, operation.name), operation]));
  }

  async retry(call: DeliveryCall, ids: readonly string[]): Promise<Once<ActionItem[]>> {
    return this.#onEach(call, { action: 'retry-delivery', ids }, (client, delivery) => this.#retryOne(client, delivery));
  }

  async resolve(call: DeliveryCall, id: string, as: 'DONE' | 'NOT_DONE'): Promise<Once<ActionItem[]>> {
    return this.#onEach(call, { action: as === 'DONE' ? 'resolve-as-done' : 'resolve-as-not-done', ids: [id] }, (client, delivery) => this.#resolveOne(client, delivery, as));
  }

  async pause(call: OperatorCall, party: string): Promise<Once<null>> {
    return this.#onParty(call, { action: 'pause-party', party }, async (client) => {
      await this.#deps.parties.pause(client, party, { actor: call.caller.client, reason: call.reason });
    });
  }

  async resume(call: OperatorCall, party: string): Promise<Once<null>> {
    return this.#onParty(call, { action: 'resume-party', party }, async (client) => {
      await this.#deps.parties.resume(client, party);
    });
  }

  async forceCircuit(call: OperatorCall, circuit: { readonly party: string; readonly operation: string; readonly position: 'open' | 'closed' | null }): Promise<Once<null>> {
    const { party, operation, position } = circuit;
    return this.#onParty(call, { action: `force-circuit-${position ?? 'automatic'}`, party, detail: { operation } }, async (client) => {
      if (position === null) await this.#deps.circuits.clearOverride(client, party, operation);
      else await this.#deps.circuits.setOverride(client, { party, operation, position }, { actor: call.caller.client, reason: call.reason });
    });
  }

  async #retryOne(client: pg.PoolClient, delivery: Delivery): Promise<RefusalCode | null> {
    if (delivery.state === 'accepted' || delivery.state === 'rejected') return 'NOT_OPEN';
    if (delivery.state === 'leased') return 'IN_FLIGHT';
    const operation = this.#operation(delivery);
    if (operation === undefined) return 'NOT_OPEN';
    const { whenUnknown, maxAgeMs } = operation;
    const uncertain = delivery.maybeSent && operation.effect !== 'read';
    if (uncertain && whenUnknown.act === 'park' && operation.effect === 'unsafe') return 'ASK_FIRST';
    const settleMs = whenUnknown.act === 'park' ? 0 : whenUnknown.afterMs;
    const asks = delivery.state === 'unknown' || (uncertain && whenUnknown.act === 'ask');
    await this.#deps.store.release(client, delivery.id, { state: asks ? 'unknown' : 'due', settleMs, maxAgeMs });
    if (delivery.state === 'parked') await this.#deps.store.recordRepair(client, delivery, 'retried');
    return null;
  }

  async #resolveOne(client: pg.PoolClient, delivery: Delivery, as: 'DONE' | 'NOT_DONE'): Promise<RefusalCode | null> {
    if (delivery.state === 'leased') return 'IN_FLIGHT';
    if (delivery.state !== 'parked' && delivery.state !== 'unknown') return 'NOT_OPEN';
    const to = as === 'DONE' ? 'accepted' : 'rejected';
    const reason = as === 'DONE' ? 'resolved-as-done' : 'resolved-as-not-done';
    await this.#deps.store.finish(client, delivery.id, { state: to, reason });
    await this.#operation(delivery)?.settled(client, [{ delivery, to, reason, items: new Map() }]);
    await this.#deps.store.recordRepair(client, delivery, reason);
    return null;
  }

  /**
   * Deliveries are locked in id order, so that two operators' selections cannot deadlock; results come in the order asked for.
   * What is outside the caller's agencies is not found, and that it was named is kept.
   */
  async #onEach(call: DeliveryCall, on: { action: string; ids: readonly string[] }, act: (client: pg.PoolClient, delivery: Delivery) => Promise<RefusalCode | null>): Promise<Once<ActionItem[]>> {
    const limits = await this.#deps.agencies.scope.viewOf(call.caller);
    const rung = new Set<string>();
    const work = async (client: pg.PoolClient): Promise<ActionItem[]> => {
      const refusals = new Map<string, RefusalCode | null>();
      for (const id of [...new Set(on.ids)].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))) {
        const delivery = await this.#deps.store.lock(client, id, limits);
        const refused = delivery === null ? 'NOT_FOUND' : await act(client, delivery);
        refusals.set(id, refused);
        if (delivery === null || refused !== null) continue;
        rung.add(delivery.party);
        await this.#audit(client, call, { action: on.action, target: `delivery/${id}`, detail: { from: delivery.state, dossier: delivery.subjectKey } });
      }
      return on.ids.map((id) => ({ id, refused: refusals.get(id) ?? null }));
    };
    const done = await actOnce(this.#deps, call, { action: on.action, input: on.ids, work });
    for (const party of rung) this.#deps.bell.ring(party);
    if (done.kind === 'done' && isLimited(limits)) await this.#recordAttempts(call, on.action, done.result);
    return done;
  }

  async #recordAttempts(call: DeliveryCall, action: string, items: readonly ActionItem[]): Promise<void> {
    const missing = items.filter(({ refused }) => refused === 'NOT_FOUND');
    await this.#deps.agencies.attempts.record(call, action, missing.map(({ id }) => ({ kind: 'delivery', target: id })));
  }

  async #onParty(call: OperatorCall, on: { action: string; party: string; detail?: Record<string, unknown> }, act: (client: pg.PoolClient) => Promise<void>): Promise<Once<null>> {
    const known = (await this.#deps.parties.list()).some((status) => status.party === on.party);
    if (!known) throw new NotFoundError();
    const done = await actOnce(this.#deps, call, {
      action: on.action, input: { party: on.party, ...on.detail },
      work: async (client) => {
        await act(client);
        await this.#audit(client, call, { action: on.action, target: `party/${on.party}`, ...(on.detail === undefined ? {} : { detail: on.detail }) });
        return null;
      },
    });
    this.#deps.bell.ring(on.party);
    return done;
  }

  #audit(client: pg.PoolClient, call: OperatorCall, of: { action: string; target: string; detail?: Record<string, unknown> }): Promise<void> {
    return recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, reason: call.reason, ...of });
  }

  #operation(delivery: Delivery): DeliveryOperation | undefined {
    return this.#operations.get(operationKey(delivery.party, delivery.operation));
  }
}
