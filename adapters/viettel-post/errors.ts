import type { CarrierEvent } from '../../src/postal/postal-carrier-port.js';
import type { FailureReason } from '../../src/postal/shipment.js';
import { foldText } from '../support/vietnamese-text.js';

/**
 * What `status` and `message` of an answer mean. `settled`: the order has this status already, or is past it. `absent`: no such order.
 * `refused`: our question is refused. `busy`: their own trouble, which may have left an order behind.
 */
export type Verdict = 'ok' | 'session' | 'settled' | 'account' | 'busy' | 'absent' | 'refused' | 'unlisted';

const CODES: Readonly<Record<string, Verdict>> = { 201: 'session', 202: 'session', 203: 'settled', 204: 'account', 205: 'busy', 207: 'absent' };

/** Beginnings of messages, folded, as the party's own table has them; some come under a number that is listed nowhere. */
const MESSAGES: readonly (readonly [string, Verdict])[] = [
  ['header token is required', 'session'], ['token invalid', 'session'], ['invalid owner account or password', 'account'], ['system error', 'busy'], ['order does not exist', 'absent'],
  ['order status already exists', 'settled'], ['groupaddress is invalid', 'refused'], ['incorrect data', 'refused'], ['invalid [', 'refused'], ['price does not apply', 'refused'],
  ['blocking create order', 'refused'],
];

/** Success says three things at once: HTTP 200 (seen before), `status` 200 and no `error`. */
export const verdictOf = ({ status, error, message }: { readonly status: number; readonly error: boolean; readonly message: string }): Verdict => {
  if (status === 200 && !error) return 'ok';
  const listed = Object.hasOwn(CODES, String(status)) ? CODES[String(status)] : undefined;
  const folded = foldText(message);
  return listed ?? MESSAGES.find(([beginning]) => folded.startsWith(beginning))?.[1] ?? 'unlisted';
};

type Meaning = Pick<CarrierEvent, 'means' | 'failure'> & { readonly vi: string };

const at = (means: NonNullable<Meaning['means']>, vi: string): Meaning => ({ means, failure: null, vi });
const failing = (vi: string, failure: FailureReason = 'OTHER'): Meaning => ({ means: 'FAILED', failure, vi });

/**
 * Statuses of an order, by the party's table; -100, -108, 100, 320 and 570 by the groups of a client. After 505 the sender may still ask for
 * another try, so the parcel is not on its way back yet; 506 is a failed try there, though a client groups it with those on the road.
 */
const STATUSES: Readonly<Record<string, Meaning>> = {
  '-100': at('ORDERED', 'Đơn hàng mới tạo'),
  '-108': at('ORDERED', 'Đơn hàng gửi tại bưu cục'),
  100: at('ORDERED', 'Đã tiếp nhận đơn hàng'),
  101: at('CANCELLED', 'Viettel Post từ chối nhận'),
  102: at('ORDERED', 'Đơn hàng chờ xử lý'),
  103: at('ORDERED', 'Giao cho bưu cục'),
  104: at('COLLECTING', 'Giao cho bưu tá đi nhận'),
  105: at('COLLECTED', 'Bưu tá đã nhận hàng'),
  107: at('CANCELLED', 'Đối tác yêu cầu hủy'),
  200: at('IN_TRANSIT', 'Nhận từ bưu tá - bưu cục gốc'),
  201: at('CANCELLED', 'Hủy nhập phiếu gửi'),
  202: at('IN_TRANSIT', 'Sửa phiếu gửi'),
  300: at('IN_TRANSIT', 'Khai thác đi'),
  320: at('IN_TRANSIT', 'Khai thác đi'),
  400: at('IN_TRANSIT', 'Khai thác đến'),
  500: at('IN_TRANSIT', 'Giao bưu tá đi phát'),
  501: at('DELIVERED', 'Phát thành công'),
  502: at('RETURNING', 'Chuyển hoàn bưu cục gốc'),
  503: at('CANCELLED', 'Hủy theo yêu cầu khách hàng'),
  504: at('RETURNED', 'Hoàn thành công - chuyển trả người gửi'),
  505: failing('Phát thất bại - yêu cầu chuyển hoàn'),
  506: failing('Phát thất bại', 'NOBODY_THERE'),
  507: failing('Khách hàng đến bưu cục nhận'),
  508: at('IN_TRANSIT', 'Phát tiếp'),
  509: at('IN_TRANSIT', 'Chuyển tiếp bưu cục khác'),
  515: at('RETURNING', 'Duyệt hoàn'),
  550: at('IN_TRANSIT', 'Phát tiếp'),
  570: at('IN_TRANSIT', 'Đang phát'),
};

/** Reasons of a failed delivery, by the party's table of August 2025. */
const REASONS: Readonly<Record<string, FailureReason>> = {
  36: 'NOBODY_THERE', 47: 'NOBODY_THERE', 32: 'WRONG_ADDRESS', 27: 'WRONG_ADDRESS', 35: 'OTHER', 37: 'OTHER', 38: 'OTHER', 43: 'OTHER', 46: 'OTHER',
  20: 'REFUSED_BY_RECIPIENT', 21: 'REFUSED_BY_RECIPIENT', 22: 'REFUSED_BY_RECIPIENT', 23: 'REFUSED_BY_RECIPIENT', 24: 'REFUSED_BY_RECIPIENT', 25: 'REFUSED_BY_RECIPIENT', 26: 'REFUSED_BY_RECIPIENT',
  30: 'REFUSED_BY_RECIPIENT', 31: 'REFUSED_BY_RECIPIENT',
};

/** Null: not listed. A listed reason says more than the status. */
export const statusMeaning = (code: string, reason: string): Meaning | null => {
  const meaning = Object.hasOwn(STATUSES, code) ? STATUSES[code] ?? null : null;
  if (meaning?.means !== 'FAILED' || !Object.hasOwn(REASONS, reason)) return meaning;
  return { ...meaning, failure: REASONS[reason] ?? meaning.failure };
};

export const isCancelled = (code: string): boolean => statusMeaning(code, '')?.means === 'CANCELLED';
