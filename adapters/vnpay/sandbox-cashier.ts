import type { NoticeFlaw, NoticeRequest, Notice } from '../support/sandbox-notice.js';
import { vietnamTime } from './sandbox-clock.js';
import type { ClockFault } from './sandbox-clock.js';
import { hashedQuery, sha512 } from './sandbox-hash.js';
import { statusOf } from './sandbox-ledger.js';
import type { OrderState, SandboxOrder, VnpayLedger } from './sandbox-ledger.js';
import type { SandboxMerchants } from './sandbox-pay-page.js';

/** How a visit to the pay page ends. */
export interface Outcome {
  readonly state: Exclude<OrderState, 'open'>;
  readonly responseCode: string;
  readonly clock?: ClockFault;
  /** querydr answers 91 for so long after the money was taken. */
  readonly hiddenMs?: number;
}

/** An old secret of every merchant, which VNPAY by mistake still signs with. */
export const OLD_SECRET = 'OLDDEMOSECRETOLDDEMOSECRETOLD001';

const SURPLUS = 100_000;

/** What an IPN and the address of the return page carry. */
const resultFields = (order: SandboxOrder): Record<string, string> => ({
  vnp_Amount: String(order.amount), vnp_BankCode: order.bankCode, vnp_BankTranNo: order.taken.length > 0 ? `VNP${order.transactionNo}` : '', vnp_CardType: 'ATM',
  vnp_OrderInfo: order.orderInfo, vnp_PayDate: order.payDate, vnp_ResponseCode: order.responseCode, vnp_TmnCode: order.tmnCode,
  vnp_TransactionNo: order.transactionNo, vnp_TransactionStatus: statusOf(order), vnp_TxnRef: order.ref,
});

const signed = (fields: Readonly<Record<string, string>>, secret: string): string => {
  const query = hashedQuery(fields);
  return `${query}&vnp_SecureHash=${sha512(secret, query)}`;
};

/** The query of an IPN about a state as it was then; later changes do not reach it. */
const queryOf = (fields: Readonly<Record<string, string>>, secret: string, flaw: NoticeFlaw | null): string => {
  const otherAmount = { ...fields, vnp_Amount: String(Number(fields['vnp_Amount']) + SURPLUS) };
  if (flaw === 'other-amount') return signed(otherAmount, secret);
  if (flaw === 'altered') return `${hashedQuery(otherAmount)}&vnp_SecureHash=${sha512(secret, hashedQuery(fields))}`;
  if (flaw === 'unsigned') return hashedQuery(fields);
  return signed(fields, flaw === 'old-key' ? OLD_SECRET : secret);
};

/** Takes the money, and says so. */
export class SandboxCashier {
  readonly #ledger: VnpayLedger;
  readonly #merchants: SandboxMerchants;

  constructor(ledger: VnpayLedger, merchants: SandboxMerchants) {
    this.#ledger = ledger;
    this.#merchants = merchants;
  }

  /** @returns false where the order is over already: nobody pays one reference twice */
  settle(order: SandboxOrder, outcome: Outcome): boolean {
    if (order.state !== 'open') return false;
    order.state = outcome.state;
    order.responseCode = outcome.responseCode;
    order.transactionNo = this.#ledger.nextNumber();
    order.bankCode = outcome.state === 'failed' ? 'VNPAY' : 'NCB';
    order.payDate = vietnamTime(outcome.clock ?? null);
    order.hiddenUntil = Date.now() + (outcome.hiddenMs ?? 0);
    if (outcome.state !== 'failed') order.taken.push(order.amount / 100);
    this.#ledger.keep(order);
    return true;
  }

  /** @param stale says "not finished" of an order that is: a word that was overtaken */
  notice(order: SandboxOrder, stale = false): Notice {
    const fields = { ...resultFields(order), ...(stale ? { vnp_TransactionStatus: '01', vnp_ResponseCode: '99' } : {}) };
    const secret = this.#merchants[order.tmnCode] ?? '';
    const build = (flaw: NoticeFlaw | null): NoticeRequest => ({ method: 'GET', path: `ipn?${queryOf(fields, secret, flaw)}`, headers: {}, body: '' });
    return { operation: 'ipn', key: order.ref, build };
  }

  /** Where the browser goes. It is signed, too, and still nothing may be booked on it. */
  returnAddress(order: SandboxOrder): string {
    const join = order.returnUrl.includes('?') ? '&' : '?';
    return `${order.returnUrl}${join}${signed(resultFields(order), this.#merchants[order.tmnCode] ?? '')}`;
  }
}
