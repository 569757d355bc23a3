import { z } from 'zod';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, flag, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { addresses, optionalMillis, optionalRate, optionalUrl, wholeNumber } from '../support/setting-kinds.js';
import { clashingCodes, merchants } from './merchants.js';

/** Connections, their limits and certificates; shared by both addresses of the party. */
export const VNPAY_CONNECTIONS = connectionSettings('VNPAY', {
  maxReplyBytes: { fallback: '200000' },
  allowPrivateAddresses: { fallback: 'false' },
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const specs = {
  VNPAY_URL: { schema: optionalUrl, fallback: '', purpose: 'Pay page, such as https://sandbox.vnpayment.vn/paymentv2/vpcpay.html (the production host comes from VNPAY); empty connects no VNPAY' },
  VNPAY_API_URL: { schema: optionalUrl, fallback: '', purpose: 'querydr and refund, such as https://sandbox.vnpayment.vn/merchant_webapi/api/transaction' },
  VNPAY_MERCHANTS: { schema: merchants, fallback: '', purpose: 'Terminal code and secret by agency, as JSON: [{"agency":"*","tmnCode":"…","secret":"…","previousSecret":"…"}]; the nearest agency wins, then *; agency - serves none any more and is kept for what was opened under it', secret: true },
  VNPAY_RETURN_URL: { schema: optionalUrl, fallback: '', purpose: 'Page to which the browser comes back where the portal names none; it books nothing' },
  VNPAY_SERVER_IP: { schema: z.string().regex(/^[0-9A-Fa-f.:]{7,45}$/, 'must be an IP address'), fallback: '127.0.0.1', purpose: 'Our own address as querydr and refund carry it, and that of a citizen whose address is unknown' },
  VNPAY_ORDER_TYPE: { schema: z.string().regex(/^\w{1,100}$/, 'must be a category code'), fallback: '250000', purpose: 'Category of goods by the table of VNPAY; 250000 is "pay a bill"' },
  VNPAY_BANK_CODE: { schema: z.string().regex(/^\w{0,20}$/, 'must be a bank code'), fallback: '', purpose: 'Way to pay chosen beforehand: VNPAYQR, VNBANK, INTCARD or a bank; empty lets the citizen choose' },
  VNPAY_QR_CONTENT: { schema: flag, fallback: 'false', purpose: 'Also ask for the content of a QR code (genqr) when a payment is opened, where the contract allows it' },
  VNPAY_PAY_WITHIN_MS: { schema: millis(MINUTE_MS, DAY_MS), fallback: '900000', purpose: 'How long a citizen has to pay' },
  VNPAY_ASK_AFTER_MS: { schema: millis(1_000, DAY_MS), fallback: '300000', purpose: 'First question about a payment of which nothing was heard' },
  VNPAY_ASK_EVERY_MS: { schema: millis(1_000, DAY_MS), fallback: '300000', purpose: 'Between two questions about one payment; asked sooner VNPAY answers 94 (its limit is not published)' },
  VNPAY_SETTLE_MS: { schema: millis(1_000, 7 * DAY_MS), fallback: '1800000', purpose: 'From then on "not found" (91) is proof that nothing was paid' },
  VNPAY_GIVE_UP_MS: { schema: millis(1_000, 30 * DAY_MS), fallback: '259200000', purpose: 'After this a person decides about a payment that is still unknown' },
  VNPAY_IPN_WINDOW_MS: { schema: optionalMillis, fallback: '', purpose: 'How far vnp_PayDate of an IPN may be from now; empty checks no time, for it tells when was paid and not when the message was made' },
  VNPAY_IPN_ADDRESSES: { schema: addresses, fallback: '', purpose: 'Addresses and networks from which an IPN may come, a second line behind the signature; empty for any (VNPAY publishes no list)' },
  VNPAY_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '20000', purpose: 'Deadline of a question, and of genqr' },
  VNPAY_REFUND_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '45000', purpose: 'Deadline of a refund; one without an answer is asked for, never repeated' },
  VNPAY_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '8', purpose: 'Calls at the same time at most' },
  VNPAY_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Calls a second at most; empty means no limit' },
  ...VNPAY_CONNECTIONS.specs,
} as const;

export type VnpaySettings = SettingsOf<typeof specs>;

const NEEDED = ['VNPAY_API_URL', 'VNPAY_RETURN_URL'] as const;

/** The environment section of this party; `keys` feeds the documents. */
export const vnpaySettings: EnvSection<VnpaySettings> = envSection(specs, (settings) => {
  const isOn = settings.VNPAY_URL !== '';
  const needed: readonly string[] = isOn ? [...NEEDED.filter((key) => settings[key] === ''), ...(settings.VNPAY_MERCHANTS.length === 0 ? ['VNPAY_MERCHANTS'] : [])] : [];
  return [
    ...VNPAY_CONNECTIONS.problems(settings),
    ...needed.map((key) => `${key} is not set, and VNPAY_URL needs it`),
    ...(clashingCodes(settings.VNPAY_MERCHANTS).length === 0 ? [] : ['VNPAY_MERCHANTS gives one terminal code two different secrets']),
    ...(settings.VNPAY_SETTLE_MS < settings.VNPAY_PAY_WITHIN_MS ? ['VNPAY_SETTLE_MS must not be below VNPAY_PAY_WITHIN_MS: a citizen may still pay'] : []),
  ];
});
