import type { CarrierClaim, CarrierEvent } from './postal-carrier-port.js';
import type { HeardFact } from './shipment-book.js';
import type { CorrectedState, FailureReason, ShipmentState } from './shipment.js';

export const fedFact = (event: CarrierEvent): HeardFact => ({ ...event, source: 'FEED', callbackId: null });

/** The carrier's answer to our own question. */
export const answeredFact = (event: CarrierEvent): HeardFact => ({ ...event, source: 'ANSWER', callbackId: null });

/** Nobody vouches for it: it is kept, and makes us ask. */
export const claimedFact = (event: CarrierClaim, callbackId: string): HeardFact => ({ ...event, source: 'CLAIM', callbackId });

/** What we did, or were told in answer to it. */
export const ownFact = (orderNumber: string, of: { readonly key: string; readonly code: string; readonly text?: string | null; readonly at: Date; readonly means: ShipmentState | null }): HeardFact =>
  ({ orderNumber, carrierNumber: null, key: of.key, code: of.code, text: of.text ?? null, place: null, at: of.at, means: of.means, failure: null, collection: null, source: 'OURS', callbackId: null });

/** The word of a person. Why he says so stands in his audit row: it may name people, and facts are never erased. */
export const personsFact = (orderNumber: string, of: { readonly key: string; readonly at: Date; readonly means: CorrectedState; readonly failure: FailureReason | null }): HeardFact =>
  ({ orderNumber, carrierNumber: null, key: of.key, code: 'corrected', text: null, place: null, at: of.at, means: of.means, failure: of.failure, collection: null, source: 'OPERATOR', callbackId: null });
