import { z } from 'zod';
import { addressList } from '../../src/net/address-list.js';
import { callbackKeys } from '../support/callback-keys.js';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, flag, list, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { optionalRate, optionalUrl, wholeNumber } from '../support/setting-kinds.js';
import { clashingCodes, partners } from './partners.js';

/** Connections, their limits and certificates; shared by all addresses of the party. */
export const CONNECTIONS = connectionSettings('PAYMENT_PLATFORM', {
  maxReplyBytes: { fallback: '5000000', purpose: 'Largest reply that is read; a receipt comes as PDF' },
  allowPrivateAddresses: { fallback: 'true' },
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const optionalMillis = z.string().regex(/^\d{0,12}$/, 'must be whole milliseconds, or empty').transform((text) => (text === '' ? null : Number(text)));

const isAddressList = (items: readonly string[]): boolean => {
  try {
    addressList(items);
    return true;
  } catch {
    return false;
  }
};

const addresses = list.refine(isAddressList, 'must be addresses or networks, separated by commas');
const codes = list.refine((items) => items.every((item) => /^\w{1,20}$/.test(item)), 'must be codes, separated by commas');
const word = (pattern: RegExp): z.ZodType<string> => z.string().regex(pattern, `must look like ${pattern.source}`);

const specs = {
  PAYMENT_PLATFORM_URL: { schema: optionalUrl, fallback: '', purpose: 'Address of INIT, as the platform or the LGSP gives it (none is published); empty connects no payment platform' },
  PAYMENT_PLATFORM_QUERY_URL: { schema: optionalUrl, fallback: '', purpose: 'Address of QUERY' },
  PAYMENT_PLATFORM_BILL_URL: { schema: optionalUrl, fallback: '', purpose: 'Address of GET_BILL, the receipt of a payment; empty fetches none' },
  PAYMENT_PLATFORM_PARTNERS: { schema: partners, fallback: '', purpose: 'Partner code and secret by agency, as JSON: [{"agency":"*","partnerCode":"…","secret":"…","previousSecret":"…"}]; the nearest agency wins, then *; agency - serves none any more and is kept for what was opened under it', secret: true },
  PAYMENT_PLATFORM_TOKEN_URL: { schema: optionalUrl, fallback: '', purpose: 'Token endpoint of the LGSP in front; empty sends no bearer token' },
  PAYMENT_PLATFORM_CONSUMER_KEY: { schema: z.string(), fallback: '', purpose: 'WSO2 consumer key of that endpoint' },
  PAYMENT_PLATFORM_CONSUMER_SECRET: { schema: z.string(), fallback: '', purpose: 'WSO2 consumer secret of that endpoint', secret: true },
  PAYMENT_PLATFORM_SESSION_REFRESH_AHEAD_MS: { schema: millis(0, 600_000), fallback: '60000', purpose: 'A token with less life left is replaced in the background' },
  PAYMENT_PLATFORM_LOGIN_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '10000', purpose: 'Deadline of a log-in at the token endpoint' },
  PAYMENT_PLATFORM_VERSION: { schema: word(/^[\w.]{1,20}$/), fallback: '1.0.6', purpose: 'Version of the protocol as every message carries it' },
  PAYMENT_PLATFORM_SERVER_IP: { schema: word(/^[0-9A-Fa-f.:]{7,45}$/), fallback: '127.0.0.1', purpose: 'Our own address as INIT carries it; the address of the citizen is not sent' },
  PAYMENT_PLATFORM_SERVICE_SUFFIX: { schema: word(/^[\w.]{0,20}$/), fallback: '.01', purpose: 'What makes the code of a public service out of the code of its procedure' },
  PAYMENT_PLATFORM_FEE_WORDS: { schema: word(/^[\w]{1,20},[\w]{1,20}$/), fallback: '1,2', purpose: 'How a fee (phí) and a charge (lệ phí) are told apart; another client sends the word Phi for both' },
  PAYMENT_PLATFORM_PAY_HOSTS: { schema: list, fallback: '', purpose: 'Hosts to which a citizen may be sent to pay, for the address in an answer is not signed; empty for any over https' },
  PAYMENT_PLATFORM_CONFIRM_TYPES: { schema: codes.refine((items) => items.length > 0, 'must not be empty'), fallback: 'CONFIRM', purpose: 'What a callback calls itself; the literal is known by analogy only' },
  PAYMENT_PLATFORM_FAILED_CODES: { schema: codes, fallback: '01', purpose: 'Codes of a callback that mean that nothing was paid; any other but 00 is pending' },
  PAYMENT_PLATFORM_NOT_FOUND_CODES: { schema: codes, fallback: '05', purpose: 'Codes by which QUERY says that it knows no such transaction (by analogy); empty believes none' },
  PAYMENT_PLATFORM_SIGNED_ANSWERS: { schema: flag, fallback: 'false', purpose: 'Believe an answer of QUERY only when it is signed as a callback is; whether the platform does is not known' },
  PAYMENT_PLATFORM_CONFIRM_WINDOW_MS: { schema: optionalMillis, fallback: '', purpose: 'How far the time of a callback may be from now; empty checks none, for it tells when was paid, some clients on a 12-hour clock' },
  PAYMENT_PLATFORM_CONFIRM_ADDRESSES: { schema: addresses, fallback: '', purpose: 'Addresses and networks from which a callback may come, a second line behind the signature; empty for any' },
  PAYMENT_PLATFORM_DUE_TOKENS: { schema: callbackKeys, fallback: '', purpose: 'Bearer tokens, as id:token, with which the portal may ask what a dossier owes; empty asks for none', secret: true },
  PAYMENT_PLATFORM_DUE_ADDRESSES: { schema: addresses, fallback: '', purpose: 'Addresses and networks that may ask what a dossier owes; without them and without tokens nobody may' },
  PAYMENT_PLATFORM_DUE_PAYER: { schema: flag, fallback: 'false', purpose: 'Name and address of the payer in that answer; who knows a code of a dossier could read them' },
  PAYMENT_PLATFORM_PAY_WITHIN_MS: { schema: millis(MINUTE_MS, 7 * DAY_MS), fallback: '1800000', purpose: 'How long a citizen has to pay; the limit of the pay page is not known' },
  PAYMENT_PLATFORM_ASK_AFTER_MS: { schema: millis(1_000, DAY_MS), fallback: '1800000', purpose: 'First question about a payment of which nothing was heard; 30 minutes is what a production client waits' },
  PAYMENT_PLATFORM_ASK_EVERY_MS: { schema: millis(1_000, DAY_MS), fallback: '900000', purpose: 'Between two questions about one payment' },
  PAYMENT_PLATFORM_SETTLE_MS: { schema: millis(1_000, 7 * DAY_MS), fallback: '86400000', purpose: 'From then on "not found" is proof that nothing was paid' },
  PAYMENT_PLATFORM_GIVE_UP_MS: { schema: millis(1_000, 30 * DAY_MS), fallback: '259200000', purpose: 'After this a person decides about a payment that is still unknown; 3 days is what a production client asks' },
  PAYMENT_PLATFORM_OPEN_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '20000', purpose: 'Deadline of INIT; a citizen waits for it' },
  PAYMENT_PLATFORM_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '30000', purpose: 'Deadline of a question' },
  PAYMENT_PLATFORM_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '8', purpose: 'Calls at the same time at most' },
  PAYMENT_PLATFORM_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Calls a second at most; empty means no limit' },
  ...CONNECTIONS.specs,
} as const;

export type PaymentPlatformSettings = SettingsOf<typeof specs>;

const missing = (settings: PaymentPlatformSettings): readonly string[] => {
  const needs = (switchKey: string, keys: readonly (readonly [string, boolean])[]): readonly string[] => keys.filter(([, isThere]) => !isThere).map(([key]) => `${key} is not set, and ${switchKey} needs it`);
  return [
    ...(settings.PAYMENT_PLATFORM_URL === '' ? [] : needs('PAYMENT_PLATFORM_URL', [
      ['PAYMENT_PLATFORM_QUERY_URL', settings.PAYMENT_PLATFORM_QUERY_URL !== ''], ['PAYMENT_PLATFORM_PARTNERS', settings.PAYMENT_PLATFORM_PARTNERS.length > 0],
    ])),
    ...(settings.PAYMENT_PLATFORM_TOKEN_URL === '' ? [] : needs('PAYMENT_PLATFORM_TOKEN_URL', [
      ['PAYMENT_PLATFORM_CONSUMER_KEY', settings.PAYMENT_PLATFORM_CONSUMER_KEY !== ''], ['PAYMENT_PLATFORM_CONSUMER_SECRET', settings.PAYMENT_PLATFORM_CONSUMER_SECRET !== ''],
    ])),
  ];
};

/** The environment section of this party; `keys` feeds the documents. */
export const paymentPlatformSettings: EnvSection<PaymentPlatformSettings> = envSection(specs, (settings) => [
  ...CONNECTIONS.problems(settings),
  ...missing(settings),
  ...(clashingCodes(settings.PAYMENT_PLATFORM_PARTNERS).length === 0 ? [] : ['PAYMENT_PLATFORM_PARTNERS gives one partner code two different secrets']),
  ...(settings.PAYMENT_PLATFORM_SETTLE_MS < settings.PAYMENT_PLATFORM_PAY_WITHIN_MS ? ['PAYMENT_PLATFORM_SETTLE_MS must not be below PAYMENT_PLATFORM_PAY_WITHIN_MS: a citizen may still pay'] : []),
]);
