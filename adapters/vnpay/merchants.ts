import { z } from 'zod';
import { agencyEntries, agencyEntry } from '../support/agency-entries.js';
import type { CallbackKeys } from '../support/callback-keys.js';

const secret = z.string().min(8).max(512);

const merchant = agencyEntry({ tmnCode: z.string().regex(/^\w{4,20}$/), secret, previousSecret: secret.optional() });

/** Terminal code and secret of an agency; the secret before it counts as long as it is listed. */
export type Merchant = z.infer<typeof merchant>;

export const merchants = agencyEntries(merchant);

/** Both secrets under ids that may be logged. */
export const keysOf = ({ tmnCode, secret: current, previousSecret }: Merchant): CallbackKeys =>
  previousSecret === undefined ? [{ id: tmnCode, secret: current }] : [{ id: tmnCode, secret: current }, { id: `${tmnCode}-previous`, secret: previousSecret }];

/** Two agencies may share a terminal code, but then its secrets too: a callback names the code only. */
export const clashingCodes = (entries: readonly Merchant[]): readonly string[] => {
  const secrets = new Map<string, string>();
  const clashes = new Set<string>();
  for (const entry of entries) {
    const own = JSON.stringify([entry.secret, entry.previousSecret ?? null]);
    if ((secrets.get(entry.tmnCode) ?? own) !== own) clashes.add(entry.tmnCode);
    secrets.set(entry.tmnCode, own);
  }
  return [...clashes];
};
