import { z } from 'zod';
import { callbackKeys } from '../support/callback-keys.js';
import { envSection, millis } from '../support/env-section.js';
import type { EnvSection, SettingsOf } from '../support/env-section.js';
import { addresses } from '../support/setting-kinds.js';
import type { ChecksumForm } from './checksum.js';
import { keysOf, services } from './services.js';
import type { BidvService } from './services.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const FORMS: Readonly<Record<'md5' | 'hmac' | 'both', readonly ChecksumForm[]>> = { md5: ['md5'], hmac: ['hmac'], both: ['md5', 'hmac'] };

const specs = {
  BIDV_SERVICES: { schema: services, fallback: '', purpose: 'Service id and checksum secret by agency, as JSON: [{"agency":"*","serviceId":"…","secret":"…","previousSecret":"…"}]; the nearest agency wins, then *; agency - serves none any more and is kept for what was opened under it; empty connects no BIDV', secret: true },
  BIDV_CLIENTS: { schema: callbackKeys, fallback: '', purpose: 'User name and password that BIDV gets from us for token_generate, as name:password; two during a change, the newest first', secret: true },
  BIDV_TOKEN_MS: { schema: millis(60_000, DAY_MS), fallback: '300000', purpose: 'Life of the tokens that we give to BIDV' },
  BIDV_CHECKSUM: { schema: z.enum(['md5', 'hmac', 'both']).transform((name) => FORMS[name]), fallback: 'both', purpose: 'Form of the checksum by contract: md5, hmac (HMAC-SHA256, since October 2024) or both' },
  BIDV_DUPLICATE_CODE: { schema: z.enum(['023', '000']), fallback: '023', purpose: 'Answer to the payment of a bill that another transfer has paid: 023 leaves the money with the bank to give back, 000 takes it and a person gives it back' },
  BIDV_UNKNOWN_BILL_CODE: { schema: z.enum(['021', '000']), fallback: '021', purpose: 'Answer to the payment of a bill that is not ours: 021, or 000 where the bank would keep the money otherwise; a person looks at it either way' },
  BIDV_HTTP_STATUS: { schema: z.enum(['always-200', 'errors-400']), fallback: 'always-200', purpose: 'Status of a refusal: 200 with a code in the body, or 400 for all but 000, 012 and 023; two clients of BIDV differ' },
  BIDV_ADDRESSES: { schema: addresses, fallback: '', purpose: 'Addresses and networks from which BIDV may come, a second line behind token and checksum; empty for any' },
  BIDV_PAY_WITHIN_MS: { schema: millis(MINUTE_MS, 30 * DAY_MS), fallback: '86400000', purpose: 'How long a citizen has to pay' },
  BIDV_SETTLE_MS: { schema: millis(MINUTE_MS, 30 * DAY_MS), fallback: '7200000', purpose: 'How long after that a payment may still be told before it counts as expired; later ones are booked too' },
  BIDV_GIVE_UP_MS: { schema: millis(MINUTE_MS, 60 * DAY_MS), fallback: '259200000', purpose: 'After this a person decides about a payment that is still unknown' },
} as const;

export type BidvSettings = SettingsOf<typeof specs>;

/** The checksum of a paybill does not cover the service id: with one secret, a bill of one agency could be told under the service of another. */
const haveSharedSecret = (entries: readonly BidvService[]): boolean => {
  const secrets = entries.flatMap((entry) => [...new Set(keysOf(entry).map(({ secret }) => secret))]);
  return new Set(secrets).size < secrets.length;
};

/** The environment section of this party; `keys` feeds the documents. */
export const bidvSettings: EnvSection<BidvSettings> = envSection(specs, (settings) => [
  ...(settings.BIDV_SERVICES.length > 0 && settings.BIDV_CLIENTS === null ? ['BIDV_CLIENTS is not set, and BIDV_SERVICES needs it'] : []),
  ...(new Set(settings.BIDV_SERVICES.map(({ serviceId }) => serviceId)).size < settings.BIDV_SERVICES.length ? ['BIDV_SERVICES names one service id twice'] : []),
  ...(haveSharedSecret(settings.BIDV_SERVICES) ? ['BIDV_SERVICES has one secret for two services'] : []),
  ...(settings.BIDV_GIVE_UP_MS <= settings.BIDV_PAY_WITHIN_MS + settings.BIDV_SETTLE_MS ? ['BIDV_GIVE_UP_MS must be above BIDV_PAY_WITHIN_MS and BIDV_SETTLE_MS together'] : []),
]);
