import type { PartyAnswer, PartyCall } from '../deliveries/party-call.js';
import type { BilingualText } from '../errors/gateway-error.js';
import type { PlaceLevel, RoutedContact } from './postal-address.js';
import type { CarrierState, CollectionWord, FailureReason, PostalChoice, ShipmentDirection } from './shipment.js';

/** A parcel, as ordered; the same each time it is made from its row. */
export interface ShipmentOrder {
  /** Ours, by which the carrier knows it together with our customer code: the dossier code, with a suffix from the second parcel on. */
  readonly orderNumber: string;
  readonly dossierCode: string;
  /** The agency's code and those above it, nearest first: whose contract with the carrier is used. */
  readonly agencyCodes: readonly string[];
  readonly direction: ShipmentDirection;
  readonly sender: RoutedContact;
  readonly recipient: RoutedContact;
  /** One of the carrier's `services`; null for its default. */
  readonly service: string | null;
  readonly weightGrams: number;
  /** What is in it: names of the documents (thành phần hồ sơ). */
  readonly contents: string;
  readonly note: string | null;
  /** To be collected from the recipient for the agency; 0 for nothing. */
  readonly collectVnd: number;
  readonly createdAt: Date;
  /** What the carrier gave and wants repeated; holds no personal data. */
  readonly carrierData: Readonly<Record<string, string>>;
}

/** What a question or a cancellation needs to name a parcel. */
export type ShipmentRef = Pick<ShipmentOrder, 'orderNumber' | 'agencyCodes' | 'carrierData'> & { readonly carrierNumber: string | null };

export type CreateAnswer =
  | {
    readonly kind: 'accepted';
    /** The carrier had it already: an earlier try arrived. */
    readonly already: boolean;
    /** The carrier's number of the parcel (waybill); null where it comes later. */
    readonly carrierNumber: string | null;
    /** What the carrier will ask of us; null where it does not say. */
    readonly feeVnd: number | null;
    readonly carrierData: Readonly<Record<string, string>>;
  }
  | { readonly kind: 'rejected'; readonly code: string; readonly text: string };

/** One thing that a carrier says of a parcel. */
export interface CarrierEvent {
  readonly orderNumber: string;
  readonly carrierNumber: string | null;
  /** The carrier's own id of the event, or code and time: the same for each repeat. */
  readonly key: string;
  readonly code: string;
  /** The carrier's words, kept for ever: free notes of couriers, who write names and telephones into them, are left out. */
  readonly text: string | null;
  readonly place: string | null;
  readonly at: Date | null;
  /** Null: an unlisted code. */
  readonly means: CarrierState | null;
  readonly failure: FailureReason | null;
  readonly collection: CollectionWord | null;
}

/** A message of a carrier that nobody vouches for: what it claims is asked for before it counts. */
export interface CarrierClaim extends CarrierEvent {
  readonly claimed: true;
}

export interface QuoteOrder {
  readonly agencyCodes: readonly string[];
  readonly direction: ShipmentDirection;
  readonly sender: Pick<RoutedContact, 'address' | 'place'>;
  readonly recipient: Pick<RoutedContact, 'address' | 'place'>;
  readonly weightGrams: number;
  readonly collectVnd: number;
}

export interface Quote {
  /** One of the carrier's `services`, or a code of its answer that is not listed. */
  readonly service: string;
  /** What is to be paid in all, VAT included. */
  readonly feeVnd: number;
  /** As the carrier writes it. */
  readonly expectedDelivery: string | null;
}

export type QuoteAnswer = { readonly kind: 'quoted'; readonly quotes: readonly Quote[] } | { readonly kind: 'rejected'; readonly code: string; readonly text: string };

/** The dossier that the post will carry, with its papers, as the carrier's clerk checks them (phiếu hồ sơ). */
export interface DossierNotice {
  readonly orderNumber: string;
  readonly dossierCode: string;
  readonly agencyCodes: readonly string[];
  readonly choice: PostalChoice;
  readonly procedure: { readonly code: string; readonly name: string; readonly field: string | null; readonly documents: readonly string[] };
  readonly sender: RoutedContact | null;
  readonly recipient: RoutedContact | null;
}

export interface CarrierService extends BilingualText {
  readonly code: string;
}

/** Everything that happened to our parcels, page by page. */
export interface TrackingFeed {
  /** Where a carrier's history begins. */
  readonly start: string;
  /**
   * Effect class read. Events after the cursor, oldest first, and the cursor behind the last of them; the same cursor where there is
   * nothing new. `full`: there may be more at once.
   */
  next(cursor: string, call: PartyCall): Promise<{ readonly events: readonly CarrierEvent[]; readonly cursor: string; readonly full: boolean }>;
}

/** One place of a carrier's lists. `parentCode`: of the province, or of the district. */
export interface ListedPlace {
  readonly level: PlaceLevel;
  readonly code: string;
  readonly parentCode: string | null;
  readonly name: string;
}

/** Asks for single parcels. */
export interface ParcelQuestions {
  /** At most so many in one call. */
  readonly atOnce: number;
  /** Effect class read. What is known of each parcel now; one that the carrier does not know is missing. */
  ask(parcels: readonly ShipmentRef[], call: PartyCall): Promise<ReadonlyMap<string, { readonly events: readonly CarrierEvent[]; readonly carrierNumber: string | null; readonly carrierData: Readonly<Record<string, string>> }>>;
}

/**
 * What a carrier can do, as data: code asks these and never a carrier's name. Contract suite: test/contract/postal-carrier-suite.ts.
 * A member that is null is something that the carrier cannot do.
 */
export interface PostalCarrier {
  /** Name of the party, which is the name of the carrier. */
  readonly party: string;
  /** It tells us by itself, through a receiver of `CarrierClaim`; else it is asked on a clock. */
  readonly pushesEvents: boolean;
  /** It collects money from recipients. */
  readonly collectsMoney: boolean;
  /** Levels without whose codes it takes no order. */
  readonly needsPlaces: readonly PlaceLevel[];
  readonly services: readonly CarrierService[];
  /** How long after we gave up a request may still arrive; nothing is asked or sent again before. */
  readonly inFlightMs: number;
  /** Whether a repeat of `create` under the same number is recognised for sure. If not, an unknown outcome is asked for (`questions`), never repeated unasked. */
  readonly recognisesRepeats: boolean;
  /** Whether an agency with these codes (nearest first) has a contract. */
  serves(agencyCodes: readonly string[]): boolean;
  /**
   * Effect class keyed by `orderNumber` where `recognisesRepeats`, else unsafe.
   * @throws PartyError `outcome-unknown` it may have arrived
   */
  create(order: ShipmentOrder, call: PartyCall): Promise<CreateAnswer>;
  /** Effect class keyed: cancelling what is cancelled changes nothing. Too late is a rejection. */
  cancel(parcel: ShipmentRef, call: PartyCall): Promise<PartyAnswer>;
  /** Effect class keyed by `orderNumber`. */
  readonly announce: ((notice: DossierNotice, call: PartyCall) => Promise<PartyAnswer>) | null;
  /** Effect class read. */
  readonly quote: ((order: QuoteOrder, call: PartyCall) => Promise<QuoteAnswer>) | null;
  readonly feed: TrackingFeed | null;
  readonly questions: ParcelQuestions | null;
  /** Effect class read: every place that the carrier knows. */
  readonly listPlaces: ((call: PartyCall) => Promise<readonly ListedPlace[]>) | null;
}
