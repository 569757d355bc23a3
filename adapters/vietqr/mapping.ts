import type { AccountName, AccountNameQuestion } from '../../src/bank-accounts/account-name-port.js';
import type { PaymentOrder } from '../../src/payments/payment-gateway-port.js';
import type { TransferQr } from './transfer-qr.js';
import type { LookupQuestion, LookupReply } from './wire.js';

/** Banks of the list that the look-up does not serve (flags of npm vietnam-qr-pay 1.5.1; they are not live). */
const WITHOUT_LOOKUP: ReadonlySet<string> = new Set(['796500', '801011', '963388', '970455', '970456', '970462', '970463']);
const BIN = /^\d{6}$/;
const ACCOUNT_NUMBER = /^[0-9A-Za-z]{1,19}$/;
const LARGEST_AMOUNT_VND = 9_999_999_999_999;

export type QrPlan = { readonly kind: 'transfer'; readonly transfer: TransferQr } | { readonly kind: 'rejected'; readonly code: string; readonly text: string };

const rejected = (code: string, text: string): QrPlan => ({ kind: 'rejected', code, text });

/** Spaces are for the eye; dots are of the State Treasury, which no QR code reaches. */
const bare = (number: string): string => number.replaceAll(' ', '');

/**
 * The transfer for which a code asks. Bill number and purpose are the reference alone: banks cut, fold and prefix the text, and 15
 * letters and digits survive that best.
 * @param takers BINs of the banks that take such transfers; empty for all
 */
export const planOf = ({ account, amountVnd, reference }: Pick<PaymentOrder, 'account' | 'amountVnd' | 'reference'>, takers: readonly string[]): QrPlan => {
  const { bankBin } = account;
  const number = bare(account.number);
  if (bankBin === null || !BIN.test(bankBin)) return rejected('no-bank-bin', 'The account is at the State Treasury or at a bank without a BIN: no VietQR code reaches it.');
  if (takers.length > 0 && !takers.includes(bankBin)) return rejected('bank-not-supported', 'The bank of the account takes no transfers by VietQR.');
  if (!ACCOUNT_NUMBER.test(number)) return rejected('account-number', 'The account number cannot stand in a VietQR code.');
  if (!Number.isSafeInteger(amountVnd) || amountVnd < 1 || amountVnd > LARGEST_AMOUNT_VND) return rejected('amount', 'The amount cannot stand in a VietQR code.');
  return { kind: 'transfer', transfer: { bankBin, kind: 'account', number, amountVnd, billNumber: reference, purpose: reference } };
};

/** The look-up takes 6 to 19 digits, no letters. */
export const canLookUp = ({ bankBin, number }: AccountNameQuestion): boolean => BIN.test(bankBin) && !WITHOUT_LOOKUP.has(bankBin) && /^\d{6,19}$/.test(bare(number));

export const lookupQuestion = ({ bankBin, number }: AccountNameQuestion): LookupQuestion => ({ bin: bankBin, accountNumber: bare(number) });

/** Of an answer with code 00. One without a name says that there is no such account. */
export const nameIn = ({ code, data }: LookupReply): AccountName => {
  const holderName = data?.accountName?.trim() ?? '';
  return holderName === '' ? { kind: 'not-found', code } : { kind: 'found', holderName };
};
