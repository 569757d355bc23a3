import type { AddressEpoch, PlaceLevel } from './postal-address.js';

/** A place as a carrier knows it. */
export interface PlaceRecord {
  readonly epoch: AddressEpoch;
  readonly level: PlaceLevel;
  /** Folded names from the province down (`placePath`): what it is known by here. */
  readonly path: string;
  /** Null for a province. */
  readonly parentPath: string | null;
  /** As the carrier, or the file, writes it. */
  readonly name: string;
  /** The carrier's own code; null where it has none for this level. */
  readonly code: string | null;
  /** Two levels only: the old codes by which the carrier still routes to this commune; null where the province's own, or none, will do. */
  readonly routeProvinceCode: string | null;
  readonly routeDistrictCode: string | null;
}

/** A place as kept. */
export interface StoredPlace extends PlaceRecord {
  readonly source: PlaceSource;
  readonly isGone: boolean;
}

/** Who told us of a place. */
export type PlaceSource = 'CARRIER' | 'FILE';

/** What a carrier's places are at the moment. */
export interface PlaceListStatus {
  readonly carrier: string;
  readonly syncedAt: Date | null;
  readonly failure: string | null;
  readonly counts: readonly { readonly epoch: AddressEpoch; readonly level: PlaceLevel; readonly places: number; readonly gone: number }[];
}

/** The levels of an epoch, from the top. */
export const LEVELS_OF: Readonly<Record<AddressEpoch, readonly PlaceLevel[]>> = {
  THREE_LEVEL: ['PROVINCE', 'DISTRICT', 'COMMUNE'],
  TWO_LEVEL: ['PROVINCE', 'COMMUNE'],
};
