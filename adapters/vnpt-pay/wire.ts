import { z } from 'zod';

/** The ways to begin a payment; which one a merchant may use is agreed with VNPT Pay. Source: three public clients, one for each. */
export const VARIANTS = ['init', 'init-m-merch', 'pay-qrcode'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface VariantWire {
  readonly version: '1.0.5' | '1.0.6';
  readonly openPath: string;
  readonly queryPath: string;
  /** Names in the order in which their values are signed, which is the order of the message, too. */
  readonly signed: readonly string[];
}

const START = ['ACTION', 'VERSION', 'MERCHANT_SERVICE_ID'] as const;
const END = ['DEVICE', 'LOCALE', 'CURRENCY_CODE', 'PAYMENT_METHOD', 'DESCRIPTION', 'CREATE_DATE', 'CLIENT_IP'] as const;

export const VARIANT_WIRES: Readonly<Record<Variant, VariantWire>> = {
  init: {
    version: '1.0.5', openPath: 'init', queryPath: 'query_transaction',
    signed: [...START, 'MERCHANT_ORDER_ID', 'AMOUNT', 'AMOUNT_DETAIL', 'SERVICE_ID', ...END],
  },
  'init-m-merch': {
    version: '1.0.6', openPath: 'init_m_merch', queryPath: 'query_transaction',
    signed: [...START, 'AGENCY_ID', 'MERCHANT_ORDER_ID', 'SERVICE_ID', 'AMOUNT', ...END],
  },
  'pay-qrcode': {
    version: '1.0.6', openPath: 'pay_qrcode', queryPath: 'query',
    signed: [...START, 'MERCHANT_ORDER_ID', 'AMOUNT', 'PAYMENT_ACTION', 'SERVICE_CATEGORY', 'CHANNEL_ID', ...END],
  },
};

export const QUERY_ORDER: readonly string[] = [...START, 'MERCHANT_ORDER_ID', 'CREATE_DATE'];
export const IPN_ORDER = [
  'ACTION', 'RESPONSE_CODE', 'MERCHANT_SERVICE_ID', 'MERCHANT_ORDER_ID', 'AMOUNT', 'CURRENCY_CODE', 'VNPTPAY_TRANSACTION_ID', 'PAYMENT_METHOD', 'PAY_DATE', 'ADDITIONAL_INFO',
] as const;
export const IPN_REPLY_ORDER = ['RESPONSE_CODE', 'DESCRIPTION', 'MERCHANT_SERVICE_ID', 'MERCHANT_ORDER_ID', 'CREATE_DATE'] as const;

export const SIGNATURE_FIELD = 'SECURE_CODE';
export const MERCHANT_FIELD = 'MERCHANT_SERVICE_ID';
/** Of an IPN that comes as a form: JSON in one field (seen in a live receiver). */
export const FORM_FIELD = 'data';

const text = z.string().max(2_000).default('');

/** What is read of a reply to init, pay_qrcode and query; each part may be missing. */
export const reply = z.object({
  RESPONSE_CODE: z.string().regex(/^\w{1,10}$/),
  DESCRIPTION: text,
  MERCHANT_SERVICE_ID: text,
  MERCHANT_ORDER_ID: text,
  REDIRECT_URL: text,
  VNPTPAY_TRANSACTION_ID: z.string().regex(/^[\w.-]{0,60}$/).default(''),
  AMOUNT: text,
  CURRENCY_CODE: text,
  PAYMENT_METHOD: z.string().max(50).default(''),
  PAY_DATE: text,
  TRANSACTION_STATUS: z.string().regex(/^[\w.-]{0,30}$/).default(''),
});
export type Reply = z.infer<typeof reply>;

/** What is read of an IPN. */
export const ipn = z.object({
  ACTION: z.string().min(1).max(30),
  RESPONSE_CODE: z.string().regex(/^\w{1,10}$/),
  MERCHANT_SERVICE_ID: z.string().min(1).max(50),
  MERCHANT_ORDER_ID: z.string().min(1).max(100),
  AMOUNT: z.string().max(20),
  CURRENCY_CODE: z.string().max(10).default(''),
  VNPTPAY_TRANSACTION_ID: z.string().regex(/^[\w.-]{0,60}$/).default(''),
  PAYMENT_METHOD: z.string().max(50).default(''),
  PAY_DATE: z.string().max(20).default(''),
});
export type Ipn = z.infer<typeof ipn>;

/** What VNPT Pay wants as the answer to an IPN. */
export const ipnReply = z.object({
  RESPONSE_CODE: z.string(), DESCRIPTION: z.string(), MERCHANT_SERVICE_ID: z.string(), MERCHANT_ORDER_ID: z.string(), CREATE_DATE: z.string(), SECURE_CODE: z.string(),
});
export type IpnReply = z.infer<typeof ipnReply>;

/** What the journal may show of all this; signature, the citizen's address, pay URL and free fields stay masked. */
export const KEPT_FIELDS = {
  plain: new Set([
    'ACTION', 'VERSION', 'MERCHANT_SERVICE_ID', 'AGENCY_ID', 'MERCHANT_ORDER_ID', 'AMOUNT', 'AMOUNT_DETAIL', 'SERVICE_ID', 'SERVICE_CATEGORY', 'CHANNEL_ID', 'DEVICE', 'LOCALE',
    'CURRENCY_CODE', 'PAYMENT_METHOD', 'PAYMENT_ACTION', 'CREATE_DATE', 'RESPONSE_CODE', 'VNPTPAY_TRANSACTION_ID', 'PAY_DATE', 'TRANSACTION_STATUS',
  ]),
  text: new Set(['DESCRIPTION']),
} as const;
