import type pg from 'pg';
import { isSamePerson } from '../access/same-person.js';
import { NotFoundError } from '../errors/gateway-error.js';
import { recordOperatorAction } from '../deliveries/party-store.js';
import type { OperatorCall } from '../deliveries/operator-service.js';
import type { DossierErasure, ErasureRefusal } from '../dossiers/dossier-erasure.js';
import { personIndexOf } from '../dossiers/person-index.js';
import type { Database } from '../store/database.js';
import { actOnce } from '../store/act-once.js';
import type { Once } from '../store/once.js';
import type { RetentionStore } from './retention-store.js';

export interface RetentionServiceDeps {
  readonly database: Database;
  readonly store: RetentionStore;
  readonly erasure: DossierErasure;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number };
}

export type ErasureRefusalCode = ErasureRefusal | 'SAME_PERSON' | 'DONE_ALREADY';

export type Approval =
  | { readonly refused: null; readonly dossierCodes: readonly string[] }
  | { readonly refused: ErasureRefusalCode; readonly dossierCodes: readonly string[] };

/** Dossiers in which the person occurs now. */
export interface HeldPerson { readonly dossierCodes: readonly string[] }

/** Enough of the index to tell persons apart in the audit, too little to test id numbers against it. */
const indexName = (personIndex: string): string => `person/${personIndex.slice(0, 8)}`;

/** Holds, and the rights of the persons behind dossiers. Each action and its audit row are one transaction. */
export class RetentionService {
  readonly #deps: RetentionServiceDeps;

  constructor(deps: RetentionServiceDeps) {
    this.#deps = deps;
  }

  /** Dossiers in which the person occurs; that it was asked is recorded. */
  async find(caller: OperatorCall['caller'], idNumber: string): Promise<readonly string[]> {
    const personIndex = this.#index(idNumber);
    return this.#deps.database.transaction(async (client) => {
      const codes = await this.#deps.erasure.codesOf(client, personIndex);
      await recordOperatorAction(client, { actor: caller.client, role: caller.role, action: 'find-personal-data', target: indexName(personIndex), reason: null, detail: { found: codes.length } });
      return codes;
    });
  }

  async requestErasure(call: OperatorCall, idNumber: string): Promise<Once<{ readonly id: string }>> {
    const personIndex = this.#index(idNumber);
    return this.#once(call, { action: 'request-erasure', input: personIndex }, async (client) => {
      const id = await this.#deps.store.addRequest(client, { personIndex, reason: call.reason, by: call.caller.client });
      await this.#audit(client, call, { action: 'request-erasure', target: `erasure/${id}` });
      return { id };
    });
  }

  /** The second person's part: finds the dossiers anew, and erases all of them or none. Throws NotFoundError. */
  async approveErasure(call: OperatorCall, id: string): Promise<Once<Approval>> {
    return this.#once(call, { action: 'approve-erasure', input: id }, async (client): Promise<Approval> => {
      const request = await this.#deps.store.lockRequest(client, id);
      if (request === null) throw new NotFoundError();
      if (request.isDone) return { refused: 'DONE_ALREADY', dossierCodes: [] };
      if (isSamePerson(request.requestedBy, call.caller.client)) return { refused: 'SAME_PERSON', dossierCodes: [] };
      return this.#erase(client, call, request);
    });
  }

  async placeHold(call: OperatorCall, dossierCode: string): Promise<Once<null>> {
    return this.#once(call, { action: 'place-legal-hold', input: dossierCode }, async (client) => {
      if (!(await this.#deps.store.isKnown(client, dossierCode))) throw new NotFoundError();
      await this.#deps.store.meetErasures(client, [dossierCode]);
      await this.#deps.store.placeHold(client, { dossierCode, reason: call.reason, by: call.caller.client });
      await this.#audit(client, call, { action: 'place-legal-hold', target: `dossier/${dossierCode}`, detail: { dossier: dossierCode } });
      return null;
    });
  }

  async liftHold(call: OperatorCall, dossierCode: string): Promise<Once<null>> {
    return this.#once(call, { action: 'lift-legal-hold', input: dossierCode }, async (client) => {
      if (!(await this.#deps.store.liftHold(client, dossierCode))) throw new NotFoundError();
      await this.#audit(client, call, { action: 'lift-legal-hold', target: `dossier/${dossierCode}`, detail: { dossier: dossierCode } });
      return null;
    });
  }

  /** Holds every dossier in which the person occurs, also one that comes later. Gives those that are there now. */
  async placePersonHold(call: OperatorCall, idNumber: string): Promise<Once<HeldPerson>> {
    const personIndex = this.#index(idNumber);
    return this.#once(call, { action: 'place-person-hold', input: personIndex }, async (client) => {
      await this.#deps.store.placePersonHold(client, { personIndex, reason: call.reason, by: call.caller.client });
      return this.#heldPerson(client, call, { action: 'place-person-hold', personIndex });
    });
  }

  /** A dossier that is under a hold of its own, or of another person, stays held. Throws NotFoundError where the person is not held. */
  async liftPersonHold(call: OperatorCall, idNumber: string): Promise<Once<HeldPerson>> {
    const personIndex = this.#index(idNumber);
    return this.#once(call, { action: 'lift-person-hold', input: personIndex }, async (client) => {
      if (!(await this.#deps.store.liftPersonHold(client, personIndex))) throw new NotFoundError();
      return this.#heldPerson(client, call, { action: 'lift-person-hold', personIndex });
    });
  }

  /** One audit row in the chain of each dossier; one in that of the operators where there is none yet. */
  async #heldPerson(client: pg.PoolClient, call: OperatorCall, of: { readonly action: string; readonly personIndex: string }): Promise<HeldPerson> {
    const { erasure, store } = this.#deps;
    await store.meetErasures(client, await erasure.codesOf(client, of.personIndex));
    const dossierCodes = await erasure.codesOf(client, of.personIndex);
    const target = indexName(of.personIndex);
    for (const code of dossierCodes) await this.#audit(client, call, { action: of.action, target, detail: { dossier: code } });
    if (dossierCodes.length === 0) await this.#audit(client, call, { action: of.action, target, detail: { found: 0 } });
    return { dossierCodes };
  }

  async #erase(client: pg.PoolClient, call: OperatorCall, request: { readonly id: string; readonly personIndex: string }): Promise<Approval> {
    const { erasure, store } = this.#deps;
    const codes = await erasure.codesOf(client, request.personIndex);
    const refusals = await erasure.lock(client, codes);
    const [first] = refusals;
    if (first !== undefined) return { refused: first.refusal, dossierCodes: [...new Set(refusals.map(({ code }) => code))] };
    await erasure.erase(client, codes, call.caller.client);
    await store.approveRequest(client, request.id, call.caller.client);
    for (const code of codes) await this.#audit(client, call, { action: 'erase-personal-data', target: `erasure/${request.id}`, detail: { dossier: code } });
    if (codes.length === 0) await this.#audit(client, call, { action: 'erase-personal-data', target: `erasure/${request.id}`, detail: { found: 0 } });
    return { refused: null, dossierCodes: codes };
  }

  #once<Result>(call: OperatorCall, of: { readonly action: string; readonly input: string }, work: (client: pg.PoolClient) => Promise<Result>): Promise<Once<Result>> {
    return actOnce(this.#deps, call, { ...of, work });
  }

  #audit(client: pg.PoolClient, call: OperatorCall, of: { readonly action: string; readonly target: string; readonly detail?: Record<string, unknown> }): Promise<void> {
    return recordOperatorAction(client, { actor: call.caller.client, role: call.caller.role, reason: call.reason, ...of });
  }

  #index(idNumber: string): string {
    return personIndexOf(this.#deps.settings.fingerprintKey, idNumber);
  }
}
