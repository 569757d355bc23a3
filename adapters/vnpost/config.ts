import { z } from 'zod';
import { agencyEntries, agencyEntry } from '../support/agency-entries.js';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { optionalRate, optionalUrl, wholeNumber } from '../support/setting-kinds.js';
import { statusCodes } from './status-codes.js';

/** Connections, their limits and certificates. */
export const VNPOST_CONNECTIONS = connectionSettings('VNPOST', {
  maxReplyBytes: { fallback: '2000000', purpose: 'Largest reply that is read: a page of VNPOST_PAGE_SIZE events' },
  allowPrivateAddresses: { fallback: 'true' },
});

const customer = agencyEntry({ customerCode: z.string().regex(/^[\w.-]{1,50}$/) });

/** Stands for a service that is not used; an empty variable would be the default. */
export const NO_ROUTE = 'none';
const route = z.string().regex(/^[\w./-]{0,200}$/, 'must be a path or the name of a service');

const specs = {
  VNPOST_URL: { schema: optionalUrl, fallback: '', purpose: 'Address of the post on the NGSP or LGSP, such as https://api.mitc.vn/apiVNPostNGSP/p1.0; empty connects no VNPost' },
  VNPOST_SHAPE: { schema: z.enum(['path', 'service']), fallback: 'path', purpose: 'path: …/order/post; service: …?service=<name>' },
  VNPOST_CREATE_ROUTE: { schema: route, fallback: 'order/post', purpose: 'Path, or name of the service, that takes orders' },
  VNPOST_CANCEL_ROUTE: { schema: route, fallback: 'order/cancel', purpose: 'Path or service that cancels' },
  VNPOST_TRACKING_ROUTE: { schema: route, fallback: 'order/tracking', purpose: 'Path or service that tells what happened' },
  VNPOST_DOCUMENT_ROUTE: { schema: route, fallback: 'document/post', purpose: 'Path or service that takes the dossier with its papers; "none" tells them nothing' },
  VNPOST_PRICE_ROUTE: { schema: route, fallback: '', purpose: 'Path or service that quotes, such as getprice; empty where there is none, as on the NGSP' },
  VNPOST_TOKEN_URL: { schema: optionalUrl, fallback: '', purpose: 'Address of the WSO2 token service; empty means /token on the host of VNPOST_URL' },
  VNPOST_TOKEN_HEADER: { schema: z.enum(['authorization', 'access_token']), fallback: 'authorization', purpose: 'authorization: "Bearer <token>"; access_token: the token in a header of that name, as one LGSP wants it' },
  VNPOST_CONSUMER_KEY: { schema: z.string(), fallback: '', purpose: 'Consumer key of the token service' },
  VNPOST_CONSUMER_SECRET: { schema: z.string(), fallback: '', purpose: 'Consumer secret of the token service', secret: true },
  VNPOST_CUSTOMERS: { schema: agencyEntries(customer), fallback: '', purpose: 'Customer codes by agency, as JSON: [{"agency":"*","customerCode":"…"}]; the nearest agency wins, then *' },
  VNPOST_STATUS_CODES: { schema: statusCodes, fallback: '{"4":"DELIVERED"}', purpose: 'What the codes of the contract mean, as JSON: {"4":"DELIVERED","7":{"state":"FAILED","failure":"NOBODY_THERE"},"11":{"collection":"COLLECTED"}}; others are shown and move nothing' },
  VNPOST_FLAG_CONFIG: { schema: z.string().regex(/^\d{0,4}$/, 'must be a number, or empty').transform((text) => (text === '' ? null : Number(text))), fallback: '', purpose: 'FlagConfig of an order, which one client sends as 2; empty sends none' },
  VNPOST_PAGE_SIZE: { schema: wholeNumber(1, 1_000), fallback: '500', purpose: 'Events in one page of tracking; the post gives 1000 at most' },
  VNPOST_TRACKING_LAG_MS: { schema: millis(0, 3_600_000), fallback: '60000', purpose: 'How much later an event may appear than its id says; younger ones are asked for again' },
  VNPOST_IN_FLIGHT_MS: { schema: millis(0, 3_600_000), fallback: '60000', purpose: 'How long a request may still arrive after we gave up waiting; only then is an order sent again' },
  VNPOST_SESSION_REFRESH_AHEAD_MS: { schema: millis(0, 600_000), fallback: '60000', purpose: 'A token with less life left is replaced in the background' },
  VNPOST_LOGIN_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '20000', purpose: 'Deadline of a log-in; everything else waits for it' },
  VNPOST_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '30000', purpose: 'Deadline of one call' },
  VNPOST_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '4', purpose: 'Calls at the same time at most' },
  VNPOST_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Calls a second at most; empty means no limit' },
  ...VNPOST_CONNECTIONS.specs,
} as const;

export type VnpostSettings = SettingsOf<typeof specs>;

const isGiven: Readonly<Record<string, (settings: VnpostSettings) => boolean>> = {
  VNPOST_CUSTOMERS: ({ VNPOST_CUSTOMERS }) => VNPOST_CUSTOMERS.length > 0,
  VNPOST_CONSUMER_KEY: ({ VNPOST_CONSUMER_KEY }) => VNPOST_CONSUMER_KEY !== '',
  VNPOST_CONSUMER_SECRET: ({ VNPOST_CONSUMER_SECRET }) => VNPOST_CONSUMER_SECRET !== '',
};

/** The environment section of this party; `keys` feeds the documents. */
export const vnpostSettings: EnvSection<VnpostSettings> = envSection(specs, (settings) => [
  ...VNPOST_CONNECTIONS.problems(settings),
  ...(settings.VNPOST_URL === '' ? [] : Object.entries(isGiven).filter(([, isThere]) => !isThere(settings)).map(([key]) => `${key} is not set, and VNPOST_URL needs it`)),
]);
