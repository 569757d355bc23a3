import type pg from 'pg';
import type { OrderData } from '../payments/payment-rows.js';
import type { Queryable } from '../store/database.js';
import type { PostalCall } from './postal-action.js';
import type { ShipmentStanding } from './shipment-history.js';
import type { ShipmentRow } from './shipment-rows.js';

/** What a carrier is to collect at the door. */
export interface CollectionOrder {
  readonly call: PostalCall;
  readonly dossierCode: string;
  readonly agency: Pick<OrderData, 'agencyCodes' | 'agencyName'>;
  readonly itemKeys: readonly string[];
  readonly carrier: string;
  readonly orderNumber: string;
}

/** Opens the payment that a carrier collects, in the transaction that writes the parcel. */
export interface CollectionPort {
  /**
   * The fee items are held from then on.
   * @throws RefusedAction of payments where they cannot be collected: nothing is ordered then
   */
  collect(client: pg.PoolClient, order: CollectionOrder): Promise<{ readonly paymentId: string; readonly amountVnd: number }>;
}

/** A parcel that stands otherwise than before, by what the carrier and we know; a person's word moves no money and is left out. */
export interface StandingChange {
  /** As it was before. */
  readonly shipment: ShipmentRow;
  readonly before: ShipmentStanding;
  readonly after: ShipmentStanding;
}

/** Run inside the transaction that writes the facts, once for each parcel whose standing is another, collected money included. */
export type OnStanding = (client: Queryable, change: StandingChange) => Promise<void>;
