import { z } from 'zod';
import { agencyEntries, agencyEntry } from '../support/agency-entries.js';
import type { CallbackKeys } from '../support/callback-keys.js';

const secret = z.string().min(8).max(512);

const service = agencyEntry({ serviceId: z.string().regex(/^[\w-]{2,50}$/), secret, previousSecret: secret.optional() });

/** Service of an agency at BIDV, which leads to its account there; the secret before the present one counts as long as it is listed. */
export type BidvService = z.infer<typeof service>;

export const services = agencyEntries(service);

/** Both secrets under ids that may be logged. */
export const keysOf = ({ serviceId, secret: current, previousSecret }: BidvService): CallbackKeys =>
  previousSecret === undefined ? [{ id: serviceId, secret: current }] : [{ id: serviceId, secret: current }, { id: `${serviceId}-previous`, secret: previousSecret }];
