import { z } from 'zod';
import { agencyEntries, agencyEntry } from '../support/agency-entries.js';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { optionalRate, optionalUrl, wholeNumber } from '../support/setting-kinds.js';

/** Connections, their limits and certificates; shared by all tenants. */
export const VNPT_RECEIPT_CONNECTIONS = connectionSettings('VNPT_RECEIPT', {
  maxReplyBytes: { fallback: '2000000', purpose: 'Largest reply that is read: a PDF, in base64; the XML gate reads no more than 2,000,000 characters' },
  allowPrivateAddresses: { fallback: 'false' },
});

const word = z.string().min(1).max(200);

const account = agencyEntry({
  /** Of the staff member in whose name it is issued, and of the tenant's web service. */
  account: word, accountPassword: word, username: word, password: word,
  /** Form and series of the receipts, as registered with the tax office. */
  pattern: z.string().regex(/^[^;,]{1,40}$/), serial: z.string().regex(/^[^;,]{1,40}$/),
  taxCode: z.string().regex(/^[\d-]{0,20}$/).optional(),
  /** The agency's own tenant; VNPT_RECEIPT_URL without it. */
  url: optionalUrl.optional(),
});

/** Log-ins, form and series of an agency. */
export type ReceiptAccount = z.infer<typeof account>;

const specs = {
  VNPT_RECEIPT_URL: { schema: optionalUrl, fallback: '', purpose: 'Address of the tenant, such as https://<tenant>.vnpt-invoice.com.vn, above its .asmx services; empty issues no receipts' },
  VNPT_RECEIPT_ACCOUNTS: { schema: agencyEntries(account), fallback: '', purpose: 'Log-ins, form and series by agency, as JSON: [{"agency":"*","account":"…","accountPassword":"…","username":"…","password":"…","pattern":"…","serial":"…"}], also taxCode and url; the nearest agency wins, then *', secret: true },
  VNPT_RECEIPT_ADJUST_TYPE: { schema: z.string().regex(/^\d?$/, 'must be a digit, or empty'), fallback: '', purpose: 'Type of an adjustment after a partial refund, by the contract (one client sends 4); empty leaves adjustments to a person' },
  VNPT_RECEIPT_NUMBER_LABEL: { schema: z.string().max(50), fallback: '', purpose: 'Words before the number on the page of getInvViewFkey, such as "Số:"; empty leaves the number open where the answer to the issue was lost' },
  VNPT_RECEIPT_IN_FLIGHT_MS: { schema: millis(0, 3_600_000), fallback: '60000', purpose: 'How long a request may still arrive after we gave up waiting; only then is a receipt asked for' },
  VNPT_RECEIPT_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '30000', purpose: 'Deadline of one call' },
  VNPT_RECEIPT_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '4', purpose: 'Calls at the same time at most' },
  VNPT_RECEIPT_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Calls a second at most; empty means no limit' },
  ...VNPT_RECEIPT_CONNECTIONS.specs,
} as const;

export type VnptReceiptSettings = SettingsOf<typeof specs>;

/** The environment section of this party; `keys` feeds the documents. */
export const vnptReceiptSettings: EnvSection<VnptReceiptSettings> = envSection(specs, (settings) => [
  ...VNPT_RECEIPT_CONNECTIONS.problems(settings),
  ...(settings.VNPT_RECEIPT_URL !== '' && settings.VNPT_RECEIPT_ACCOUNTS.length === 0 ? ['VNPT_RECEIPT_ACCOUNTS is not set, and VNPT_RECEIPT_URL needs it'] : []),
]);
