import type pg from 'pg';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import type { Bell } from '../deliveries/bell-port.js';
import { unreadableText } from '../readable-text.js';
import { auditPost, refusePost, runPostOnce } from './postal-action.js';
import type { PostalActionDeps, PostalAnswer, PostalCall } from './postal-action.js';
import { correctShipment } from './shipment-correction.js';
import type { Correction, CorrectionDeps } from './shipment-correction.js';
import { CANCEL_OPERATION } from './shipment-operations.js';
import type { ShipmentNumber } from './shipment-ordering.js';
import type { ShipmentRow } from './shipment-rows.js';

export interface ShipmentDeskDeps extends PostalActionDeps, CorrectionDeps {
  readonly agencies: AgencyAccess;
  readonly bell: Bell;
  readonly order: { readonly maxAgeMs: number };
}

const sees = (view: AgencyView, { client, agencyCode }: ShipmentRow): boolean => (view.client === null || view.client === client) && view.sees(agencyCode);

/** What is done about parcels that are ordered. */
export class ShipmentDesk {
  readonly #deps: ShipmentDeskDeps;

  constructor(deps: ShipmentDeskDeps) {
    this.#deps = deps;
  }

  /** Calls a parcel off. The carrier decides: one that is too late goes on. */
  async cancel(call: PostalCall, number: string): Promise<PostalAnswer<ShipmentNumber>> {
    const { store, order, bell } = this.#deps;
    let party: string | null = null;
    const answer = await this.#act(call, { action: 'cancelShipment', number }, async (client, shipment) => {
      if (shipment.endedAt !== null || shipment.state === 'RETURNING') refusePost('STATE');
      if (shipment.cancelAskedAt !== null) return;
      await store.setCancelAsked(client, shipment.id, true);
      await store.enqueue(client, shipment, { operation: CANCEL_OPERATION, maxAgeMs: order.maxAgeMs, correlationId: call.correlationId, traceparent: call.traceparent });
      if (call.reason !== null) await auditPost(client, call, { action: 'cancel-shipment', number, dossierCode: shipment.dossierCode });
      party = shipment.carrier;
    });
    if (party !== null) bell.ring(party);
    return answer;
  }

  /** A person found out what became of it, or that nothing is wrong. */
  close(call: PostalCall, number: string): Promise<PostalAnswer<ShipmentNumber>> {
    return this.#act(call, { action: 'closeShipmentCase', number }, async (client, shipment) => {
      if (shipment.personReason === null) refusePost('STATE');
      await this.#deps.store.closeCase(client, shipment.id);
      await auditPost(client, call, { action: 'close-shipment-case', number, dossierCode: shipment.dossierCode });
    });
  }

  /** A person found out where it stands, against what the carrier tells or does not tell. Moves no money. */
  correct(call: PostalCall, number: string, correction: Correction): Promise<PostalAnswer<ShipmentNumber>> {
    return this.#act(call, { action: 'correctShipment', number, over: correction }, (client, shipment) => correctShipment(this.#deps, call, { client, shipment, correction }));
  }

  /** On a locked parcel that the caller may see; another's is not found. */
  async #act(call: PostalCall, { action, number, over = {} }: { readonly action: string; readonly number: string; readonly over?: object }, work: (client: pg.PoolClient, shipment: ShipmentRow) => Promise<void>): Promise<PostalAnswer<ShipmentNumber>> {
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    return runPostOnce(this.#deps, call, {
      action, input: { number, ...over },
      work: async (client) => {
        const shipment = unreadableText(number, false) === null ? await this.#deps.store.lockByNumber(client, number) : null;
        if (shipment === null || !sees(view, shipment)) return refusePost('NOT_FOUND');
        await work(client, shipment);
        return { number };
      },
    });
  }
}
