import type { UnknownPlace } from './postal-action.js';
import type { CarrierPlace, PlaceLookup, PostalContact } from './postal-address.js';
import type { PostalCarrier } from './postal-carrier-port.js';

/** Both ends of a parcel, each with the path under which a caller knows it. */
export interface Ends {
  readonly sender: { readonly contact: PostalContact; readonly field: string };
  readonly recipient: { readonly contact: PostalContact; readonly field: string };
}

export interface Route {
  readonly carrier: PostalCarrier;
  readonly sender: CarrierPlace;
  readonly recipient: CarrierPlace;
}

/** For a carrier that needs no codes, and knows none of the place. */
const NOWHERE: CarrierPlace = { provinceCode: '', districtCode: null, communeCode: null };
const CODE_OF = { PROVINCE: 'provinceCode', DISTRICT: 'districtCode', COMMUNE: 'communeCode' } as const;

const placeFor = async (places: PlaceLookup, carrier: PostalCarrier, { contact, field }: Ends['sender']): Promise<CarrierPlace | UnknownPlace> => {
  const answer = await places.placeOf(carrier.party, contact.address);
  if (answer.kind === 'unknown') {
    return carrier.needsPlaces.includes(answer.level) ? { field, carrier: carrier.party, level: answer.level, suggestions: answer.suggestions } : NOWHERE;
  }
  const missing = carrier.needsPlaces.find((level) => answer.place[CODE_OF[level]] === null);
  return missing === undefined ? answer.place : { field, carrier: carrier.party, level: missing, suggestions: [] };
};

const isUnknown = (found: CarrierPlace | UnknownPlace): found is UnknownPlace => 'level' in found;

/** The first carrier that can find both ends; else what the first of all could not find. */
export const routeOf = async (places: PlaceLookup, carriers: readonly PostalCarrier[], ends: Ends): Promise<Route | UnknownPlace | null> => {
  let first: UnknownPlace | null = null;
  for (const carrier of carriers) {
    const sender = await placeFor(places, carrier, ends.sender);
    const recipient = isUnknown(sender) ? sender : await placeFor(places, carrier, ends.recipient);
    if (isUnknown(sender) || isUnknown(recipient)) first ??= isUnknown(recipient) ? recipient : null;
    else return { carrier, sender, recipient };
  }
  return first;
};
