import type { GatewayWord } from '../../src/payments/payment-gateway-port.js';

type Says = GatewayWord['says'];

/** The one code that may mean success. */
export const SUCCESS = '00';
/** The query knows no such order. */
export const NOT_FOUND = '05';
const FAILED = '01';

/**
 * What RESPONSE_CODE of an opening means. `opened` and `refused` are believed only under a good signature. `exists`: an order of this
 * reference is there. `key`: signature, key or service refused. `question`: we sent nonsense. `busy`: their own trouble, which may have
 * left an order behind. An unlisted code means nothing that can be trusted.
 */
export type OpenVerdict = 'opened' | 'refused' | 'exists' | 'key' | 'question' | 'busy' | 'unlisted';

const OPEN_CODES: Readonly<Record<string, OpenVerdict>> = {
  '00': 'opened', '01': 'refused', '02': 'question', '03': 'exists', '04': 'busy', '06': 'busy', '07': 'key', '08': 'key', '09': 'key', '96': 'busy', '99': 'busy',
};

export const openVerdict = (code: string): OpenVerdict => (Object.hasOwn(OPEN_CODES, code) ? OPEN_CODES[code] ?? 'unlisted' : 'unlisted');

/** What RESPONSE_CODE of a query means. It is about the payment, so an unlisted one is an answer that says neither yes nor no. */
export type QueryVerdict = 'answer' | 'key' | 'question' | 'busy';

const QUERY_CODES: Readonly<Record<string, QueryVerdict>> = { '02': 'question', '04': 'busy', '06': 'busy', '07': 'key', '08': 'key', '09': 'key', '96': 'busy', '99': 'busy' };

export const queryVerdict = (code: string): QueryVerdict => (Object.hasOwn(QUERY_CODES, code) ? QUERY_CODES[code] ?? 'answer' : 'answer');

/** RESPONSE_CODE of an IPN is that of the payment. A time-out (04) and everything unlisted is pending: a query tells. */
export const ipnSays = (code: string): Says => (code === SUCCESS ? 'paid' : code === FAILED ? 'failed' : 'pending');

/** Values of TRANSACTION_STATUS, which were not found and come from configuration. */
export interface StatusLists {
  readonly paid: readonly string[];
  readonly failed: readonly string[];
  readonly pending: readonly string[];
}

/** What a query says, as far as its codes go. Where statuses are configured only a listed one is paid. */
export const querySays = (code: string, status: string, lists: StatusLists): Says => {
  if (code === NOT_FOUND) return 'not-found';
  if (code === FAILED) return 'failed';
  if (code !== SUCCESS) return 'pending';
  if (lists.failed.includes(status)) return 'failed';
  if (lists.pending.includes(status)) return 'pending';
  return lists.paid.length === 0 || lists.paid.includes(status) ? 'paid' : 'pending';
};

/** What VNPT Pay is told of an IPN. */
export type IpnAnswer = 'confirmed' | 'already' | 'unknown-order' | 'busy' | 'signature' | 'error';

/** Without marks, as in the one signed reply that was found: nothing over which encoders differ. */
export const IPN_CODES: Readonly<Record<IpnAnswer, readonly [string, string]>> = {
  confirmed: ['00', 'Thanh cong'],
  already: ['02', 'Giao dich da confirm'],
  'unknown-order': ['01', 'Khong tim thay giao dich'],
  busy: ['08', 'He thong ban hoac timeout'],
  signature: ['97', 'Chu ky khong hop le'],
  error: ['99', 'Cac loi khac'],
};

/** A code in VNPT Pay's own words; the English is ours. */
const TEXTS: Readonly<Record<string, { readonly vi: string; readonly en: string }>> = {
  '00': { vi: 'Thành công', en: 'Success' },
  '01': { vi: 'Giao dịch thất bại', en: 'The transaction failed' },
  '02': { vi: 'Dữ liệu không đúng định dạng', en: 'Data in a wrong format' },
  '03': { vi: 'Mã giao dịch đã tồn tại', en: 'The order exists already' },
  '04': { vi: 'Time out', en: 'Time out' },
  '05': { vi: 'Không tìm thấy dữ liệu', en: 'No data found' },
  '06': { vi: 'Lỗi hệ thống', en: 'System error' },
  '07': { vi: 'Chữ ký không đúng', en: 'Wrong signature' },
  '08': { vi: 'Merchant service đang bị khóa', en: 'The merchant service is locked' },
  '09': { vi: 'Merchant service không tồn tại', en: 'There is no such merchant service' },
  '96': { vi: 'Hệ thống đang bảo trì', en: 'The system is under maintenance' },
  '99': { vi: 'Lỗi không xác định', en: 'Unknown error' },
};

/** The words for a code; null where it is not listed. */
export const codeText = (code: string, language: 'vi' | 'en' = 'vi'): string | null => (Object.hasOwn(TEXTS, code) ? TEXTS[code]?.[language] ?? null : null);
