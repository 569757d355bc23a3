import { z } from 'zod';

/** Fields of the pay URL and of `genqr`, before the hash. Source: pay.html of VNPAY, version 2.1.0. */
export interface PayFields {
  readonly vnp_Version: '2.1.0';
  readonly vnp_Command: 'pay' | 'genqr';
  readonly vnp_TmnCode: string;
  /** VND × 100, at most 12 digits. */
  readonly vnp_Amount: string;
  readonly vnp_BankCode: string;
  readonly vnp_CreateDate: string;
  readonly vnp_CurrCode: 'VND';
  readonly vnp_IpAddr: string;
  readonly vnp_Locale: 'vn' | 'en';
  readonly vnp_OrderInfo: string;
  readonly vnp_OrderType: string;
  readonly vnp_ReturnUrl: string;
  readonly vnp_ExpireDate: string;
  readonly vnp_TxnRef: string;
}

export interface QueryFields {
  readonly vnp_RequestId: string;
  readonly vnp_Version: '2.1.0';
  readonly vnp_Command: 'querydr';
  readonly vnp_TmnCode: string;
  readonly vnp_TxnRef: string;
  /** vnp_CreateDate of the pay URL. */
  readonly vnp_TransactionDate: string;
  readonly vnp_CreateDate: string;
  readonly vnp_IpAddr: string;
  readonly vnp_OrderInfo: string;
}

export interface RefundFields {
  readonly vnp_RequestId: string;
  readonly vnp_Version: '2.1.0';
  readonly vnp_Command: 'refund';
  readonly vnp_TmnCode: string;
  readonly vnp_TransactionType: '02' | '03';
  readonly vnp_TxnRef: string;
  readonly vnp_Amount: string;
  readonly vnp_TransactionNo: string;
  readonly vnp_TransactionDate: string;
  readonly vnp_CreateBy: string;
  readonly vnp_CreateDate: string;
  readonly vnp_IpAddr: string;
  readonly vnp_OrderInfo: string;
}

/** Order in which values are signed; missing ones are empty. Source: querydr&refund.html. */
export const QUERY_ORDER = [
  'vnp_RequestId', 'vnp_Version', 'vnp_Command', 'vnp_TmnCode', 'vnp_TxnRef', 'vnp_TransactionDate', 'vnp_CreateDate', 'vnp_IpAddr', 'vnp_OrderInfo',
] as const;
export const REFUND_ORDER = [
  'vnp_RequestId', 'vnp_Version', 'vnp_Command', 'vnp_TmnCode', 'vnp_TransactionType', 'vnp_TxnRef', 'vnp_Amount', 'vnp_TransactionNo', 'vnp_TransactionDate',
  'vnp_CreateBy', 'vnp_CreateDate', 'vnp_IpAddr', 'vnp_OrderInfo',
] as const;
export const REFUND_REPLY_ORDER = [
  'vnp_ResponseId', 'vnp_Command', 'vnp_ResponseCode', 'vnp_Message', 'vnp_TmnCode', 'vnp_TxnRef', 'vnp_Amount', 'vnp_BankCode', 'vnp_PayDate', 'vnp_TransactionNo',
  'vnp_TransactionType', 'vnp_TransactionStatus', 'vnp_OrderInfo',
] as const;
export const QUERY_REPLY_ORDER = [...REFUND_REPLY_ORDER, 'vnp_PromotionCode', 'vnp_PromotionAmount'] as const;

/** Kept as sent, since it is signed so: numbers come as numbers and as text. Null and missing are the same. */
const scalar = z.union([z.string().max(1_000), z.number()]).nullish().transform((value) => (value === null || value === undefined ? '' : String(value)));

const text = z.string().trim().min(1);

/** What querydr and refund answer. */
export const apiReply = z.object({
  vnp_ResponseId: scalar,
  vnp_Command: scalar,
  vnp_ResponseCode: z.union([text, z.number()]).transform(String),
  vnp_Message: scalar,
  vnp_TmnCode: scalar,
  vnp_TxnRef: scalar,
  vnp_Amount: scalar,
  vnp_BankCode: scalar,
  vnp_PayDate: scalar,
  vnp_TransactionNo: scalar,
  vnp_TransactionType: scalar,
  vnp_TransactionStatus: scalar,
  vnp_OrderInfo: scalar,
  vnp_PromotionCode: scalar,
  vnp_PromotionAmount: scalar,
  vnp_SecureHash: scalar,
});
export type ApiReply = z.infer<typeof apiReply>;

/** What `genqr` answers. It carries no signature. */
export const qrReply = z.object({ code: z.union([text, z.number()]).transform(String), message: scalar, qrcontent: scalar });

/** Parameters of an IPN that we read. */
export const ipnFields = z.object({
  vnp_TmnCode: z.string().min(1).max(20),
  vnp_TxnRef: z.string().min(1).max(100),
  vnp_Amount: z.string().regex(/^\d{1,14}$/),
  vnp_ResponseCode: z.string().regex(/^\w{1,10}$/),
  vnp_TransactionStatus: z.string().regex(/^\w{0,10}$/).default(''),
  vnp_TransactionNo: z.string().regex(/^\w{0,30}$/).default(''),
  vnp_BankCode: z.string().max(20).default(''),
  vnp_PayDate: z.string().max(20).default(''),
});
export type IpnFields = z.infer<typeof ipnFields>;

/** What VNPAY wants as the answer to an IPN. */
export type IpnReply = Readonly<Record<'RspCode' | 'Message', string>>;

/** The parameters that are not part of what is signed. */
export const HASH_FIELDS: ReadonlySet<string> = new Set(['vnp_SecureHash', 'vnp_SecureHashType']);
export const MERCHANT_FIELD = 'vnp_TmnCode';
export const HASH_FIELD = 'vnp_SecureHash';

/** What the journal may show of all this; the hash and the citizen's address stay masked. */
export const KEPT_FIELDS = {
  plain: new Set([
    'vnp_RequestId', 'vnp_ResponseId', 'vnp_Version', 'vnp_Command', 'vnp_TmnCode', 'vnp_TxnRef', 'vnp_Amount', 'vnp_BankCode', 'vnp_CreateDate', 'vnp_TransactionDate',
    'vnp_ExpireDate', 'vnp_PayDate', 'vnp_TransactionNo', 'vnp_TransactionType', 'vnp_TransactionStatus', 'vnp_ResponseCode', 'vnp_OrderType', 'vnp_Locale', 'code',
  ]),
  text: new Set(['vnp_Message', 'vnp_OrderInfo', 'message']),
} as const;
