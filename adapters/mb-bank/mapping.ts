import type { AccountName, AccountNameQuestion } from '../../src/bank-accounts/account-name-port.js';
import type { BankMovement } from '../../src/payments/bank-credit-port.js';
import { BODY_REASON, DONE_REASON, FIELD_REASONS } from './errors.js';
import { pushBody, pushKey } from './wire.js';
import type { AccountReply, PushReply } from './wire.js';

/** MB's own BIN: other banks are asked through NAPAS. */
const OWN_BIN = '970422';
const BIN = /^\d{6}$/;
const NUMBER = /^[0-9A-Za-z]{4,22}$/;
/** Shape of our references; an order number of anybody else is left to the text of the transfer. */
const OUR_REFERENCE = /^OG[0-9A-Z]{13}$/;

const bare = (number: string): string => number.replaceAll(' ', '');

export const canEnquire = ({ bankBin, number }: AccountNameQuestion): boolean => BIN.test(bankBin) && NUMBER.test(bare(number));

export const enquiryQuery = ({ bankBin, number }: AccountNameQuestion): Readonly<Record<string, string>> => {
  const common = { accountNumber: bare(number), accountType: 'ACCOUNT' };
  return bankBin === OWN_BIN ? { ...common, transferType: 'INHOUSE' } : { ...common, transferType: 'NAPAS', bankCode: bankBin };
};

/** Of an answer that is a success. One without a name says that there is no such account. */
export const nameIn = ({ errorCode, data }: AccountReply): AccountName => {
  const holderName = (data?.accountName ?? data?.customerName ?? '').trim();
  return holderName === '' ? { kind: 'not-found', code: errorCode ?? 'no-name' } : { kind: 'found', holderName };
};

/** What makes two pushes the same, and what must then be the same in both. The text may differ: two channels word it each in its own way. */
export const identityOf = (body: unknown): { readonly uniqueKey: string; readonly sameness: Buffer } | null => {
  const key = pushKey.safeParse(body);
  if (!key.success) return null;
  const whole = pushBody.safeParse(body);
  const { referencenumber, transType } = key.data;
  const rest = whole.success ? [whole.data.amount, whole.data.bankaccount] : [body];
  return { uniqueKey: `${referencenumber}/${transType}`, sameness: Buffer.from(JSON.stringify([referencenumber, transType, ...rest])) };
};

/** Of a push, or null where it is not what was agreed. */
export const movementOf = (body: unknown): BankMovement | null => {
  const parsed = pushBody.safeParse(body);
  if (!parsed.success) return null;
  const { referencenumber, amount, content, bankaccount, transType, transactiontime, orderId } = parsed.data;
  if (transType === 'D') return { kind: 'debit', bankReference: referencenumber };
  const named = orderId?.trim().toUpperCase() ?? '';
  return {
    kind: 'credit',
    credit: { bankReference: referencenumber, amountVnd: amount, content, accountNumber: bankaccount, bankBin: OWN_BIN, reference: OUR_REFERENCE.test(named) ? named : null, at: transactiontime },
  };
};

/** errorReason for what cannot be read: the first field that is wrong. */
export const reasonOf = (body: unknown): string => {
  const parsed = pushBody.safeParse(body);
  const [field = ''] = parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0] ?? ''));
  return FIELD_REASONS[field] ?? BODY_REASON;
};

/** Our number of what was taken is the bank's own: it names one transfer, and a repeat hears the same. */
export const takenReply = (body: unknown): PushReply => {
  const key = pushKey.safeParse(body);
  return { error: false, errorReason: DONE_REASON, toastMessage: '', object: { reftransactionid: key.success ? `${key.data.referencenumber}-${key.data.transType}` : '' } };
};

export const failedReply = (errorReason: string): PushReply => ({ error: true, errorReason, toastMessage: '', object: null });
