import { randomBytes, scryptSync } from 'node:crypto';

const LOG2_N = 4;
const COST = { N: 2 ** LOG2_N, r: 1, p: 1 } as const;

/** A stored password in the gateway's form, at next to no cost: each check of one as the gateway makes it takes a third of a second of a core. */
export const cheapPasswordHash = (password: string): string => {
  const salt = randomBytes(16);
  return ['scrypt', LOG2_N, COST.r, COST.p, salt.toString('base64url'), scryptSync(password.normalize('NFKC'), salt, 32, COST).toString('base64url')].join('$');
};
