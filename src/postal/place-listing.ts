import type { AddressEpoch } from './postal-address.js';
import type { ListedPlace } from './postal-carrier-port.js';
import { placePath } from './place-names.js';
import type { PlaceRecord } from './place.js';

export interface ReadListing {
  /** A list with districts is of the three levels. */
  readonly epoch: AddressEpoch;
  readonly places: readonly PlaceRecord[];
  /** Entries that cannot be used: without a parent in the list, without a name, or a second code of the same name. */
  readonly ignored: number;
}

const byCode = (left: ListedPlace, right: ListedPlace): number => (left.code < right.code ? -1 : left.code > right.code ? 1 : 0);

/** A carrier's list → places. The same list in another order gives the same places. Pure. */
export const readListing = (listed: readonly ListedPlace[]): ReadListing => {
  const epoch = listed.some(({ level }) => level === 'DISTRICT') ? 'THREE_LEVEL' : 'TWO_LEVEL';
  const places = new Map<string, PlaceRecord>();
  const pathsByCode = { PROVINCE: new Map<string, string>(), DISTRICT: new Map<string, string>(), COMMUNE: new Map<string, string>() };
  const parentOf = ({ level, parentCode }: ListedPlace): string | null =>
    pathsByCode[level === 'DISTRICT' || epoch === 'TWO_LEVEL' ? 'PROVINCE' : 'DISTRICT'].get(parentCode ?? '') ?? null;
  for (const level of ['PROVINCE', 'DISTRICT', 'COMMUNE'] as const) {
    for (const entry of listed.filter((candidate) => candidate.level === level).toSorted(byCode)) {
      const parentPath = level === 'PROVINCE' ? null : parentOf(entry);
      const name = entry.name.normalize('NFC').trim();
      const path = placePath(parentPath, name);
      if ((level !== 'PROVINCE' && parentPath === null) || path === '' || path.endsWith('/') || places.has(path)) continue;
      pathsByCode[level].set(entry.code, path);
      places.set(path, { epoch, level, path, parentPath, name, code: entry.code, routeProvinceCode: null, routeDistrictCode: null });
    }
  }
  return { epoch, places: [...places.values()], ignored: listed.length - places.size };
};
