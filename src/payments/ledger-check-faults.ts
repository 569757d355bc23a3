import type { BilingualText } from '../errors/gateway-error.js';

/** Kinds of faults; of one place the first named is told first. */
export const LEDGER_FAULTS = ['ARCHIVE', 'ORDER', 'ENTRY', 'TRANSACTION', 'KIND', 'BALANCE', 'NEGATIVE', 'WRONG_ACCOUNT', 'PAID_AMOUNT', 'REFUNDED_AMOUNT', 'HOLDINGS', 'REFUND', 'ORPHAN'] as const;
export type LedgerFaultKind = (typeof LEDGER_FAULTS)[number];

/** Something that is wrong with the ledger, and where. */
export interface LedgerFault {
  readonly kind: LedgerFaultKind;
  /** Null where it stands at no entry. */
  readonly entryId: string | null;
  readonly transactionId: string | null;
  /** Of the payment; null where it is about no one of them. */
  readonly reference: string | null;
}

export const LEDGER_FAULT_TEXTS: Readonly<Record<LedgerFaultKind, BilingualText>> = {
  ARCHIVE: { vi: 'Tệp lưu trữ bị thiếu hoặc bị sửa', en: 'The archive is not whole, or was changed' },
  ORDER: { vi: 'Thứ tự bút toán không tăng dần', en: 'Ids do not rise' },
  ENTRY: { vi: 'Bút toán có tài khoản hoặc số tiền không hợp lệ', en: 'An entry has no valid account or amount' },
  TRANSACTION: { vi: 'Bút toán kép không cân bằng', en: 'The transaction does not sum to nothing' },
  KIND: { vi: 'Bút toán đi sai tài khoản so với loại nghiệp vụ', en: 'The transaction does not go where its kind goes' },
  BALANCE: { vi: 'Tổng đã thu khác tổng đã quyết toán, đang chuyển và phải hoàn', en: 'What was paid is not what is settled, in transit, due back, disputed or gone back' },
  NEGATIVE: { vi: 'Số dư tài khoản bị âm', en: 'An account is below zero' },
  WRONG_ACCOUNT: { vi: 'Tiền vào tài khoản không phải của lượt thanh toán', en: 'Money went to an account that is not the payment\'s' },
  PAID_AMOUNT: { vi: 'Số đã thu của lượt thanh toán khác sổ cái', en: 'The payment says another paid amount than the ledger' },
  REFUNDED_AMOUNT: { vi: 'Số đã hoàn của lượt thanh toán khác sổ cái', en: 'The payment says another refunded amount than the ledger or its refunds' },
  HOLDINGS: { vi: 'Nơi giữ tiền không khớp với trạng thái thanh toán', en: 'The money lies where the payment\'s state does not put it' },
  REFUND: { vi: 'Bút toán của lần hoàn tiền không khớp với trạng thái của nó', en: 'The entries of a refund do not agree with its state' },
  ORPHAN: { vi: 'Có bút toán không thuộc lượt thanh toán nào', en: 'There are entries of no payment' },
};
