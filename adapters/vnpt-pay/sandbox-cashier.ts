import type { Notice, NoticeFlaw, NoticeRequest } from '../support/sandbox-notice.js';
import type { SandboxMerchants } from './sandbox-api.js';
import { vietnamTime } from './sandbox-clock.js';
import type { ClockFault } from './sandbox-clock.js';
import { pick, secureCode } from './sandbox-digest.js';
import type { OrderState, SandboxOrder, VnptPayLedger } from './sandbox-ledger.js';

/** How a visit to the pay page ends. */
export interface Outcome {
  readonly state: Exclude<OrderState, 'open'>;
  readonly clock?: ClockFault;
  /** A query answers 05 for so long after the money was taken. */
  readonly hiddenMs?: number;
}

/** The dresses in which an IPN was seen: a form with JSON in one field, JSON, a form. */
export const IPN_DRESSES = ['data', 'json', 'form'] as const;
export type IpnDress = (typeof IPN_DRESSES)[number];

/** An old secret of every service, which the sandbox by order still signs with. */
export const OLD_SECRET = 'old-demo-secret-of-vnpt-pay';

const SURPLUS = 1_000;
const ORDER = 'ACTION RESPONSE_CODE MERCHANT_SERVICE_ID MERCHANT_ORDER_ID AMOUNT CURRENCY_CODE VNPTPAY_TRANSACTION_ID PAYMENT_METHOD PAY_DATE ADDITIONAL_INFO';
const CODES: Readonly<Record<OrderState, string>> = { open: '04', paid: '00', failed: '01', 'timed-out': '04' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

type IpnFields = Readonly<Record<string, string | number>>;

const texts = (fields: IpnFields): Record<string, string> => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));

const dressed = (fields: IpnFields, dress: IpnDress): NoticeRequest => {
  if (dress === 'json') return { method: 'POST', path: 'ipn', headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(fields) };
  return { method: 'POST', path: 'ipn', headers: FORM, body: new URLSearchParams(dress === 'data' ? { data: JSON.stringify(fields) } : texts(fields)).toString() };
};

/** Takes the money, and says so. */
export class SandboxCashier {
  readonly #ledger: VnptPayLedger;
  readonly #merchants: SandboxMerchants;

  constructor(ledger: VnptPayLedger, merchants: SandboxMerchants) {
    this.#ledger = ledger;
    this.#merchants = merchants;
  }

  /** @returns false where the order is over already: nobody pays one reference twice */
  settle(order: SandboxOrder, outcome: Outcome): boolean {
    if (order.state !== 'open') return false;
    order.state = outcome.state;
    order.transaction = this.#ledger.nextTransaction();
    order.payDate = vietnamTime(outcome.clock ?? null);
    order.hiddenUntil = Date.now() + (outcome.hiddenMs ?? 0);
    if (outcome.state !== 'failed') order.taken.push(order.amountVnd);
    this.#ledger.keep(order);
    return true;
  }

  /** @param stale says "timed out" of an order that is paid: a word that was overtaken */
  notice(order: SandboxOrder, dress: IpnDress, stale = false): Notice {
    const fields = {
      ACTION: 'CONFIRM', RESPONSE_CODE: stale ? CODES.open : CODES[order.state], MERCHANT_SERVICE_ID: order.service, MERCHANT_ORDER_ID: order.ref, AMOUNT: order.amountVnd, CURRENCY_CODE: 'VND',
      VNPTPAY_TRANSACTION_ID: order.transaction, PAYMENT_METHOD: 'VNPTPAY', PAY_DATE: order.payDate, ADDITIONAL_INFO: '',
    };
    const secret = this.#merchants[order.service]?.secret ?? '';
    const signed = (said: IpnFields, key: string): IpnFields => ({ ...said, SECURE_CODE: secureCode(key, pick(said, ORDER)) });
    const spoilt = (flaw: NoticeFlaw | null): IpnFields => {
      const other = { ...fields, AMOUNT: fields.AMOUNT + SURPLUS };
      if (flaw === 'unsigned') return fields;
      if (flaw === 'altered') return { ...signed(fields, secret), AMOUNT: other.AMOUNT };
      return signed(flaw === 'other-amount' ? other : fields, flaw === 'old-key' ? OLD_SECRET : secret);
    };
    return { operation: 'ipn', key: order.ref, build: (flaw) => dressed(spoilt(flaw), dress) };
  }

  /** An answer of ours that ends the attempts: 00 or 02, and signed as it must be. */
  isTaken({ status, body }: { readonly status: number; readonly body: string }): boolean {
    try {
      const said = JSON.parse(body) as Readonly<Record<string, unknown>>;
      const service = String(said['MERCHANT_SERVICE_ID']);
      const expected = [this.#merchants[service]?.secret ?? '', OLD_SECRET].map((secret) => secureCode(secret, pick(said, 'RESPONSE_CODE DESCRIPTION MERCHANT_SERVICE_ID MERCHANT_ORDER_ID CREATE_DATE')));
      return status === 200 && ['00', '02'].includes(String(said['RESPONSE_CODE'])) && expected.includes(String(said['SECURE_CODE']));
    } catch {
      return false;
    }
  }
}
