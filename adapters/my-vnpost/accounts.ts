import { z } from 'zod';
import { agencyEntries, agencyEntry, clash } from '../support/agency-entries.js';

const account = agencyEntry({
  username: z.string().min(1).max(100),
  password: z.string().min(1).max(200),
  /** MaCRM of the contract with the post. */
  customerCode: z.string().regex(/^[\w.-]{1,50}$/),
});

/** User and contract of an agency. */
export type Account = z.infer<typeof account>;

export const accounts = agencyEntries(account);

/** Several agencies may share a contract, but then its user too: parcels remember the contract only. */
export const clashingContracts = (entries: readonly Account[]): boolean => clash(entries, ({ customerCode }) => customerCode, ({ username, password }) => [username, password]);
