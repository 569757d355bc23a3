import { readFileSync } from 'node:fs';
import { createIpnReceiver } from '../../../adapters/vnpt-pay/callback.js';
import { vnptPaySettings } from '../../../adapters/vnpt-pay/config.js';
import { sign } from '../../../adapters/vnpt-pay/signature.js';
import type { CallbackReceiver, Verification } from '../../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../../src/payments/payment-gateway-port.js';

export const SECRET = 'VNPTSECRET';
export const OLD_SECRET = 'VNPTSECRET-BEFORE';
export const NOW = new Date('2026-01-01T03:32:16Z');

export const fixture = <Shape>(name: string): Shape => JSON.parse(readFileSync(new URL(`../../fixtures/vnpt-pay/${name}.json`, import.meta.url), 'utf8')) as Shape;

interface Example {
  readonly text: string;
  readonly secureCode: string;
}

export interface WorkedExamples {
  readonly secret: string;
  readonly payQrcode: Example;
  readonly ipn: Example;
  readonly ipnReply: Example;
}

export const IPN = {
  ACTION: 'CONFIRM', RESPONSE_CODE: '00', MERCHANT_SERVICE_ID: '900001', MERCHANT_ORDER_ID: 'OG0123456789ABC', AMOUNT: '58000', CURRENCY_CODE: 'VND',
  VNPTPAY_TRANSACTION_ID: 'VP123456789', PAYMENT_METHOD: 'VNPTPAY', PAY_DATE: '20260315103215', ADDITIONAL_INFO: '',
} as const;

type Changes = Readonly<Partial<Record<keyof typeof IPN | 'SECURE_CODE', string>>>;

/** A signed IPN; changes are made before it is signed. */
export const ipnFields = (changes: Changes = {}, secret: string = SECRET): Record<string, string> => {
  const fields: Record<string, string> = { ...IPN, ...changes };
  return { SECURE_CODE: sign(secret, Object.keys(IPN).map((name) => fields[name] ?? '')), ...fields };
};

export const asJson = (fields: object): string => JSON.stringify(fields);
export const asData = (fields: object): string => new URLSearchParams({ data: JSON.stringify(fields) }).toString();
export const asForm = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString();

export const receiver = (): CallbackReceiver<PaymentNotice> => createIpnReceiver({
  merchants: [{ agency: '*', merchantServiceId: '900001', apiKey: 'key-of-900001', secret: SECRET, previousSecret: OLD_SECRET }],
  actions: ['CONFIRM'], timeWindowMs: null, addresses: [], now: () => NOW,
});

export const verified = (body: string | Buffer): Verification =>
  receiver().verify({ bytes: Buffer.from(body), headers: {}, peer: { address: '127.0.0.1', certificate: null } });

export const problemsOf = (env: Readonly<Record<string, string>>): readonly string[] => {
  const read = vnptPaySettings.read(env);
  return read.ok ? [] : read.problems;
};
