import type { GatewayWord, PaymentNotice, PaymentOrder, RefundAnswer, RefundOrder, RefundWord } from '../../src/payments/payment-gateway-port.js';
import { fromWallClock, toWallClock } from '../support/wall-clock.js';
import { codeText } from './code-texts.js';
import { ANSWERED, IPN_CODES, ipnSays, isRefundType, NOT_FOUND, querySays, REFUND_IN_PROCESS, refundSays } from './errors.js';
import type { IpnAnswer } from './errors.js';
import type { ApiReply, IpnFields, IpnReply, PayFields, QueryFields, RefundFields } from './wire.js';

/** What configuration adds to every pay URL. */
export interface PayTerms {
  readonly tmnCode: string;
  readonly orderType: string;
  readonly bankCode: string;
  readonly serverIp: string;
  readonly returnUrl: string;
}

/** Of one question or refund: who asks, under which number, when. */
export interface Asking {
  readonly tmnCode: string;
  readonly requestId: string;
  readonly serverIp: string;
  readonly now: Date;
}

/** Twelve digits hold 9,999,999,999 VND × 100. */
export const LARGEST_AMOUNT_VND = 9_999_999_999;
const LONGEST_RETURN_URL = 255;
const LONGEST_LOGIN = 245;

/** Letters without marks, digits, blank, dot and hyphen: nothing over which encoders differ. */
export const plainText = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/g, 'd').replace(/Đ/g, 'D').replace(/[^A-Za-z0-9 .-]+/g, ' ').replace(/ +/g, ' ').trim();

/** The wire wants 7 to 45 characters; an IPv4 address may come dressed as IPv6. */
const wireIp = (address: string, fallback: string): string => {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return /^[0-9A-Fa-f.:]{7,45}$/.test(bare) ? bare : fallback;
};

const fitting = (url: string | null, fallback: string): string => (url !== null && url.length >= 10 && url.length <= LONGEST_RETURN_URL ? url : fallback);

export const payFields = (order: PaymentOrder, terms: PayTerms, command: PayFields['vnp_Command']): PayFields => ({
  vnp_Version: '2.1.0',
  vnp_Command: command,
  vnp_TmnCode: terms.tmnCode,
  vnp_Amount: String(order.amountVnd * 100),
  vnp_BankCode: terms.bankCode,
  vnp_CreateDate: toWallClock(order.createdAt),
  vnp_CurrCode: 'VND',
  vnp_IpAddr: wireIp(order.clientIp, terms.serverIp),
  vnp_Locale: order.language === 'en' ? 'en' : 'vn',
  vnp_OrderInfo: `Thanh toan ho so ${plainText(order.dossierCode)}`.slice(0, 255),
  vnp_OrderType: terms.orderType,
  vnp_ReturnUrl: fitting(order.returnUrl, terms.returnUrl),
  vnp_ExpireDate: toWallClock(order.expiresAt),
  vnp_TxnRef: order.reference,
});

export const queryFields = (order: Pick<PaymentOrder, 'reference' | 'createdAt'>, asking: Asking): QueryFields => ({
  vnp_RequestId: asking.requestId,
  vnp_Version: '2.1.0',
  vnp_Command: 'querydr',
  vnp_TmnCode: asking.tmnCode,
  vnp_TxnRef: order.reference,
  vnp_TransactionDate: toWallClock(order.createdAt),
  vnp_CreateDate: toWallClock(asking.now),
  vnp_IpAddr: asking.serverIp,
  vnp_OrderInfo: `Truy van ${order.reference}`,
});

export const refundFields = (refund: RefundOrder, asking: Omit<Asking, 'requestId'>): RefundFields => ({
  vnp_RequestId: refund.requestId,
  vnp_Version: '2.1.0',
  vnp_Command: 'refund',
  vnp_TmnCode: asking.tmnCode,
  vnp_TransactionType: refund.isFull ? '02' : '03',
  vnp_TxnRef: refund.payment.reference,
  vnp_Amount: String(refund.amountVnd * 100),
  vnp_TransactionNo: refund.gatewayTransaction ?? '0',
  vnp_TransactionDate: toWallClock(refund.payment.createdAt),
  vnp_CreateBy: plainText(refund.approvedBy).slice(0, LONGEST_LOGIN) || 'onestop',
  vnp_CreateDate: toWallClock(asking.now),
  vnp_IpAddr: asking.serverIp,
  // Not the reason: people write names into it.
  vnp_OrderInfo: `Hoan tien ${refund.payment.reference}`,
});

/** VND of a wire amount; null where it is none, or no whole number of đồng. */
export const amountVndOf = (wire: string): number | null => {
  if (!/^\d{1,14}$/.test(wire)) return null;
  const hundredths = Number(wire);
  return hundredths % 100 === 0 ? hundredths / 100 : null;
};

const transactionOf = (number: string): string | null => (/^0*$/.test(number) ? null : number);
const orNull = (text: string): string | null => (text === '' ? null : text);
const tookMoney = (says: GatewayWord['says']): boolean => says === 'paid' || says === 'disputed';

/** @returns null where the amount is no whole number of đồng: nothing that we could book */
export const noticeOf = (fields: IpnFields): PaymentNotice | null => {
  const amountVnd = amountVndOf(fields.vnp_Amount);
  if (amountVnd === null) return null;
  const code = fields.vnp_ResponseCode;
  const status = fields.vnp_TransactionStatus;
  const says = ipnSays(code, status);
  return {
    reference: fields.vnp_TxnRef, dossierCode: null, merchant: fields.vnp_TmnCode, says, code: `${code}/${status}`, amountVnd,
    text: code === ANSWERED ? codeText('status', status) : codeText('pay', code),
    gatewayTransaction: transactionOf(fields.vnp_TransactionNo), bankCode: orNull(fields.vnp_BankCode),
    paidAt: tookMoney(says) ? fromWallClock(fields.vnp_PayDate) : null,
  };
};

/** What VNPAY calls an IPN: a repeat has the same, another word on the same order another. */
export const ipnKey = (fields: IpnFields): string =>
  [fields.vnp_TmnCode, fields.vnp_TxnRef, fields.vnp_TransactionNo, fields.vnp_ResponseCode, fields.vnp_TransactionStatus, fields.vnp_Amount].join('.');

export const ipnTime = (fields: IpnFields): Date | null => fromWallClock(fields.vnp_PayDate);

export const ipnReply = (answer: IpnAnswer): IpnReply => ({ RspCode: IPN_CODES[answer][0], Message: IPN_CODES[answer][1] });

/** Believes nothing but a signed reply about the order that was asked for: the client has checked both. */
export const wordOf = (reply: ApiReply, language: 'vi' | 'en'): GatewayWord => {
  const code = reply.vnp_ResponseCode;
  if (code === NOT_FOUND) return { says: 'not-found', code, text: codeText('query', code, language), amountVnd: null, gatewayTransaction: null, bankCode: null, paidAt: null };
  const type = reply.vnp_TransactionType;
  const status = reply.vnp_TransactionStatus;
  const says = querySays(type, status);
  return {
    says, code: [code, status, ...(isRefundType(type) ? [type] : [])].join('/'), text: codeText('status', status, language),
    // Of a refund they are the refund's.
    amountVnd: isRefundType(type) ? null : amountVndOf(reply.vnp_Amount),
    gatewayTransaction: isRefundType(type) ? null : transactionOf(reply.vnp_TransactionNo), bankCode: orNull(reply.vnp_BankCode),
    paidAt: tookMoney(says) ? fromWallClock(reply.vnp_PayDate) : null,
  };
};

export const refundAnswerOf = (reply: ApiReply, language: 'vi' | 'en'): RefundAnswer => {
  const code = reply.vnp_ResponseCode;
  const gatewayTransaction = transactionOf(reply.vnp_TransactionNo);
  if (code === REFUND_IN_PROCESS) return { kind: 'processing', code, gatewayTransaction };
  if (code !== ANSWERED) return { kind: 'rejected', code, text: codeText('refund', code, language) ?? '' };
  const status = reply.vnp_TransactionStatus;
  const says = refundSays(status);
  if (says === 'refused') return { kind: 'rejected', code: `${code}/${status}`, text: codeText('status', status, language) ?? '' };
  return { kind: says === 'done' ? 'done' : 'processing', code: `${code}/${status}`, gatewayTransaction };
};

/**
 * What querydr says of a refund. It shows one transaction and not our number of the refund: where it shows a refund of another amount, ours
 * may stand behind it, so it is called neither done nor missing.
 */
export const refundWordOf = (reply: ApiReply, refund: RefundOrder): RefundWord => {
  const code = reply.vnp_ResponseCode;
  const type = reply.vnp_TransactionType;
  const status = reply.vnp_TransactionStatus;
  const language = refund.payment.language;
  if (code === NOT_FOUND || !isRefundType(type)) return { says: 'not-found', code: [code, status].filter((part) => part !== '').join('/'), text: codeText('query', code, language) };
  const isOurs = type === (refund.isFull ? '02' : '03') && amountVndOf(reply.vnp_Amount) === refund.amountVnd;
  return { says: isOurs ? refundSays(status) : 'processing', code: [code, status, type].join('/'), text: codeText('status', status, language) };
};
