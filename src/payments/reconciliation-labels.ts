import type { BilingualText } from '../errors/gateway-error.js';
import type { DifferenceAction, DifferenceClass } from './reconciliation-compare.js';

export const CLASS_LABELS: Readonly<Record<DifferenceClass, BilingualText>> = {
  MISSING_HERE: { vi: 'Cổng thanh toán có, hệ thống không có', en: 'The gateway has it, we do not know it' },
  MISSING_THERE: { vi: 'Hệ thống có, cổng thanh toán không có', en: 'We have it, the gateway says nothing of it' },
  AMOUNT: { vi: 'Lệch số tiền', en: 'The amounts differ' },
  STATE: { vi: 'Lệch trạng thái', en: 'The states differ' },
  DUPLICATE: { vi: 'Cổng thanh toán ghi nhận nhiều lần', en: 'The gateway has it more than once' },
};

export const ACTION_LABELS: Readonly<Record<DifferenceAction, BilingualText>> = {
  TO_APPLY: { vi: 'Sắp áp dụng theo thông tin của cổng thanh toán', en: 'The gateway\'s word is about to be applied' },
  APPLIED: { vi: 'Đã áp dụng theo thông tin của cổng thanh toán', en: 'The gateway\'s word was applied' },
  RECORDED: { vi: 'Đã ghi vào lịch sử thanh toán, không áp dụng; cần người xem xét lượt thanh toán', en: 'Recorded with the payment and not applied: somebody must look at the payment' },
  NEXT_STATEMENT: { vi: 'Sát nửa đêm: chờ sao kê ngày hôm sau', en: 'Close to midnight: wait for the next day\'s statement' },
  WATCHED: { vi: 'Đang hoàn tiền: hệ thống sẽ hỏi cổng thanh toán', en: 'A refund is under way: the gateway is asked for it' },
  WAITS: { vi: 'Đã chuyển cho cơ quan nhưng còn nợ người nộp: chờ quyết định', en: 'Handed on to the agency although owed back or contested: waits for what is decided' },
  PERSON: { vi: 'Cần người tìm hiểu', en: 'Somebody must find out' },
};

export const FAILURE_LABELS: Readonly<Record<string, BilingualText>> = {
  'no-statement': { vi: 'Chưa có sao kê và không hỏi được cổng thanh toán', en: 'There is no statement, and this gateway cannot be asked' },
  'gateway-unavailable': { vi: 'Cổng thanh toán không trả lời; sẽ chạy lại', en: 'The gateway did not answer; it is run again' },
  internal: { vi: 'Lỗi của hệ thống; sẽ chạy lại', en: 'A fault of ours; it is run again' },
};
