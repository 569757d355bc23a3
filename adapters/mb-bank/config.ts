import { z } from 'zod';
import { callbackKeys } from '../support/callback-keys.js';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, list, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { addresses, optionalRate, optionalUrl, wholeNumber } from '../support/setting-kinds.js';

/** Connections of the account-name enquiry, their limits and certificates. */
export const MB_BANK_CONNECTIONS = connectionSettings('MB_BANK', {
  maxReplyBytes: { fallback: '100000' },
  allowPrivateAddresses: { fallback: 'false' },
});

const specs = {
  MB_BANK_URL: { schema: optionalUrl, fallback: '', purpose: 'Base of the interfaces of MB, such as https://api-sandbox.mbbank.com.vn/ or https://api-private.mbbank.com.vn/private/; empty asks MB nothing' },
  MB_BANK_USERNAME: { schema: z.string().max(200), fallback: '', purpose: 'User name of the token of MB (consumer key)' },
  MB_BANK_PASSWORD: { schema: z.string().max(500), fallback: '', purpose: 'Password of the token of MB (consumer secret)', secret: true },
  MB_BANK_NOT_FOUND_CODES: { schema: list, fallback: '', purpose: 'errorCode values of account/info that mean "no such account", separated by commas (not documented)' },
  MB_BANK_SESSION_REFRESH_AHEAD_MS: { schema: millis(0, 3_600_000), fallback: '30000', purpose: 'A token with less life left is replaced in the background' },
  MB_BANK_PUSH_CLIENTS: { schema: callbackKeys, fallback: '', purpose: 'User name and password that MB gets from us for the token of its pushes, as name:password; two during a change, the newest first; empty takes no pushes', secret: true },
  MB_BANK_PUSH_TOKEN_MS: { schema: millis(60_000, 86_400_000), fallback: '300000', purpose: 'Life of the tokens that we give to MB' },
  MB_BANK_PUSH_ADDRESSES: { schema: addresses, fallback: '', purpose: 'Addresses and networks from which pushes may come, a second line behind the token; empty for any (MB publishes no list)' },
  MB_BANK_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '15000', purpose: 'Deadline of an enquiry and of a log-in' },
  MB_BANK_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '4', purpose: 'Enquiries at the same time at most' },
  MB_BANK_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Enquiries a second at most; empty means no limit' },
  ...MB_BANK_CONNECTIONS.specs,
} as const;

export type MbBankSettings = SettingsOf<typeof specs>;

const NEEDED = ['MB_BANK_USERNAME', 'MB_BANK_PASSWORD'] as const;

/** The environment section of this party; `keys` feeds the documents. */
export const mbBankSettings: EnvSection<MbBankSettings> = envSection(specs, (settings) => [
  ...MB_BANK_CONNECTIONS.problems(settings),
  ...(settings.MB_BANK_URL === '' ? [] : NEEDED.filter((key) => settings[key] === '').map((key) => `${key} is not set, and MB_BANK_URL needs it`)),
]);
