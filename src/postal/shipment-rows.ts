import type { CarrierPlace } from './postal-address.js';
import type { CollectionWord, FailureReason, PostalChoice, ShipmentDirection, ShipmentState } from './shipment.js';

/** The part of an order that is no personal data and is repeated to the letter. */
export interface ShipmentOrderData {
  /** Nearest first. */
  readonly agencyCodes: readonly string[];
  readonly sender: CarrierPlace;
  readonly recipient: CarrierPlace;
}

/** Why a person must look at a parcel. */
export type ShipmentPersonReason = 'contradicted' | 'silent' | 'lost' | 'damaged';

/** A parcel as stored. */
export interface ShipmentRow {
  readonly id: string;
  readonly orderNumber: string;
  readonly carrier: string;
  readonly dossierCode: string;
  readonly agencyCode: string;
  /** Owner of the dossier. */
  readonly client: string;
  readonly direction: ShipmentDirection;
  readonly sequence: number;
  readonly previousId: string | null;
  readonly service: string | null;
  readonly weightGrams: number;
  readonly state: ShipmentState;
  readonly stateAt: Date;
  readonly failure: FailureReason | null;
  readonly personReason: ShipmentPersonReason | null;
  readonly carrierNumber: string | null;
  readonly carrierData: Readonly<Record<string, string>>;
  readonly orderData: ShipmentOrderData;
  readonly quotedVnd: number | null;
  readonly feeVnd: number | null;
  readonly collectVnd: number;
  readonly collection: CollectionWord | null;
  readonly paymentId: string | null;
  /** Sealed; null where it was erased. */
  readonly content: string | null;
  readonly createdAt: Date;
  readonly orderedAt: Date | null;
  readonly collectedAt: Date | null;
  readonly endedAt: Date | null;
  readonly cancelAskedAt: Date | null;
  readonly askAt: Date | null;
  readonly asks: number;
  readonly deliveryId: string | null;
}

type NumbersAsText = 'quotedVnd' | 'feeVnd' | 'collectVnd';
export type StoredShipment = Omit<ShipmentRow, NumbersAsText> & { readonly quotedVnd: string | null; readonly feeVnd: string | null; readonly collectVnd: string };

export const SHIPMENT_COLUMNS = `s.id, s.order_number AS "orderNumber", s.carrier, s.dossier_code AS "dossierCode", s.agency_code AS "agencyCode", s.client, s.direction, s.sequence,
  s.previous_id AS "previousId", s.service, s.weight_grams AS "weightGrams", s.state, s.state_at AS "stateAt", s.failure, s.person_reason AS "personReason",
  s.carrier_number AS "carrierNumber", s.carrier_data AS "carrierData", s.order_data AS "orderData", s.quoted_vnd AS "quotedVnd", s.fee_vnd AS "feeVnd",
  s.collect_vnd AS "collectVnd", s.collection, s.payment_id AS "paymentId", s.content, s.created_at AS "createdAt", s.ordered_at AS "orderedAt",
  s.collected_at AS "collectedAt", s.ended_at AS "endedAt", s.cancel_asked_at AS "cancelAskedAt", s.ask_at AS "askAt", s.asks, s.delivery_id AS "deliveryId"`;

const orNull = (text: string | null): number | null => (text === null ? null : Number(text));

/** PostgreSQL's bigint comes as text; amounts end far below 2^53. */
export const toShipment = <Row extends StoredShipment>(row: Row): Omit<Row, NumbersAsText> & ShipmentRow =>
  ({ ...row, quotedVnd: orNull(row.quotedVnd), feeVnd: orNull(row.feeVnd), collectVnd: Number(row.collectVnd) });

/** What a dossier's citizen chose. */
export interface ChoiceRow {
  readonly dossierCode: string;
  readonly choice: PostalChoice;
  /** Sealed; null where none was named, or it was erased. */
  readonly recipient: string | null;
  readonly chosenAt: Date;
}
