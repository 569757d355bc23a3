import type { CarrierEvent } from '../../src/postal/postal-carrier-port.js';
import type { MyVnpostOperation } from './operations.js';

type Meaning = Pick<CarrierEvent, 'means' | 'failure' | 'collection'> & { readonly vi: string };

const at = (means: Meaning['means'], vi: string, rest: Partial<Meaning> = {}): Meaning => ({ means, failure: null, collection: null, vi, ...rest });

/**
 * Statuses of an order. A cancellation that is asked for (61) or noted (62) has not happened yet: the carrier has the order. 110 and 120
 * are said of parcels that were delivered. CauseCode is listed nowhere, so a failure's reason stands in its text only.
 */
const STATUSES: Readonly<Record<string, Meaning>> = {
  10: at('CANCELLED', 'Đơn hàng đã xóa'),
  20: at('ORDERED', 'Gửi sang MyVNPost thành công'),
  60: at('CANCELLED', 'Đã hủy'),
  61: at('ORDERED', 'Báo hủy'),
  62: at('ORDERED', 'Đã nhận báo hủy'),
  70: at('COLLECTED', 'Bưu cục đã nhận đơn hàng và nhập hệ thống chuyển phát'),
  91: at('FAILED', 'Phát không thành công', { failure: 'OTHER' }),
  100: at('DELIVERED', 'Phát thành công'),
  110: at('DELIVERED', 'Bưu tá đã nhận tiền COD, chờ trả tiền', { collection: 'COLLECTED' }),
  120: at('DELIVERED', 'COD đã trả người gửi', { collection: 'PAID_OUT' }),
  161: at('RETURNING', 'Phát hoàn thất bại'),
  170: at('RETURNED', 'Phát hoàn thành công'),
};

/** Null: not listed. */
export const statusMeaning = (code: string): Meaning | null => (Object.hasOwn(STATUSES, code) ? STATUSES[code] ?? null : null);

const CANCELLED: readonly string[] = ['10', '60', '61', '62'];

/** Cancelled, or on the way to be: another cancellation would change nothing. */
export const isCancelled = (code: string): boolean => CANCELLED.includes(code);

/** HTTP statuses by which an operation says "no" to what it was asked, with its words in the body; all others are faults. */
const REFUSALS: Readonly<Record<MyVnpostOperation, readonly number[]>> = {
  'create-order': [400, 409, 422], 'cancel-order': [400, 404, 409, 422], 'ask-orders': [], 'find-order': [404], quote: [400, 422], 'list-places': [],
};

export const isRefusal = (operation: MyVnpostOperation, status: number): boolean => REFUSALS[operation].includes(status);
