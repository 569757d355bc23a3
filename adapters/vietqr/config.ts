import { z } from 'zod';
import { connectionSettings } from '../support/connection-settings.js';
import { envSection, flag, list, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { optionalRate, optionalUrl, wholeNumber } from '../support/setting-kinds.js';

/** Connections of the look-up, their limits and certificates. */
export const VIETQR_CONNECTIONS = connectionSettings('VIETQR', {
  maxReplyBytes: { fallback: '100000' },
  allowPrivateAddresses: { fallback: 'false' },
});

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const bins = list.refine((items) => items.every((item) => /^\d{6}$/.test(item)), 'must be BINs of six digits, separated by commas');

const specs = {
  VIETQR_PAYMENTS: { schema: flag, fallback: 'false', purpose: 'Offer transfers by VietQR code to the agency\'s own account as a way to pay; needs a bank that tells us of credits (MB_BANK_PUSH_CLIENTS), or a person who does' },
  VIETQR_BANK_BINS: { schema: bins, fallback: '', purpose: 'BINs of the banks whose accounts may be paid so, separated by commas: those that push credits to us; empty for every bank with a BIN' },
  VIETQR_PAY_WITHIN_MS: { schema: millis(MINUTE_MS, 7 * DAY_MS), fallback: '3600000', purpose: 'How long a citizen has to pay' },
  VIETQR_SETTLE_MS: { schema: millis(MINUTE_MS, 30 * DAY_MS), fallback: '7200000', purpose: 'How long after that a credit may still come before the payment counts as expired; later ones are booked too' },
  VIETQR_GIVE_UP_MS: { schema: millis(MINUTE_MS, 60 * DAY_MS), fallback: '259200000', purpose: 'After this a person decides about a payment that is still unknown' },
  VIETQR_URL: { schema: optionalUrl, fallback: '', purpose: 'Account-name look-up, https://api.vietqr.io/v2/lookup; empty asks nobody' },
  VIETQR_CLIENT_ID: { schema: z.string().max(200), fallback: '', purpose: 'x-client-id of vietqr.io, for the look-up', secret: true },
  VIETQR_API_KEY: { schema: z.string().max(200), fallback: '', purpose: 'x-api-key of vietqr.io, for the look-up', secret: true },
  VIETQR_NOT_FOUND_CODES: { schema: list, fallback: '', purpose: 'Codes of the look-up that mean "no such account", separated by commas (not published)' },
  VIETQR_DEADLINE_MS: { schema: millis(100, 120_000), fallback: '15000', purpose: 'Deadline of a look-up' },
  VIETQR_CONCURRENCY: { schema: wholeNumber(1, 64), fallback: '4', purpose: 'Look-ups at the same time at most' },
  VIETQR_RATE_PER_SECOND: { schema: optionalRate, fallback: '', purpose: 'Look-ups a second at most; empty means no limit' },
  ...VIETQR_CONNECTIONS.specs,
} as const;

export type VietqrSettings = SettingsOf<typeof specs>;

const NEEDED = ['VIETQR_CLIENT_ID', 'VIETQR_API_KEY'] as const;

/** The environment section of this party; `keys` feeds the documents. */
export const vietqrSettings: EnvSection<VietqrSettings> = envSection(specs, (settings) => [
  ...VIETQR_CONNECTIONS.problems(settings),
  ...(settings.VIETQR_URL === '' ? [] : NEEDED.filter((key) => settings[key] === '').map((key) => `${key} is not set, and VIETQR_URL needs it`)),
  ...(settings.VIETQR_GIVE_UP_MS <= settings.VIETQR_PAY_WITHIN_MS + settings.VIETQR_SETTLE_MS ? ['VIETQR_GIVE_UP_MS must be above VIETQR_PAY_WITHIN_MS and VIETQR_SETTLE_MS together'] : []),
]);
