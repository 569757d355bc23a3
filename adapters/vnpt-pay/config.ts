import { z } from 'zod';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, list, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { addresses, optionalMillis, optionalRate, optionalUrl, wholeNumber } from '../support/setting-kinds.js';
import { clashingServices, merchants } from './merchants.js';
import { VARIANTS } from './wire.js';

/** Connections, their limits and certificates. */
export const VNPT_PAY_CONNECTIONS = connectionSettings('VNPT_PAY', {
  maxReplyBytes: { fallback: '200000' },
  allowPrivateAddresses: { fallback: 'false' },
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const word = z.string().regex(/^[\w.-]{1,50}$/, 'must be letters, digits, dots and hyphens');

const specs = {
  VNPT_PAY_URL: { schema: optionalUrl, fallback: '', purpose: 'Address up to and including the version, such as https://sandbox.vnptpay.vn/rest/payment/v1.0.5; empty connects no VNPT Pay' },
  VNPT_PAY_VARIANT: { schema: z.enum(VARIANTS), fallback: 'init', purpose: 'How a payment is begun, as agreed: init (1.0.5), init-m-merch (1.0.6 with an agency id) or pay-qrcode (1.0.6)' },
  VNPT_PAY_QUERY_PATH: { schema: z.string().regex(/^[\w/-]{0,100}$/, 'must be a path'), fallback: '', purpose: 'Last part of the address of a query; empty means query_transaction, and query for pay-qrcode' },
  VNPT_PAY_MERCHANTS: { schema: merchants, fallback: '', purpose: 'Service, key and secret by agency, as JSON: [{"agency":"*","merchantServiceId":"…","apiKey":"…","secret":"…","previousSecret":"…","agencyId":"…"}]; the nearest agency wins, then *; agency - serves none any more and is kept for what was opened under it', secret: true },
  VNPT_PAY_SERVER_IP: { schema: z.string().regex(/^[0-9A-Fa-f.:]{7,45}$/, 'must be an IP address'), fallback: '127.0.0.1', purpose: 'Stands for a citizen whose address is unknown' },
  VNPT_PAY_PAYMENT_METHOD: { schema: word, fallback: 'VNPTPAY', purpose: 'Way to pay chosen beforehand, as agreed' },
  VNPT_PAY_DEVICE: { schema: word, fallback: '1', purpose: 'Kind of device that every order carries; both clients that were found send 1' },
  VNPT_PAY_SERVICE_ID: { schema: word, fallback: '1', purpose: 'init, init-m-merch: service id that every order carries' },
  VNPT_PAY_CHANNEL_ID: { schema: word, fallback: '1', purpose: 'pay-qrcode: channel that every order carries' },
  VNPT_PAY_SERVICE_CATEGORY: { schema: word, fallback: '57', purpose: 'pay-qrcode: category of the service that every order carries' },
  VNPT_PAY_QR_FIELD: { schema: word, fallback: 'QR_CODE', purpose: 'pay-qrcode: field of the reply that holds the content of the QR code (its name was not found)' },
  VNPT_PAY_STATUS_PAID: { schema: list, fallback: '', purpose: 'Values of TRANSACTION_STATUS of a query that mean paid (not found); where given only they do, else RESPONSE_CODE 00 of a reply with transaction, time and amount' },
  VNPT_PAY_STATUS_FAILED: { schema: list, fallback: '', purpose: 'Values of TRANSACTION_STATUS of a query that mean that the payment failed (not found)' },
  VNPT_PAY_STATUS_PENDING: { schema: list, fallback: '', purpose: 'Values of TRANSACTION_STATUS of a query that mean that it is not over (not found)' },
  VNPT_PAY_PAY_WITHIN_MS: { schema: millis(MINUTE_MS, DAY_MS), fallback: '900000', purpose: 'How long a citizen has to pay; the wire carries no such time' },
  VNPT_PAY_ASK_AFTER_MS: { schema: millis(1_000, DAY_MS), fallback: '300000', purpose: 'First question about a payment of which nothing was heard' },
  VNPT_PAY_ASK_EVERY_MS: { schema: millis(1_000, DAY_MS), fallback: '300000', purpose: 'Between two questions about one payment' },
  VNPT_PAY_SETTLE_MS: { schema: millis(1_000, 7 * DAY_MS), fallback: '1800000', purpose: 'From then on "not found" (05) is proof that nothing was paid' },
  VNPT_PAY_GIVE_UP_MS: { schema: millis(1_000, 30 * DAY_MS), fallback: '259200000', purpose: 'After this a person decides about a payment that is still unknown' },
  VNPT_PAY_IPN_ACTIONS: { schema: list, fallback: 'CONFIRM', purpose: 'What ACTION of an IPN may be' },
  VNPT_PAY_IPN_WINDOW_MS: { schema: optionalMillis, fallback: '', purpose: 'How far PAY_DATE of an IPN may be from now; empty checks no time, for it tells when was paid and not when the message was made' },
  VNPT_PAY_IPN_ADDRESSES: { schema: addresses, fallback: '', purpose: 'Addresses and networks from which an IPN may come, a second line behind the signature; empty for any (no list was found)' },
  VNPT_PAY_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '20000', purpose: 'Deadline of an opening or a question' },
  VNPT_PAY_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '8', purpose: 'Calls at the same time at most' },
  VNPT_PAY_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Calls a second at most; empty means no limit' },
  ...VNPT_PAY_CONNECTIONS.specs,
} as const;

export type VnptPaySettings = SettingsOf<typeof specs>;

const statusProblems = (settings: VnptPaySettings): readonly string[] => {
  const all = [...settings.VNPT_PAY_STATUS_PAID, ...settings.VNPT_PAY_STATUS_FAILED, ...settings.VNPT_PAY_STATUS_PENDING];
  return new Set(all).size === all.length ? [] : ['VNPT_PAY_STATUS_PAID, _FAILED and _PENDING name one status twice'];
};

const merchantProblems = ({ VNPT_PAY_URL: url, VNPT_PAY_VARIANT: variant, VNPT_PAY_MERCHANTS: entries }: VnptPaySettings): readonly string[] => [
  ...(url !== '' && entries.length === 0 ? ['VNPT_PAY_MERCHANTS is not set, and VNPT_PAY_URL needs it'] : []),
  ...(clashingServices(entries).length === 0 ? [] : ['VNPT_PAY_MERCHANTS gives one service two different keys or secrets']),
  ...(variant === 'init-m-merch' && entries.some(({ agencyId }) => agencyId === undefined) ? ['VNPT_PAY_MERCHANTS needs an agencyId in every entry for init-m-merch'] : []),
];

/** The environment section of this party; `keys` feeds the documents. */
export const vnptPaySettings: EnvSection<VnptPaySettings> = envSection(specs, (settings) => [
  ...VNPT_PAY_CONNECTIONS.problems(settings),
  ...merchantProblems(settings),
  ...statusProblems(settings),
  ...(settings.VNPT_PAY_IPN_ACTIONS.length === 0 ? ['VNPT_PAY_IPN_ACTIONS must name at least one'] : []),
  ...(settings.VNPT_PAY_SETTLE_MS < settings.VNPT_PAY_PAY_WITHIN_MS ? ['VNPT_PAY_SETTLE_MS must not be below VNPT_PAY_PAY_WITHIN_MS: a citizen may still pay'] : []),
]);
