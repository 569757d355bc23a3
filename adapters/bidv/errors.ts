import type { CallbackOutcome } from '../../src/callbacks/callback-receiver-port.js';

/** What BIDV is told, by a name; its code and words stand in `RESULTS`. Source: two public clients that quote "tài liệu BIDV v1.0". */
export type BidvResult = 'ok' | 'missing' | 'token' | 'checksum' | 'service' | 'customer' | 'no-bill' | 'unknown-bill' | 'amount' | 'settled' | 'error';

export const RESULTS: Readonly<Record<BidvResult, readonly [code: string, words: string]>> = {
  ok: ['000', 'success'],
  missing: ['001', 'Thiếu tham số'],
  token: ['003', 'Thông tin đăng nhập không đúng'],
  checksum: ['004', 'Checksum không hợp lệ'],
  service: ['006', 'Service ID không đúng'],
  customer: ['011', 'Mã khách hàng không tồn tại'],
  'no-bill': ['012', 'Khách hàng không có hóa đơn'],
  'unknown-bill': ['021', 'Mã hóa đơn không tồn tại'],
  amount: ['022', 'Số tiền không đúng với số tiền trong hóa đơn'],
  settled: ['023', 'Hóa đơn đã gạch nợ rồi'],
  error: ['031', 'Có lỗi phát sinh từ hệ thống'],
};

/** Those that one of the clients sends with HTTP 200 where errors have 400. */
const WITHOUT_ERROR: ReadonlySet<BidvResult> = new Set(['ok', 'no-bill', 'settled']);

export type StatusPolicy = 'always-200' | 'errors-400';

export const statusOf = (result: BidvResult, policy: StatusPolicy): number => (policy === 'always-200' || WITHOUT_ERROR.has(result) ? 200 : 400);

/** What a refused message lacks, by the reason of its verification. */
export const refusalOf = (reason: string | null | undefined): BidvResult => {
  if (reason === 'shape') return 'missing';
  return reason === 'checksum' || reason === 'service' ? reason : 'token';
};

export interface PaybillPolicy {
  /** A bill that is paid already: `settled`, and the bank gives the money back; or `ok`, and a person does. */
  readonly duplicate: 'settled' | 'ok';
  readonly unknownBill: 'unknown-bill' | 'ok';
}

const APPLIED: Readonly<Record<string, (policy: PaybillPolicy) => BidvResult>> = {
  confirmed: () => 'ok',
  already: ({ duplicate }) => duplicate,
  'unknown-order': ({ unknownBill }) => unknownBill,
  amount: () => 'amount',
  state: () => 'settled',
};

/** What a paybill is answered. Whatever could not be taken now is 031, after which BIDV comes again or looks. */
export const paybillResult = (outcome: CallbackOutcome, code: string | null, policy: PaybillPolicy): BidvResult => {
  if (outcome === 'unverified') return refusalOf(code);
  if (outcome === 'unreadable' || outcome === 'too-large') return 'missing';
  if (outcome !== 'applied' && outcome !== 'refused') return 'error';
  return Object.hasOwn(APPLIED, code ?? '') ? APPLIED[code ?? '']?.(policy) ?? 'error' : 'error';
};
