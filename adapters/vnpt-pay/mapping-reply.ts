import type { GatewayWord } from '../../src/payments/payment-gateway-port.js';
import { unreadable } from '../support/signals.js';
import { fromWallClock } from '../support/wall-clock.js';
import { codeText, NOT_FOUND, querySays } from './errors.js';
import type { StatusLists } from './errors.js';
import { reply, SIGNATURE_FIELD } from './wire.js';
import type { Reply } from './wire.js';

/** Whom and what a reply must be about. */
export interface Expected {
  readonly merchantServiceId: string;
  readonly reference: string;
}

/** A reply with what its signature must be of: all values as they came, but for the signature itself. */
export interface ReadReply {
  readonly reply: Reply;
  readonly code: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly signed: readonly string[];
  readonly signature: string;
}

/** @throws SignalError where a field is not what was agreed */
export const readReply = (fields: ReadonlyMap<string, string>): ReadReply => {
  const parsed = reply.safeParse(Object.fromEntries(fields));
  if (!parsed.success) throw unreadable('reply-shape', Object.fromEntries(fields));
  return {
    reply: parsed.data, code: parsed.data.RESPONSE_CODE, fields, signature: fields.get(SIGNATURE_FIELD) ?? '',
    signed: [...fields].flatMap(([name, value]) => (name === SIGNATURE_FIELD ? [] : [value])),
  };
};

/** A refusal may leave out what it is about; nothing may name another order. */
export const isAbout = ({ reply: { MERCHANT_SERVICE_ID: service, MERCHANT_ORDER_ID: order } }: ReadReply, expected: Expected, mustName: boolean): boolean =>
  (service === expected.merchantServiceId || (!mustName && service === '')) && (order === expected.reference || (!mustName && order === ''));

/** VND of a wire amount, which may come with a fraction of nothing; null where it is none. */
export const amountVndOf = (wire: string): number | null => (/^\d{1,12}(\.0{1,2})?$/.test(wire) ? Number(wire) : null);

const orNull = (text: string): string | null => (text === '' ? null : text);
const isPageAddress = (text: string): boolean => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);

/** Where the citizen goes, and what his banking app reads; null where the reply has none. */
export const pageOf = ({ reply: { REDIRECT_URL: url } }: ReadReply): string | null => (isPageAddress(url) ? url : null);
export const qrOf = ({ fields }: ReadReply, field: string): string | null => orNull(fields.get(field) ?? '');
export const transactionOf = ({ reply: { VNPTPAY_TRANSACTION_ID: number } }: ReadReply): string | null => orNull(number);

/**
 * Where no status is configured, code 00 could mean that the question was answered: only a payment with all that belongs to one is one.
 * Without a readable amount in đồng nothing could be compared.
 */
const isDoubtful = (said: Reply, lists: StatusLists): boolean => {
  const isForeign = said.CURRENCY_CODE !== '' && said.CURRENCY_CODE !== 'VND';
  const isBare = said.VNPTPAY_TRANSACTION_ID === '' || said.PAY_DATE === '';
  return isForeign || amountVndOf(said.AMOUNT) === null || (lists.paid.length === 0 && isBare);
};

/** Believes nothing but a signed reply about the order that was asked for: the client has checked both. */
export const wordOf = (read: ReadReply, lists: StatusLists, language: 'vi' | 'en'): GatewayWord => {
  const { reply: said, code } = read;
  const status = said.TRANSACTION_STATUS;
  const byCodes = querySays(code, status, lists);
  const says = byCodes === 'paid' && isDoubtful(said, lists) ? 'pending' : byCodes;
  return {
    says, code: status === '' ? code : `${code}/${status}`, text: codeText(code, language),
    amountVnd: code === NOT_FOUND ? null : amountVndOf(said.AMOUNT), gatewayTransaction: transactionOf(read), bankCode: orNull(said.PAYMENT_METHOD),
    paidAt: says === 'paid' ? fromWallClock(said.PAY_DATE) : null,
  };
};
