import { z } from 'zod';
import { pemFile } from '../../src/net/pem-file.js';
import type { PlaceLevel } from '../../src/postal/postal-address.js';
import { callbackKeys } from '../support/callback-keys.js';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, flag, list, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { addresses, optionalRate, optionalUrl, wholeNumber } from '../support/setting-kinds.js';
import { accounts, clashingContracts } from './accounts.js';
import { SERVICE_CODES } from './services.js';

/** Connections, their limits and certificates. */
export const MY_VNPOST_CONNECTIONS = connectionSettings('MY_VNPOST', {
  maxReplyBytes: { fallback: '8000000', purpose: 'Largest reply that is read; the list of communes has megabytes' },
  allowPrivateAddresses: { fallback: 'false' },
});

const HOUR_MS = 3_600_000;
/** A secret stands in a path, so nothing in it may need escaping. */
const PATH_SECRET = /^[\w.~-]{16,200}$/;

const optionalNumber: z.ZodType<number | null> = z.string().regex(/^\d{0,6}$/, 'must be a whole number, or empty').transform((text) => (text === '' ? null : Number(text)));
const pickup: z.ZodType<1 | 2> = z.enum(['1', '2']).transform((text) => (text === '1' ? 1 : 2));
const LEVELS = ['PROVINCE', 'DISTRICT', 'COMMUNE'] as const satisfies readonly PlaceLevel[];
const levels = list.pipe(z.array(z.enum(LEVELS)));

const specs = {
  MY_VNPOST_URL: { schema: optionalUrl, fallback: '', purpose: 'Address of the interface, such as https://donhang.vnpost.vn/api/api; empty connects no MyVNPost' },
  MY_VNPOST_ACCOUNTS: { schema: accounts, fallback: '', purpose: 'User and contract by agency, as JSON: [{"agency":"*","username":"…","password":"…","customerCode":"…"}]; the nearest agency wins, then *', secret: true },
  MY_VNPOST_TOKEN_LIFE_MS: { schema: millis(1_000, 24 * HOUR_MS), fallback: '3600000', purpose: 'How long a token is used; the reply does not say how long it lives' },
  MY_VNPOST_SESSION_REFRESH_AHEAD_MS: { schema: millis(0, HOUR_MS), fallback: '60000', purpose: 'A token with less life left is replaced in the background' },
  MY_VNPOST_DEFAULT_SERVICE: { schema: z.enum(SERVICE_CODES), fallback: 'EMS', purpose: 'Service of an order that names none' },
  MY_VNPOST_NEEDED_PLACES: { schema: levels, fallback: 'PROVINCE,DISTRICT,COMMUNE', purpose: 'Levels without whose codes no order is sent; how the party takes addresses of two levels is not known' },
  MY_VNPOST_AGENCY_PICKUP: { schema: pickup, fallback: '1', purpose: 'How results leave the agency: 1 the post fetches them, 2 they are brought to a post office' },
  MY_VNPOST_RECIPIENT_PAYS_FREIGHT: { schema: flag, fallback: 'false', purpose: 'Whether the postage of a result is collected from the citizen at the door, beside what is collected for the agency' },
  MY_VNPOST_ADVICE_OF_DELIVERY: { schema: flag, fallback: 'false', purpose: 'Whether an advice of delivery (báo phát) is ordered, which costs extra' },
  MY_VNPOST_VENDOR_ID: { schema: optionalNumber, fallback: '', purpose: 'VendorId of every order, where one was agreed; empty sends none' },
  MY_VNPOST_FINDS_OUR_CODES: { schema: flag, fallback: 'false', purpose: 'Whether the list of orders is known to find orders by our code (try it in their test environment). While it is false, silence about an order without a waybill proves nothing, and a person decides' },
  MY_VNPOST_IN_FLIGHT_MS: { schema: millis(1_000, HOUR_MS), fallback: '120000', purpose: 'How long after we gave up a request may still arrive' },
  MY_VNPOST_WEBHOOK_SECRETS: { schema: callbackKeys, fallback: '', purpose: 'Secret at the end of the path that MyVNPost is given, as id:secret of 16 characters or more (letters, digits, . _ ~ -); two during a change; empty asks for none', secret: true },
  MY_VNPOST_WEBHOOK_ADDRESSES: { schema: addresses, fallback: '', purpose: 'Addresses and networks from which webhooks may come; empty for any. Without these and without secrets no webhook is taken' },
  MY_VNPOST_WEBHOOK_KEY_FILE: { schema: pemFile('public key'), fallback: '', purpose: 'PEM file of the RSA key with which MyVNPost signs; where given, a webhook must be signed with it too' },
  MY_VNPOST_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '20000', purpose: 'Deadline of each call' },
  MY_VNPOST_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '4', purpose: 'Calls at the same time at most' },
  MY_VNPOST_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Calls a second at most; empty means no limit' },
  ...MY_VNPOST_CONNECTIONS.specs,
} as const;

export type MyVnpostSettings = SettingsOf<typeof specs>;

/** The environment section of this party; `keys` feeds the documents. */
export const myVnpostSettings: EnvSection<MyVnpostSettings> = envSection(specs, (settings) => [
  ...MY_VNPOST_CONNECTIONS.problems(settings),
  ...(settings.MY_VNPOST_URL !== '' && settings.MY_VNPOST_ACCOUNTS.length === 0 ? ['MY_VNPOST_ACCOUNTS is not set, and MY_VNPOST_URL needs it'] : []),
  ...(clashingContracts(settings.MY_VNPOST_ACCOUNTS) ? ['MY_VNPOST_ACCOUNTS gives one customerCode two different users or passwords'] : []),
  ...(settings.MY_VNPOST_WEBHOOK_SECRETS?.some(({ secret }) => !PATH_SECRET.test(secret)) === true ? ['MY_VNPOST_WEBHOOK_SECRETS: a secret must have 16 to 200 letters, digits, dots, tildes, hyphens and underscores'] : []),
]);
