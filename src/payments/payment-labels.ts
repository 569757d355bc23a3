import type { BilingualText } from '../errors/gateway-error.js';
import type { PaymentState } from './payment.js';
import type { RefundState } from './refund.js';

/** States in the words that people get. */
export const PAYMENT_LABELS: Readonly<Record<PaymentState, BilingualText>> = {
  CREATED: { vi: 'Đang khởi tạo', en: 'Being opened' },
  AWAITING: { vi: 'Chờ thanh toán', en: 'Waiting for the citizen' },
  UNKNOWN: { vi: 'Chưa rõ kết quả, đang hỏi cổng thanh toán', en: 'Outcome unknown, the gateway is asked' },
  PAID: { vi: 'Đã thanh toán', en: 'Paid' },
  FAILED: { vi: 'Không thành công', en: 'Failed' },
  EXPIRED: { vi: 'Hết hạn', en: 'Expired' },
  CANCELLED: { vi: 'Đã huỷ', en: 'Cancelled' },
  REFUNDING: { vi: 'Đang hoàn tiền', en: 'Being refunded' },
  REFUNDED: { vi: 'Đã hoàn tiền', en: 'Refunded' },
  DISPUTED: { vi: 'Có tranh chấp hoặc nghi vấn', en: 'Disputed or held back' },
};

export const REFUND_LABELS: Readonly<Record<RefundState, BilingualText>> = {
  REQUESTED: { vi: 'Chờ duyệt', en: 'Waits for approval' },
  DECLINED: { vi: 'Không được duyệt', en: 'Declined' },
  APPROVED: { vi: 'Đã duyệt, đang gửi cổng thanh toán', en: 'Approved, on its way to the gateway' },
  BY_HAND: { vi: 'Đã duyệt, hoàn thủ công', en: 'Approved, to be carried by a person' },
  PROCESSING: { vi: 'Cổng thanh toán đang xử lý', en: 'The gateway works on it' },
  DONE: { vi: 'Đã hoàn', en: 'Given back' },
  REFUSED: { vi: 'Không hoàn được', en: 'Not given back' },
};

/** Why a person must look. */
export const PERSON_REASONS: Readonly<Record<string, BilingualText>> = {
  unknown: { vi: 'Không hỏi được kết quả từ cổng thanh toán trong thời hạn', en: 'The gateway could not say in time what became of it' },
  amount: { vi: 'Cổng thanh toán báo số tiền khác', en: 'The gateway named another amount' },
  contradiction: { vi: 'Các thông báo của cổng thanh toán mâu thuẫn', en: 'What the gateway said contradicts itself' },
  'paid-twice': { vi: 'Có thể đã thu tiền hai lần', en: 'Money may have been taken twice' },
  surplus: { vi: 'Thu thừa, cần quyết định hoàn hay giữ', en: 'Paid although paid otherwise: to be given back or kept' },
  disputed: { vi: 'Cổng thanh toán giữ tiền do nghi vấn', en: 'The gateway holds the money back' },
  'refund-stuck': { vi: 'Hoàn tiền qua cổng thanh toán quá lâu chưa xong', en: 'The gateway has not ended a refund for too long' },
  'refund-not-done': { vi: 'Đã xác minh: tiền chưa được hoàn, vẫn còn nợ người nộp', en: 'Persons found out that the money did not go back: it is owed still' },
  'refunded-twice': { vi: 'Có thể đã hoàn tiền hai lần: thủ công và qua cổng thanh toán', en: 'Money may have gone back twice: by persons and by the gateway' },
  'refund-refused': { vi: 'Cổng thanh toán từ chối hoàn tiền', en: 'The gateway refused to give it back' },
};
