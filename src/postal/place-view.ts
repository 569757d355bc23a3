import type { BilingualText } from '../errors/gateway-error.js';
import type { PlaceAnswer, PlaceLevel } from './postal-address.js';
import type { PlaceCarrier } from './place-directory.js';
import type { PlaceImportAnswer } from './place-register.js';
import type { PlaceListStatus } from './place.js';
import type { PlaceSyncAnswer } from './place-sync.js';

const KEY_CONFLICT = { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' };

const LEVEL_NAMES: Readonly<Record<PlaceLevel, BilingualText>> = {
  PROVINCE: { vi: 'tỉnh, thành phố', en: 'province' },
  DISTRICT: { vi: 'quận, huyện', en: 'district' },
  COMMUNE: { vi: 'phường, xã', en: 'commune' },
};

type Unknown = Extract<PlaceAnswer, { readonly kind: 'unknown' }>;

/** Which end of a parcel an address is. */
export type ParcelEnd = 'SENDER' | 'RECIPIENT';

/** Which level it is, and what may have been meant. */
export const unmappedText = ({ level, suggestions }: Pick<Unknown, 'level' | 'suggestions'>): BilingualText => (suggestions.length === 0
  ? { vi: `Đơn vị bưu chính không xác định được ${LEVEL_NAMES[level].vi}`, en: `The carrier cannot find the ${LEVEL_NAMES[level].en}` }
  : { vi: `Không xác định được ${LEVEL_NAMES[level].vi}; có phải: ${suggestions.join(', ')}?`, en: `The carrier cannot find the ${LEVEL_NAMES[level].en}; is it: ${suggestions.join(', ')}?` });

/** The typed error of an address that cannot be mapped; repeats nothing that was written. */
export const viewUnmapped = (answer: Unknown, end: ParcelEnd | null) =>
  ({ __typename: 'AddressUnmapped' as const, end, level: answer.level, suggestions: answer.suggestions, message: unmappedText(answer) });

export const viewPlace = (answer: PlaceAnswer) => (answer.kind === 'found' ? { __typename: 'AddressMapped' as const, ...answer.place } : viewUnmapped(answer, null));

const viewConflict = (key: string) => ({ __typename: 'IdempotencyConflict' as const, key, message: KEY_CONFLICT });

export const viewPlaceImport = (answer: PlaceImportAnswer) => {
  if (answer.kind === 'conflict') return viewConflict(answer.key);
  return answer.kind === 'refused' ? { __typename: 'PlacesRefused' as const, problems: answer.problems } : { __typename: 'PlacesImported' as const, ...answer.result };
};

/** `no-list` is for the caller to say. */
export const viewPlaceSync = (answer: Exclude<PlaceSyncAnswer, { kind: 'no-list' }>) => {
  if (answer.kind === 'conflict') return viewConflict(answer.key);
  const { result } = answer;
  if (result.kind === 'synced') return { __typename: 'PlacesSynced' as const, ...result };
  const refused = { __typename: 'PlacesNotSynced' as const, carrier: result.carrier };
  return result.kind === 'failed'
    ? { ...refused, code: result.code, lostPercent: null, message: { vi: 'Đơn vị bưu chính không trả danh mục địa danh', en: 'The carrier gave no list of places' } }
    : { ...refused, code: 'list-shrunk', lostPercent: result.lostPercent, message: { vi: `Danh mục thiếu ${String(result.lostPercent)} % địa danh đã biết nên không dùng`, en: `The list lacks ${String(result.lostPercent)} % of known places, so it is not believed` } };
};

export const viewPlaceList = ({ party, needsPlaces, listPlaces }: PlaceCarrier, status: PlaceListStatus | undefined) => ({
  carrier: party, isSynced: listPlaces !== null, needs: needsPlaces, syncedAt: status?.syncedAt ?? null, failure: status?.failure ?? null, counts: status?.counts ?? [],
});
