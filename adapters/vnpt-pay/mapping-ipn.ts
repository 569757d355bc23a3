import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import { fromWallClock, toWallClock } from '../support/wall-clock.js';
import { codeText, IPN_CODES, ipnSays } from './errors.js';
import type { IpnAnswer } from './errors.js';
import { amountVndOf } from './mapping-reply.js';
import { sign } from './signature.js';
import { ipn, IPN_ORDER, ipnReply, IPN_REPLY_ORDER, MERCHANT_FIELD, SIGNATURE_FIELD } from './wire.js';
import type { Ipn, IpnReply } from './wire.js';

type Fields = ReadonlyMap<string, string>;

/** Values that an IPN signs, in their order; a missing one is empty. */
export const ipnValues = (fields: Fields): readonly string[] => IPN_ORDER.map((name) => fields.get(name) ?? '');
/** Of these, those that may hold no bar; the last one is free text and stands where a bar does no harm. */
export const ipnStrictValues = (fields: Fields): readonly string[] => ipnValues(fields).slice(0, -1);
export const ipnSignature = (fields: Fields): string => fields.get(SIGNATURE_FIELD) ?? '';
export const ipnService = (fields: Fields): string => fields.get(MERCHANT_FIELD) ?? '';
export const ipnTime = (fields: Fields): Date | null => fromWallClock(fields.get('PAY_DATE') ?? '');

/** What VNPT Pay calls an IPN: a repeat has the same, another word on the same order another. */
export const ipnKey = (fields: Fields): string =>
  ['MERCHANT_SERVICE_ID', 'MERCHANT_ORDER_ID', 'VNPTPAY_TRANSACTION_ID', 'RESPONSE_CODE', 'AMOUNT'].map((name) => fields.get(name) ?? '').join('/');

const orNull = (text: string): string | null => (text === '' ? null : text);

const wordOf = (said: Ipn, amountVnd: number): PaymentNotice => {
  const code = said.RESPONSE_CODE;
  const says = ipnSays(code);
  return {
    reference: said.MERCHANT_ORDER_ID, dossierCode: null, merchant: said.MERCHANT_SERVICE_ID, says, code, text: codeText(code), amountVnd,
    gatewayTransaction: orNull(said.VNPTPAY_TRANSACTION_ID), bankCode: orNull(said.PAYMENT_METHOD),
    paidAt: says === 'paid' ? fromWallClock(said.PAY_DATE) : null,
  };
};

/** @returns null where it is no IPN that was agreed: another action, another currency, an amount that is none */
export const noticeOf = (fields: Fields, actions: readonly string[]): PaymentNotice | null => {
  const parsed = ipn.safeParse(Object.fromEntries(fields));
  if (!parsed.success) return null;
  const { ACTION: action, CURRENCY_CODE: currency, AMOUNT: amount } = parsed.data;
  const amountVnd = amountVndOf(amount);
  return actions.includes(action) && (currency === '' || currency === 'VND') && amountVnd !== null ? wordOf(parsed.data, amountVnd) : null;
};

/** Whom an answer is for: a service and an order, and the secret that vouched for them. */
export interface Answered {
  readonly merchantServiceId: string;
  readonly reference: string;
  readonly secret: string;
}

export const orderOf = (fields: Fields): string => fields.get('MERCHANT_ORDER_ID') ?? '';

/** A stranger gets no signature of ours: it could be used for something else. */
export const ipnAnswer = (answer: IpnAnswer, to: Answered | null, now: Date): IpnReply => {
  const [code, description] = IPN_CODES[answer];
  const unsigned = { RESPONSE_CODE: code, DESCRIPTION: description, MERCHANT_SERVICE_ID: to?.merchantServiceId ?? '', MERCHANT_ORDER_ID: to?.reference ?? '', CREATE_DATE: toWallClock(now) };
  return { ...unsigned, SECURE_CODE: to === null ? '' : sign(to.secret, IPN_REPLY_ORDER.map((name) => unsigned[name])) };
};

/** An answer of ours, read again: whose it was, and whether it took the message. Null where it is none. */
export const readAnswer = (body: string): { readonly merchantServiceId: string; readonly reference: string; readonly isConfirmed: boolean; readonly signature: string; readonly values: readonly string[] } | null => {
  const parsed = ipnReply.safeParse(JSON.parse(body));
  if (!parsed.success) return null;
  const { data } = parsed;
  return {
    merchantServiceId: data.MERCHANT_SERVICE_ID, reference: data.MERCHANT_ORDER_ID, isConfirmed: data.RESPONSE_CODE === IPN_CODES.confirmed[0],
    signature: data.SECURE_CODE, values: IPN_REPLY_ORDER.map((name) => data[name]),
  };
};
