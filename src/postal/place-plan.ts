import type { PlaceLevel } from './postal-address.js';
import type { PlaceRecord, PlaceSource, StoredPlace } from './place.js';

/** What is to be written so that what is kept is as it was told. */
export interface PlacePlan {
  readonly added: readonly PlaceRecord[];
  /** Other codes or another spelling, or back after it was gone. */
  readonly changed: readonly PlaceRecord[];
  readonly gone: readonly StoredPlace[];
  readonly unchanged: number;
  /** The greatest share of a level's places that is gone, 0 to 1. */
  readonly lostShare: number;
}

const isSame = (left: PlaceRecord, right: PlaceRecord): boolean =>
  left.name === right.name && left.code === right.code && left.routeProvinceCode === right.routeProvinceCode && left.routeDistrictCode === right.routeDistrictCode;

export const placeKey = ({ epoch, path }: Pick<PlaceRecord, 'epoch' | 'path'>): string => `${epoch}/${path}`;

/**
 * Compares places with those kept. A file adds and changes; a carrier's own list is whole, so what it names no more, of what it named
 * before in this epoch, is gone. Pure.
 */
export const planPlaces = (stored: readonly StoredPlace[], told: readonly PlaceRecord[], source: PlaceSource): PlacePlan => {
  const known = new Map(stored.map((place) => [placeKey(place), place]));
  const named = new Set(told.map(placeKey));
  const added: PlaceRecord[] = [];
  const changed: PlaceRecord[] = [];
  for (const place of told) {
    const before = known.get(placeKey(place));
    if (before === undefined) added.push(place);
    else if (!isSame(before, place) || before.isGone || (source === 'CARRIER' && before.source === 'FILE')) changed.push(place);
  }
  const listed = source === 'CARRIER' ? stored.filter((place) => place.source === 'CARRIER' && !place.isGone && place.epoch === told[0]?.epoch) : [];
  const gone = listed.filter((place) => !named.has(placeKey(place)));
  const share = (level: PlaceLevel): number => {
    const ofLevel = listed.filter((place) => place.level === level).length;
    return ofLevel === 0 ? 0 : gone.filter((place) => place.level === level).length / ofLevel;
  };
  return { added, changed, gone, unchanged: told.length - added.length - changed.length, lostShare: Math.max(share('PROVINCE'), share('DISTRICT'), share('COMMUNE')) };
};
