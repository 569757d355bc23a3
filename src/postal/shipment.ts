/** From the citizen to the agency (gửi hồ sơ), or from the agency to the citizen (trả kết quả). */
export type ShipmentDirection = 'PICKUP' | 'RETURN';

/** What the citizen chose by Decision 45/2016/QĐ-TTg, article 5: to send the dossier, to receive the result, or both. */
export type PostalChoice = 'SEND' | 'RETURN' | 'BOTH';

/**
 * requested: durable here, the carrier may not have heard. unknown: it may have it; it is asked or told again. refused: it said no.
 * ordered: it has the order. collecting, collected: on the way to the sender, and taken from him. at office: waits at a post office.
 * failed: not collected or not delivered, with a reason; it may still come. returning, returned: on the way back to the sender, and there.
 */
export const SHIPMENT_STATES = [
  'REQUESTED', 'UNKNOWN', 'REFUSED', 'ORDERED', 'COLLECTING', 'COLLECTED', 'IN_TRANSIT', 'AT_OFFICE', 'FAILED', 'RETURNING', 'CANCELLED', 'DELIVERED', 'RETURNED',
] as const;
export type ShipmentState = (typeof SHIPMENT_STATES)[number];

/** What a carrier can say of a parcel; the others are ours. */
export type CarrierState = Exclude<ShipmentState, 'REQUESTED' | 'UNKNOWN'>;

/** Why a parcel was not collected or not delivered; OTHER where the carrier's reason is not listed. */
export const FAILURE_REASONS = ['NOBODY_THERE', 'WRONG_ADDRESS', 'REFUSED_BY_RECIPIENT', 'NOT_READY', 'DAMAGED', 'LOST', 'OTHER'] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** What a carrier says of the money that it collects: from the recipient, and handed on to us. Neither books anything. */
export type CollectionWord = 'COLLECTED' | 'PAID_OUT';

const UNDER_WAY: readonly ShipmentState[] = ['COLLECTING', 'COLLECTED', 'IN_TRANSIT', 'AT_OFFICE', 'FAILED', 'RETURNING', 'CANCELLED', 'DELIVERED', 'RETURNED'];

/**
 * Legal moves as data: from → to. Carriers leave stations out, so a parcel may skip forward; it may go round between office, road and a
 * failed try. Delivered and returned are the end: what is told of later is kept and moves nothing. A parcel that we thought refused or
 * cancelled, and that is seen on the road, is on the road.
 */
export const SHIPMENT_MOVES: Readonly<Record<ShipmentState, readonly ShipmentState[]>> = {
  REQUESTED: ['UNKNOWN', 'REFUSED', 'ORDERED', ...UNDER_WAY],
  UNKNOWN: ['REFUSED', 'ORDERED', ...UNDER_WAY],
  REFUSED: ['ORDERED', ...UNDER_WAY],
  ORDERED: UNDER_WAY,
  COLLECTING: ['COLLECTED', 'IN_TRANSIT', 'AT_OFFICE', 'FAILED', 'RETURNING', 'CANCELLED', 'DELIVERED', 'RETURNED'],
  COLLECTED: ['IN_TRANSIT', 'AT_OFFICE', 'FAILED', 'RETURNING', 'CANCELLED', 'DELIVERED', 'RETURNED'],
  IN_TRANSIT: ['AT_OFFICE', 'FAILED', 'RETURNING', 'CANCELLED', 'DELIVERED', 'RETURNED'],
  AT_OFFICE: ['IN_TRANSIT', 'FAILED', 'RETURNING', 'CANCELLED', 'DELIVERED', 'RETURNED'],
  FAILED: ['COLLECTING', 'COLLECTED', 'IN_TRANSIT', 'AT_OFFICE', 'RETURNING', 'CANCELLED', 'DELIVERED', 'RETURNED'],
  RETURNING: ['AT_OFFICE', 'FAILED', 'DELIVERED', 'RETURNED'],
  CANCELLED: ['COLLECTING', 'COLLECTED', 'IN_TRANSIT', 'AT_OFFICE', 'FAILED', 'RETURNING', 'DELIVERED', 'RETURNED'],
  DELIVERED: [],
  RETURNED: [],
};

/** Nothing more is expected of it. */
export const ENDED_STATES: readonly ShipmentState[] = ['REFUSED', 'CANCELLED', 'DELIVERED', 'RETURNED'];

/** What a person may say that became of a parcel that the carrier has. What its order came to is for its delivery to find out. */
export type CorrectedState = Exclude<CarrierState, 'REFUSED' | 'ORDERED' | 'COLLECTING'>;

/**
 * What a recorded fact rests on: our own doing, the carrier's feed or answer, a message that is not proved and only makes us ask, or the
 * word of a person who found it out.
 */
export type ShipmentEventSource = 'OURS' | 'FEED' | 'ANSWER' | 'CLAIM' | 'OPERATOR';

/** One fact of a parcel's history, as kept. */
export interface ShipmentEvent {
  /** The same for each repeat of this fact, another for any other fact of this parcel. */
  readonly key: string;
  readonly source: ShipmentEventSource;
  /** The carrier's own code and words; ours where the source is OURS or OPERATOR. */
  readonly code: string;
  readonly text: string | null;
  /** Post office or town, as the carrier writes it. */
  readonly place: string | null;
  /** By the carrier's clock; when we heard of it, where it tells none. */
  readonly at: Date;
  /** Null: the code is not listed. It is shown and moves nothing. */
  readonly means: ShipmentState | null;
  readonly failure: FailureReason | null;
  readonly collection: CollectionWord | null;
}
