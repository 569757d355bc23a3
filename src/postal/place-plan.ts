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
 * Compares places with those kept. A file adds and changes, and ends what it says is no more (`planEndings`); a carrier's own list is whole, so what it names no more, of what it named
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

/** A place of which a file says that it is no more. */
export type EndedPlace = Pick<PlaceRecord, 'epoch' | 'path'>;

export type Ending = 'ended' | 'was-gone' | 'unknown' | 'not-empty';

/**
 * What becomes of each place that a file ends. One in which others still are stays, for nobody could find those any more: a file ends
 * them too. `told`: what the same file says is there. Pure.
 */
export const planEndings = (stored: readonly StoredPlace[], told: readonly PlaceRecord[], ended: readonly EndedPlace[]): ReadonlyMap<string, Ending> => {
  const known = new Map(stored.map((place) => [placeKey(place), place]));
  const inForce = new Map([...stored.filter(({ isGone }) => !isGone), ...told].map((place) => [placeKey(place), place]));
  const within = new Map<string, number>();
  const count = ({ epoch, parentPath }: PlaceRecord, by: 1 | -1): void => {
    if (parentPath !== null) within.set(placeKey({ epoch, path: parentPath }), (within.get(placeKey({ epoch, path: parentPath })) ?? 0) + by);
  };
  for (const place of inForce.values()) count(place, 1);
  const endings = new Map<string, Ending>();
  // What lies in a place has the longer path, and is looked at before it.
  for (const key of ended.map(placeKey).toSorted((left, right) => right.length - left.length)) {
    const place = known.get(key);
    const ending = place === undefined ? 'unknown' : place.isGone ? 'was-gone' : (within.get(key) ?? 0) > 0 ? 'not-empty' : 'ended';
    if (place !== undefined && ending === 'ended') count(place, -1);
    endings.set(key, ending);
  }
  return endings;
};
