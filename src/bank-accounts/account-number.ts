import { createHmac } from 'node:crypto';

/** Short code of the State Treasury in the list of banks. */
export const STATE_TREASURY = 'KBNN';

/** payments-and-post.md §A8: no rule is published; senders use 4 to 22 characters, and virtual accounts hold letters. */
const BANK_NUMBER = /^[0-9A-Za-z]{4,22}$/;
/** Same place: account, budget level, unit, and sometimes five more digits. */
const TREASURY_NUMBER = /^\d{4}\.\d\.\d{7}(\.\d{5})?$/;

export type NumberFault = 'ACCOUNT_NUMBER_SHAPE' | 'TREASURY_NUMBER_SHAPE';

/** As it is kept: text as written, for leading zeros and a Treasury's dots belong to it; spaces within are a habit of writing. */
export const cleanNumber = (number: string): string => number.normalize('NFKC').replace(/\s+/g, '');

/** What is wrong with a clean number of such a bank; null: nothing. */
export const faultOfNumber = (number: string, bankCode: string): NumberFault | null => {
  if (bankCode === STATE_TREASURY) return TREASURY_NUMBER.test(number) ? null : 'TREASURY_NUMBER_SHAPE';
  return BANK_NUMBER.test(number) ? null : 'ACCOUNT_NUMBER_SHAPE';
};

/** For comparison: neither spaces, dots, hyphens nor case count. */
export const foldNumber = (number: string): string => cleanNumber(number).replace(/[.\-\u2010-\u2015]/g, '').toUpperCase();

/** Keyed, for a plain digest of ten digits is found by trying them all. */
export const indexOfNumber = (key: Buffer, number: string): Buffer => createHmac('sha256', key).update('bank-account\n').update(foldNumber(number)).digest();

export const last4Of = (number: string): string => foldNumber(number).slice(-4);

/** How views show a number. */
export const maskedNumber = (last4: string): string => `••••${last4}`;
