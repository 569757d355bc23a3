/** Three levels until 30 June 2025 (province, district, commune), two since (province, commune). Carriers still route by either. */
export type AddressEpoch = 'THREE_LEVEL' | 'TWO_LEVEL';
export const PLACE_LEVELS = ['PROVINCE', 'DISTRICT', 'COMMUNE'] as const;
export type PlaceLevel = (typeof PLACE_LEVELS)[number];

/** An address as a person writes it, by names. Personal data where it is a citizen's. */
export interface PostalAddress {
  readonly epoch: AddressEpoch;
  readonly province: string;
  /** Null in two levels. */
  readonly district: string | null;
  readonly commune: string;
  /** House, street, hamlet: what is below the commune. */
  readonly street: string;
}

/** The carrier's own codes of a place; null at a level that the carrier does not know, or does not need. */
export interface CarrierPlace {
  readonly provinceCode: string;
  readonly districtCode: string | null;
  readonly communeCode: string | null;
}

/** Somebody at an address. */
export interface PostalContact {
  readonly name: string;
  readonly phone: string;
  readonly email: string | null;
  readonly address: PostalAddress;
}

/** A contact whose address the carrier can find. */
export interface RoutedContact extends PostalContact {
  readonly place: CarrierPlace;
}

export type PlaceAnswer =
  | { readonly kind: 'found'; readonly place: CarrierPlace }
  /** The first level that cannot be found, with the names nearest to what was written, best first. */
  | { readonly kind: 'unknown'; readonly level: PlaceLevel; readonly suggestions: readonly string[] };

/** From names to a carrier's codes. */
export interface PlaceLookup {
  placeOf(carrier: string, address: PostalAddress): Promise<PlaceAnswer>;
}

/** Where an agency's post is collected and delivered. */
export interface PostalOffices {
  /** Of the agency, or of the nearest agency above it that has one; null where none has. */
  officeOf(agencyCodes: readonly string[]): Promise<PostalContact | null>;
}
