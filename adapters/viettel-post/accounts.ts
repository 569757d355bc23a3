import { z } from 'zod';
import { agencyEntries, agencyEntry, clash } from '../support/agency-entries.js';

const account = agencyEntry({
  /** Names the account in what a parcel remembers; the user name is a telephone number. */
  name: z.string().regex(/^[\w.-]{1,50}$/),
  username: z.string().min(1).max(100),
  password: z.string().min(1).max(200),
});

/** User of an agency. */
export type Account = z.infer<typeof account>;

export const accounts = agencyEntries(account);

/** Several agencies may share an account, but then all of it: parcels remember its name only. */
export const clashingAccounts = (entries: readonly Account[]): boolean => clash(entries, ({ name }) => name, ({ username, password }) => [username, password]);
