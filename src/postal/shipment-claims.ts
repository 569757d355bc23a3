import type { ApplyAnswer, ApplyContext } from '../callbacks/callback-binding.js';
import { claimedFact } from './heard-facts.js';
import type { CarrierClaim, PostalCarrier } from './postal-carrier-port.js';
import type { ShipmentBook } from './shipment-book.js';
import type { ShipmentWatchStore } from './shipment-watch-store.js';

/** Messages of carriers that nobody vouches for: kept, and the reason to ask at once. */
export class ShipmentClaims {
  readonly #deps: { readonly book: ShipmentBook; readonly watch: ShipmentWatchStore; readonly carriers: readonly PostalCarrier[] };

  constructor(deps: { readonly book: ShipmentBook; readonly watch: ShipmentWatchStore; readonly carriers: readonly PostalCarrier[] }) {
    this.#deps = deps;
  }

  /** In the transaction in which the message is marked as applied. */
  async apply(party: string, claim: CarrierClaim, { client, callbackId }: ApplyContext): Promise<ApplyAnswer> {
    const { book, watch, carriers } = this.#deps;
    const { shipments, news } = await book.record(client, party, [claimedFact(claim, callbackId)]);
    const canAsk = carriers.some((carrier) => carrier.party === party && carrier.questions !== null);
    if (canAsk && news.size > 0) await watch.askNow(client, [...news]);
    const dossierCode = shipments[0]?.dossierCode;
    return { outcome: 'applied', code: null, ...(dossierCode === undefined ? {} : { dossierCode }) };
  }
}
