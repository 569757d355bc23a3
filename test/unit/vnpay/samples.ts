import { readFileSync } from 'node:fs';
import { vnpaySettings } from '../../../adapters/vnpay/config.js';
import { createIpnReceiver } from '../../../adapters/vnpay/callback.js';
import { canonicalQuery, sign } from '../../../adapters/vnpay/signature.js';
import type { CallbackReceiver, Verification } from '../../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../../src/payments/payment-gateway-port.js';

export const SECRET = 'VNPAYTESTSECRETVNPAYTESTSECRET01';
export const OLD_SECRET = 'VNPAYTESTSECRETVNPAYTESTSECRET00';

export const fixture = <Shape>(name: string): Shape => JSON.parse(readFileSync(new URL(`../../fixtures/vnpay/${name}.json`, import.meta.url), 'utf8')) as Shape;

export interface WorkedExamples {
  readonly secret: string;
  readonly pay: { readonly canonical: string; readonly hash: string };
  readonly ipn: { readonly canonical: string; readonly hash: string };
  readonly querydr: { readonly text: string; readonly hash: string };
  readonly refund: { readonly text: string; readonly hash: string };
}

export const IPN = {
  vnp_Amount: '5800000', vnp_BankCode: 'NCB', vnp_BankTranNo: 'VNP14271027', vnp_CardType: 'ATM', vnp_OrderInfo: 'Thanh toan ho so 000.12.34.H42-260315-0001', vnp_PayDate: '20260315103215',
  vnp_ResponseCode: '00', vnp_TmnCode: 'TESTTMN1', vnp_TransactionNo: '14271027', vnp_TransactionStatus: '00', vnp_TxnRef: 'OG0123456789ABC',
} as const;

export const signedIpn = (changes: Readonly<Record<string, string>> = {}, secret: string = SECRET): string => {
  const canonical = canonicalQuery(new Map(Object.entries({ ...IPN, ...changes })));
  return `${canonical}&vnp_SecureHash=${sign(secret, canonical)}`;
};

export const receiver = (): CallbackReceiver<PaymentNotice> =>
  createIpnReceiver({ merchants: [{ agency: '*', tmnCode: 'TESTTMN1', secret: SECRET, previousSecret: OLD_SECRET }], timeWindowMs: null, addresses: [] });

export const verified = (query: string | Buffer): Verification =>
  receiver().verify({ bytes: Buffer.from(query), headers: {}, peer: { address: '127.0.0.1', certificate: null } });

export const settingsOf = (env: Readonly<Record<string, string>>): readonly string[] => {
  const read = vnpaySettings.read(env);
  return read.ok ? [] : read.problems;
};
