import { z } from 'zod';
import { agencyEntries, agencyEntry } from '../support/agency-entries.js';
import type { CallbackKeys } from '../support/callback-keys.js';

const secret = z.string().min(8).max(512);

const merchant = agencyEntry({
  merchantServiceId: z.string().regex(/^[\w.-]{1,50}$/),
  /** Token of 32 hexadecimal digits, later a JWT. */
  apiKey: z.string().regex(/^[\x21-\x7e]{8,4000}$/),
  secret,
  previousSecret: secret.optional(),
  /** Needed by the variant `init-m-merch` only. */
  agencyId: z.string().regex(/^[\w.-]{1,50}$/).optional(),
});

/** Service, key and secret of an agency; the secret before it counts as long as it is listed. */
export type Merchant = z.infer<typeof merchant>;

export const merchants = agencyEntries(merchant);

/** Both secrets under ids that may be logged. */
export const keysOf = ({ merchantServiceId, secret: current, previousSecret }: Merchant): CallbackKeys =>
  previousSecret === undefined
    ? [{ id: merchantServiceId, secret: current }]
    : [{ id: merchantServiceId, secret: current }, { id: `${merchantServiceId}-previous`, secret: previousSecret }];

/** Two agencies may share a service, but then its secrets too: a callback names the service only. */
export const clashingServices = (entries: readonly Merchant[]): readonly string[] => {
  const secrets = new Map<string, string>();
  const clashes = new Set<string>();
  for (const entry of entries) {
    const own = JSON.stringify([entry.secret, entry.previousSecret ?? null, entry.apiKey]);
    if ((secrets.get(entry.merchantServiceId) ?? own) !== own) clashes.add(entry.merchantServiceId);
    secrets.set(entry.merchantServiceId, own);
  }
  return [...clashes];
};
