import type { PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import { toWallClock } from '../support/wall-clock.js';
import { sign } from './signature.js';
import { QUERY_ORDER, SIGNATURE_FIELD, VARIANT_WIRES } from './wire.js';
import type { Variant } from './wire.js';

/** What configuration and the merchant add to every order. */
export interface OpenTerms {
  readonly variant: Variant;
  readonly merchantServiceId: string;
  /** Empty where the variant has none. */
  readonly agencyId: string;
  readonly paymentMethod: string;
  readonly device: string;
  readonly serviceId: string;
  readonly channelId: string;
  readonly serviceCategory: string;
  readonly serverIp: string;
}

type Fields = Readonly<Record<string, string>>;

/** Twelve digits: as many as the wire of its sister, the national payment platform, is known to carry. */
export const LARGEST_AMOUNT_VND = 999_999_999_999;
const LONGEST_DESCRIPTION = 255;

/** Letters without marks, digits, blank, dot and hyphen: a bar would be taken for the end of the value. */
export const plainText = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/g, 'd').replace(/Đ/g, 'D').replace(/[^A-Za-z0-9 .-]+/g, ' ').replace(/ +/g, ' ').trim();

const wireIp = (address: string, fallback: string): string => {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return /^[0-9A-Fa-f.:]{7,45}$/.test(bare) ? bare : fallback;
};

/** Every value that any variant knows; the variant chooses. */
const valuesOf = (order: PaymentOrder, terms: OpenTerms): Fields => ({
  ACTION: terms.variant === 'pay-qrcode' ? 'PAY' : 'INIT',
  VERSION: VARIANT_WIRES[terms.variant].version,
  MERCHANT_SERVICE_ID: terms.merchantServiceId,
  AGENCY_ID: terms.agencyId,
  MERCHANT_ORDER_ID: order.reference,
  AMOUNT: String(order.amountVnd),
  // The one client that sends it repeats the amount.
  AMOUNT_DETAIL: String(order.amountVnd),
  SERVICE_ID: terms.serviceId,
  PAYMENT_ACTION: 'PAY',
  SERVICE_CATEGORY: terms.serviceCategory,
  CHANNEL_ID: terms.channelId,
  DEVICE: terms.device,
  LOCALE: order.language === 'en' ? 'en-US' : 'vi-VN',
  CURRENCY_CODE: 'VND',
  PAYMENT_METHOD: terms.paymentMethod,
  DESCRIPTION: `Thanh toan ho so ${plainText(order.dossierCode)}`.slice(0, LONGEST_DESCRIPTION),
  CREATE_DATE: toWallClock(order.createdAt),
  CLIENT_IP: wireIp(order.clientIp, terms.serverIp),
});

const chosen = (names: readonly string[], values: Fields): Fields => Object.fromEntries(names.map((name) => [name, values[name] ?? '']));

/** Fields of an opening, in the order in which they are signed. */
export const openFields = (order: PaymentOrder, terms: OpenTerms): Fields => chosen(VARIANT_WIRES[terms.variant].signed, valuesOf(order, terms));

/** Fields of a query, in the order in which they are signed; it repeats the time of the order. */
export const queryFields = (order: Pick<PaymentOrder, 'reference' | 'createdAt'>, terms: Pick<OpenTerms, 'variant' | 'merchantServiceId'>): Fields => chosen(QUERY_ORDER, {
  ACTION: 'QUERY', VERSION: VARIANT_WIRES[terms.variant].version, MERCHANT_SERVICE_ID: terms.merchantServiceId, MERCHANT_ORDER_ID: order.reference, CREATE_DATE: toWallClock(order.createdAt),
});

/** The message as it goes out: amounts as numbers, an empty field that only pay_qrcode has and nobody signs, and the signature. */
export const signedBody = (fields: Fields, secret: string): Readonly<Record<string, string | number>> => ({
  ...fields,
  ...(fields['AMOUNT'] === undefined ? {} : { AMOUNT: Number(fields['AMOUNT']) }),
  ...(fields['PAYMENT_ACTION'] === undefined ? {} : { MERCHANT_DATA: '' }),
  [SIGNATURE_FIELD]: sign(secret, Object.values(fields)),
});
