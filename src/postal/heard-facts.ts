import type { CarrierClaim, CarrierEvent } from './postal-carrier-port.js';
import type { HeardFact } from './shipment-book.js';
import type { ShipmentState } from './shipment.js';

export const fedFact = (event: CarrierEvent): HeardFact => ({ ...event, source: 'FEED', callbackId: null });

/** The carrier's answer to our own question. */
export const answeredFact = (event: CarrierEvent): HeardFact => ({ ...event, source: 'ANSWER', callbackId: null });

/** Nobody vouches for it: it is kept, and makes us ask. */
export const claimedFact = (event: CarrierClaim, callbackId: string): HeardFact => ({ ...event, source: 'CLAIM', callbackId });

/** What we did, or were told in answer to it. */
export const ownFact = (orderNumber: string, of: { readonly key: string; readonly code: string; readonly text?: string | null; readonly at: Date; readonly means: ShipmentState | null }): HeardFact =>
  ({ orderNumber, carrierNumber: null, key: of.key, code: of.code, text: of.text ?? null, place: null, at: of.at, means: of.means, failure: null, collection: null, source: 'OURS', callbackId: null });
