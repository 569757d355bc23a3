import type { GatewayWord, RefundWord } from '../../src/payments/payment-gateway-port.js';

type Says = GatewayWord['says'];

/** The querydr answered about the transaction. */
export const ANSWERED = '00';
/** The querydr knows no such transaction. */
export const NOT_FOUND = '91';

export const APPROVED = '00';
const SUSPECTED_FRAUD = '07';

/**
 * vnp_ResponseCode of pay and IPN that mean that the citizen did not pay. 02 to 04 stop before any money can move. 01 (it exists) is left out:
 * it says that there is another try of the same order, which may have been paid.
 */
const FAILED_PAYMENTS: ReadonlySet<string> = new Set(['02', '03', '04', '05', '06', '08', '09', '10', '11', '12', '13', '24', '51', '65', '75', '79', '99']);

/**
 * vnp_TransactionStatus. 04: the bank took the money and VNPAY has no success, so somebody must look. 10 and 20 stand in one source only and
 * are left unlisted: nothing is booked on them.
 */
const STATUSES: Readonly<Record<string, Says>> = { '00': 'paid', '01': 'pending', '02': 'failed', '04': 'disputed', '07': 'disputed' };

const statusSays = (status: string): Says => (Object.hasOwn(STATUSES, status) ? STATUSES[status] ?? 'pending' : 'pending');

/** What an IPN says. Only both `00` are paid; where code and status contradict each other it is pending, and a query tells. */
export const ipnSays = (code: string, status: string): Says => {
  const says = statusSays(status);
  if (code === SUSPECTED_FRAUD || says === 'disputed') return 'disputed';
  if (code === APPROVED) return says === 'paid' ? 'paid' : 'pending';
  return FAILED_PAYMENTS.has(code) && says === 'failed' ? 'failed' : 'pending';
};

/** vnp_TransactionType of querydr: 01 the payment, 02 and 03 a refund of it, which only a paid one has. */
export const isRefundType = (type: string): boolean => type === '02' || type === '03';

export const querySays = (type: string, status: string): Says => (isRefundType(type) ? 'paid' : statusSays(status));

/** vnp_TransactionStatus of a refund: 05 in process, 06 sent to the bank, 09 refused. */
const REFUND_STATUSES: Readonly<Record<string, RefundWord['says']>> = { '00': 'done', '05': 'processing', '06': 'processing', '09': 'refused' };

export const refundSays = (status: string): RefundWord['says'] => (Object.hasOwn(REFUND_STATUSES, status) ? REFUND_STATUSES[status] ?? 'processing' : 'processing');

/**
 * What vnp_ResponseCode of querydr, refund and genqr means. `answer`: read on, and believed only under a good signature. `limited`: asked
 * too often. `key`: terminal code or hash refused, so our settings are wrong. `question`: we sent nonsense. `busy`: their own trouble.
 * An unlisted code means nothing that can be trusted.
 */
export type ApiVerdict = 'answer' | 'limited' | 'key' | 'question' | 'busy' | 'unlisted';

const QUERY_CODES: Readonly<Record<string, ApiVerdict>> = { '00': 'answer', '91': 'answer', '94': 'limited', '02': 'key', '97': 'key', '03': 'question', '99': 'busy' };
const REFUND_CODES: Readonly<Record<string, ApiVerdict>> = { '00': 'answer', '91': 'answer', '94': 'answer', '95': 'answer', '02': 'key', '97': 'key', '03': 'question', '99': 'busy' };

const listed = (table: Readonly<Record<string, ApiVerdict>>, code: string): ApiVerdict => (Object.hasOwn(table, code) ? table[code] ?? 'unlisted' : 'unlisted');

export const queryVerdict = (code: string): ApiVerdict => listed(QUERY_CODES, code);
export const refundVerdict = (code: string): ApiVerdict => listed(REFUND_CODES, code);

/** The refund was asked for before and is in process. */
export const REFUND_IN_PROCESS = '94';

/** `genqr` answers with the codes of the pay page (an assumption); 99 is its own trouble, and no refusal. */
export const isQrRefusal = (code: string): boolean => code !== '99' && code !== APPROVED && FAILED_PAYMENTS.has(code);

/** What VNPAY is told of an IPN; after 00 and 02 it stops, after any other it comes again. */
export type IpnAnswer = 'confirmed' | 'already' | 'unknown-order' | 'amount' | 'signature' | 'error';

export const IPN_CODES: Readonly<Record<IpnAnswer, readonly [string, string]>> = {
  confirmed: ['00', 'Confirm Success'],
  already: ['02', 'Order already confirmed'],
  'unknown-order': ['01', 'Order not found'],
  amount: ['04', 'Invalid amount'],
  signature: ['97', 'Invalid Checksum'],
  error: ['99', 'Unknown error'],
};
