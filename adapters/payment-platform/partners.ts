import { z } from 'zod';
import { agencyEntries, agencyEntry } from '../support/agency-entries.js';
import type { CallbackKeys } from '../support/callback-keys.js';

const secret = z.string().min(8).max(512);

const partner = agencyEntry({ partnerCode: z.string().regex(/^[\w.-]{1,50}$/), secret, previousSecret: secret.optional() });

/** Partner code and secret of an agency; the secret before it counts as long as it is listed. */
export type Partner = z.infer<typeof partner>;

export const partners = agencyEntries(partner);

/** Ids of keys are logged and counted: dots of a partner code stay out of them. */
const idOf = (partnerCode: string): string => partnerCode.replaceAll('.', '-');

/** Both secrets under ids that may be logged. */
export const keysOf = ({ partnerCode, secret: current, previousSecret }: Partner): CallbackKeys => {
  const id = idOf(partnerCode);
  return previousSecret === undefined ? [{ id, secret: current }] : [{ id, secret: current }, { id: `${id}-previous`, secret: previousSecret }];
};

/** Two agencies may share a partner code, but then its secrets too: a callback names the code only. */
export const clashingCodes = (entries: readonly Partner[]): readonly string[] => {
  const secrets = new Map<string, string>();
  const clashes = new Set<string>();
  for (const entry of entries) {
    const own = JSON.stringify([entry.secret, entry.previousSecret ?? null]);
    if ((secrets.get(entry.partnerCode) ?? own) !== own) clashes.add(entry.partnerCode);
    secrets.set(entry.partnerCode, own);
  }
  return [...clashes];
};
