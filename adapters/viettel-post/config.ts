import { z } from 'zod';
import { callbackKeys } from '../support/callback-keys.js';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, flag, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { addresses, optionalRate, optionalUrl, phrases, wholeNumber } from '../support/setting-kinds.js';
import { accounts, clashingAccounts } from './accounts.js';

/** Connections, their limits and certificates. */
export const VIETTEL_POST_CONNECTIONS = connectionSettings('VIETTEL_POST', {
  maxReplyBytes: { fallback: '8000000', purpose: 'Largest reply that is read; the list of communes has megabytes' },
  allowPrivateAddresses: { fallback: 'false' },
});

const HOUR_MS = 3_600_000;

/** Emptying a setting gives its default, so there is a word for nothing. */
const pathOrNone: z.ZodType<string | null> = z.string().regex(/^[\w/-]{1,100}$/, 'must be a path, or none').transform((text) => (text === 'none' ? null : text));
const word = z.string().regex(/^\w{1,20}$/, 'must be letters and digits');

const specs = {
  VIETTEL_POST_URL: { schema: optionalUrl, fallback: '', purpose: 'Address above v2 and v3, such as https://partner.viettelpost.vn; empty connects no Viettel Post' },
  VIETTEL_POST_ACCOUNTS: { schema: accounts, fallback: '', purpose: 'User by agency, as JSON: [{"agency":"*","name":"…","username":"…","password":"…"}], where name is ours and no secret; the nearest agency wins, then *', secret: true },
  VIETTEL_POST_TOKEN_LIFE_MS: { schema: millis(1_000, 24 * HOUR_MS), fallback: '3600000', purpose: 'How long a token is used; the reply to a log-in does not say how long it lives' },
  VIETTEL_POST_SESSION_REFRESH_AHEAD_MS: { schema: millis(0, HOUR_MS), fallback: '60000', purpose: 'A token with less life left is replaced in the background' },
  VIETTEL_POST_EPOCH: { schema: z.enum(['TWO_LEVEL', 'THREE_LEVEL']), fallback: 'TWO_LEVEL', purpose: 'Whose codes addresses have: TWO_LEVEL (since July 2025, their list v3) or THREE_LEVEL (before, their list v2). The codes differ, so the places are synchronised anew after a change' },
  VIETTEL_POST_DEFAULT_SERVICE: { schema: word, fallback: 'VCN', purpose: 'Service of an order that names none' },
  VIETTEL_POST_RECIPIENT_PAYS_FREIGHT: { schema: flag, fallback: 'false', purpose: 'Whether the postage of a result is collected from the citizen at the door, beside what is collected for the agency' },
  VIETTEL_POST_DETAIL_PATH: { schema: pathOrNone, fallback: 'v2/order/detail-v2', purpose: 'Where an order is asked for by its waybill; three clients use it and the party documents it nowhere. The word none asks for nothing, and then only a statement tells what became of a parcel' },
  VIETTEL_POST_FINDS_OUR_CODES: { schema: flag, fallback: 'false', purpose: 'Whether that question is known to take our number as well as a waybill. While it is false, an order without a waybill cannot be asked for, and a person decides' },
  VIETTEL_POST_DUPLICATE_PHRASES: { schema: phrases, fallback: '', purpose: 'Words by which an order is refused because our number is known, separated by commas (not documented); where given, a repeat of an order counts as recognised' },
  VIETTEL_POST_IN_FLIGHT_MS: { schema: millis(1_000, HOUR_MS), fallback: '120000', purpose: 'How long after we gave up a request may still arrive' },
  VIETTEL_POST_WEBHOOK_SECRETS: { schema: callbackKeys, fallback: '', purpose: 'Secret parameter of the webhook, as it is set on their page: id:secret; two during a change; empty takes no webhook', secret: true },
  VIETTEL_POST_WEBHOOK_ADDRESSES: { schema: addresses, fallback: '', purpose: 'Addresses and networks from which webhooks may come, a second line behind the secret; empty for any (no list was found)' },
  VIETTEL_POST_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '20000', purpose: 'Deadline of each call' },
  VIETTEL_POST_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '4', purpose: 'Calls at the same time at most' },
  VIETTEL_POST_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Calls a second at most; empty means no limit' },
  ...VIETTEL_POST_CONNECTIONS.specs,
} as const;

export type ViettelPostSettings = SettingsOf<typeof specs>;

/** The environment section of this party; `keys` feeds the documents. */
export const viettelPostSettings: EnvSection<ViettelPostSettings> = envSection(specs, (settings) => [
  ...VIETTEL_POST_CONNECTIONS.problems(settings),
  ...(settings.VIETTEL_POST_URL !== '' && settings.VIETTEL_POST_ACCOUNTS.length === 0 ? ['VIETTEL_POST_ACCOUNTS is not set, and VIETTEL_POST_URL needs it'] : []),
  ...(clashingAccounts(settings.VIETTEL_POST_ACCOUNTS) ? ['VIETTEL_POST_ACCOUNTS gives one name two different users or passwords'] : []),
  ...(settings.VIETTEL_POST_DETAIL_PATH === null && settings.VIETTEL_POST_DUPLICATE_PHRASES.length === 0 && settings.VIETTEL_POST_URL !== ''
    ? ['Set VIETTEL_POST_DETAIL_PATH or VIETTEL_POST_DUPLICATE_PHRASES: without both nothing tells what became of an order without an answer'] : []),
]);
