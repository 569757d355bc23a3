import { UserInputError } from '../errors/gateway-error.js';
import type { BilingualText } from '../errors/gateway-error.js';
import type { DeliveryState } from './delivery.js';
import { isDeliveryId } from './delivery-queries.js';
import type { DeliveryFilter } from './delivery-store.js';
import { unreadableText } from '../readable-text.js';

export interface FilterInput {
  readonly party?: string | null;
  readonly state?: 'DUE' | 'LEASED' | 'UNKNOWN' | 'ACCEPTED' | 'REJECTED' | 'PARKED' | null;
  readonly lane?: string | null;
  readonly olderThanSeconds?: number | null;
}

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
/** Each is locked in one transaction; more would hold lanes for seconds. */
const MAX_IDS = 500;
const MAX_REASON = 1_000;

const refuse = (field: string, code: string, message: BilingualText): never => {
  throw new UserInputError([{ field, code, message }]);
};

export function parseFilter(input: FilterInput, now: Date): DeliveryFilter {
  const seconds = input.olderThanSeconds ?? null;
  if (seconds !== null && seconds < 0) refuse('filter.olderThanSeconds', 'RANGE', { en: 'Must not be negative', vi: 'Không được âm' });
  return {
    ...(input.party == null ? {} : { party: input.party }),
    ...(input.state == null ? {} : { state: input.state.toLowerCase() as DeliveryState }),
    ...(input.lane == null ? {} : { lane: input.lane.normalize('NFC') }),
    ...(seconds === null ? {} : { createdBefore: new Date(now.getTime() - seconds * 1000) }),
  };
}

export function parsePageSize(first: number | null | undefined): number {
  const size = first ?? DEFAULT_PAGE;
  return size >= 1 && size <= MAX_PAGE ? size : refuse('first', 'RANGE', { en: `Must be 1 to ${String(MAX_PAGE)}`, vi: `Phải từ 1 đến ${String(MAX_PAGE)}` });
}

export function parseIds(ids: readonly string[]): readonly string[] {
  if (ids.length === 0 || ids.length > MAX_IDS) refuse('ids', 'COUNT', { en: `Must be 1 to ${String(MAX_IDS)} ids`, vi: `Phải có từ 1 đến ${String(MAX_IDS)} mã` });
  for (const [index, id] of ids.entries()) {
    if (!isDeliveryId(id)) refuse(`ids[${String(index)}]`, 'DELIVERY_ID', { en: 'This is not the id of a delivery', vi: 'Không phải mã lượt gửi' });
  }
  return ids;
}

/** An operator's reason: what will be read when somebody asks who did it and why. */
export function parseReason(reason: string): string {
  const raw = reason.replaceAll('\r\n', '\n');
  const found = unreadableText(raw, true);
  if (found !== null) refuse('reason', found.code, found.message);
  const text = raw.normalize('NFC').trim();
  if (text === '' || [...text].length > MAX_REASON) {
    refuse('reason', 'LENGTH', { en: `State a reason of 1 to ${String(MAX_REASON)} characters`, vi: `Cần nêu lý do từ 1 đến ${String(MAX_REASON)} ký tự` });
  }
  return text;
}
