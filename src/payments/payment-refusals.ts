import type { BilingualText } from '../errors/gateway-error.js';

/** Why an action on payments was refused, in the words that people get. */
export const PAYMENT_REFUSALS = {
  INPUT: { vi: 'Dữ liệu gửi lên chưa hợp lệ', en: 'What was sent is not valid' },
  ALREADY_OPEN: { vi: 'Khoản thu đang có một lượt thanh toán chưa kết thúc', en: 'A payment of these fees is open' },
  NOTHING_DUE: { vi: 'Hồ sơ không còn khoản nào phải nộp', en: 'The dossier owes nothing' },
  NO_ACCOUNT: { vi: 'Cơ quan chưa có tài khoản thụ hưởng dùng được', en: 'The agency has no bank account that can be used' },
  NO_GATEWAY: { vi: 'Hiện không có cổng thanh toán nào dùng được cho cơ quan này', en: 'No payment gateway can be used for this agency now' },
  NOT_FOUND: { vi: 'Không tìm thấy', en: 'There is no such thing' },
  STATE: { vi: 'Trạng thái hiện tại không cho phép thao tác này', en: 'Its state does not allow this' },
  AMOUNT: { vi: 'Số tiền không hợp lệ', en: 'The amount is not valid' },
  TOO_MUCH: { vi: 'Tổng số tiền hoàn vượt số đã thu', en: 'More would be given back than was paid' },
  SAME_PERSON: { vi: 'Người duyệt phải khác người đề nghị', en: 'Another person than the one who asked must decide' },
  DIFFERENT_NUMBER: { vi: 'Số giao dịch khác với số người trước đã ghi', en: 'The number differs from the one that the other person recorded' },
  ITEMS_NOT_FREE: { vi: 'Khoản thu đã được nộp hoặc đang được nộp bằng lượt khác', en: 'The fees are paid, or being paid, by another payment' },
  ALREADY_DECIDED: { vi: 'Việc này đã được quyết định', en: 'This was decided already' },
} as const satisfies Record<string, BilingualText>;
export type RefusalCode = keyof typeof PAYMENT_REFUSALS;
