import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { vietnamTime } from './sandbox-clock.js';
import { pick, secureCode } from './sandbox-digest.js';
import type { OrderState, SandboxOrder, VnptPayLedger } from './sandbox-ledger.js';

export type Fields = Readonly<Record<string, unknown>>;

/** One service of a merchant, as the sandbox knows it. */
export interface SandboxMerchant {
  readonly apiKey: string;
  readonly secret: string;
}

export type SandboxMerchants = Readonly<Record<string, SandboxMerchant>>;

/** How an honest answer is spoilt. `turned` is no fault: the same fields in another order, signed in that order. */
const ANY_TWISTS = ['busy', 'bad-signature', 'unsigned', 'unlisted-code', 'other-order', 'bare', 'turned'] as const;
export const OPEN_TWISTS = ['refuse', 'exists', ...ANY_TWISTS] as const;
export const QUERY_TWISTS = ['not-found', 'unknown-status', 'other-amount', ...ANY_TWISTS] as const;
export type ReplyTwist = (typeof OPEN_TWISTS)[number] | (typeof QUERY_TWISTS)[number];

const ORDERS: Readonly<Record<string, string>> = {
  init: 'ACTION VERSION MERCHANT_SERVICE_ID MERCHANT_ORDER_ID AMOUNT AMOUNT_DETAIL SERVICE_ID DEVICE LOCALE CURRENCY_CODE PAYMENT_METHOD DESCRIPTION CREATE_DATE CLIENT_IP',
  init_m_merch: 'ACTION VERSION MERCHANT_SERVICE_ID AGENCY_ID MERCHANT_ORDER_ID SERVICE_ID AMOUNT DEVICE LOCALE CURRENCY_CODE PAYMENT_METHOD DESCRIPTION CREATE_DATE CLIENT_IP',
  pay_qrcode: 'ACTION VERSION MERCHANT_SERVICE_ID MERCHANT_ORDER_ID AMOUNT PAYMENT_ACTION SERVICE_CATEGORY CHANNEL_ID DEVICE LOCALE CURRENCY_CODE PAYMENT_METHOD DESCRIPTION CREATE_DATE CLIENT_IP',
  query: 'ACTION VERSION MERCHANT_SERVICE_ID MERCHANT_ORDER_ID CREATE_DATE',
};

const TEXTS: Readonly<Record<string, string>> = {
  '00': 'Thành công', '01': 'Giao dịch thất bại', '02': 'Dữ liệu không đúng định dạng', '03': 'Mã giao dịch đã tồn tại', '05': 'Không tìm thấy dữ liệu', '07': 'Chữ ký không đúng',
  '09': 'Merchant service không tồn tại', '99': 'Lỗi không xác định',
};

const SHAPES: Readonly<Record<string, RegExp>> = {
  MERCHANT_ORDER_ID: /^[\w-]{1,50}$/, CREATE_DATE: /^\d{14}$/, AMOUNT: /^[1-9]\d{0,11}$/, CURRENCY_CODE: /^VND$/, LOCALE: /^(vi-VN|en-US)$/, CLIENT_IP: /^[0-9A-Fa-f.:]{7,45}$/, DESCRIPTION: /^[^|]{1,255}$/,
};

export const textIn = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

/** Values of its own, which nobody published. */
const STATUSES: Readonly<Record<OrderState, string>> = { open: 'INIT', paid: 'DONE', failed: 'FAIL', 'timed-out': 'DONE' };
const CODES: Readonly<Record<OrderState, string>> = { open: '00', paid: '00', failed: '01', 'timed-out': '00' };

type Reply = Readonly<Record<string, string | number>>;

const bare = (code: string): Reply => ({ RESPONSE_CODE: code, DESCRIPTION: TEXTS[code] ?? 'Lỗi' });

const TWISTS: Readonly<Partial<Record<ReplyTwist, (reply: Reply) => Reply>>> = {
  'not-found': () => bare('05'),
  exists: () => bare('03'),
  busy: () => bare('99'),
  'unlisted-code': (reply) => ({ ...reply, RESPONSE_CODE: '58' }),
  'unknown-status': (reply) => ({ ...reply, TRANSACTION_STATUS: '42' }),
  'other-amount': (reply) => ({ ...reply, AMOUNT: Number(reply['AMOUNT'] ?? 0) + 1_000 }),
  'other-order': (reply) => ({ ...reply, MERCHANT_ORDER_ID: 'OG0000000000000' }),
  bare: ({ RESPONSE_CODE: code = '', DESCRIPTION: text = '', MERCHANT_SERVICE_ID: service = '', MERCHANT_ORDER_ID: order = '' }) =>
    ({ RESPONSE_CODE: code, DESCRIPTION: text, MERCHANT_SERVICE_ID: service, MERCHANT_ORDER_ID: order }),
  turned: (reply) => Object.fromEntries(Object.entries(reply).reverse()),
};

/** init, init_m_merch, pay_qrcode and query over the ledger. */
export class SandboxApi {
  readonly #ledger: VnptPayLedger;
  readonly #merchants: SandboxMerchants;

  constructor(ledger: VnptPayLedger, merchants: SandboxMerchants) {
    this.#ledger = ledger;
    this.#merchants = merchants;
  }

  /** Is this the key of the service that the message names? */
  isAdmitted(authorization: string | undefined, body: Fields): boolean {
    const merchant = this.#merchants[textIn(body, 'MERCHANT_SERVICE_ID')];
    return merchant === undefined ? Object.values(this.#merchants).some(({ apiKey }) => authorization === `Bearer ${apiKey}`) : authorization === `Bearer ${merchant.apiKey}`;
  }

  /** @param form of ORDERS @param origin where the pay page is */
  answer({ form, body, origin }: { readonly form: string; readonly body: Fields; readonly origin: string }, twist: ReplyTwist | null = null): WireAnswer {
    // A refusal opens nothing; every other answer does, whatever it says.
    const honest = twist === 'refuse' ? bare('01') : this.#judge(form, body, origin);
    const said = twist === null ? honest : (TWISTS[twist]?.(honest) ?? honest);
    const secret = this.#merchants[textIn(body, 'MERCHANT_SERVICE_ID')]?.secret;
    if (secret === undefined || twist === 'unsigned') return jsonAnswer(200, said);
    return jsonAnswer(200, { ...said, SECURE_CODE: secureCode(twist === 'bad-signature' ? `${secret}x` : secret, Object.values(said)) });
  }

  #judge(form: string, body: Fields, origin: string): Reply {
    const service = textIn(body, 'MERCHANT_SERVICE_ID');
    const merchant = this.#merchants[service];
    const order = ORDERS[form] ?? '';
    if (merchant === undefined) return bare('09');
    if (textIn(body, 'SECURE_CODE') !== secureCode(merchant.secret, pick(body, order))) return bare('07');
    const isFine = order.split(' ').every((name) => (SHAPES[name] ?? /./).test(textIn(body, name)));
    if (!isFine) return { ...bare('02'), MERCHANT_SERVICE_ID: service, MERCHANT_ORDER_ID: textIn(body, 'MERCHANT_ORDER_ID') };
    const found = this.#ledger.order(service, textIn(body, 'MERCHANT_ORDER_ID'));
    return form === 'query' ? this.#query(found, body) : this.#open(found, { form, body, origin });
  }

  #open(found: SandboxOrder | null, { form, body, origin }: { readonly form: string; readonly body: Fields; readonly origin: string }): Reply {
    const ref = textIn(body, 'MERCHANT_ORDER_ID');
    const service = textIn(body, 'MERCHANT_SERVICE_ID');
    const about = { MERCHANT_SERVICE_ID: service, MERCHANT_ORDER_ID: ref };
    if (found !== null) return { ...bare('03'), ...about };
    const order = this.#ledger.open({ ref, service, amountVnd: Number(textIn(body, 'AMOUNT')), createDate: textIn(body, 'CREATE_DATE'), description: textIn(body, 'DESCRIPTION') });
    const page = form === 'pay_qrcode' ? { QR_CODE: `vnptpay:${service}:${ref}:${order.amountVnd}` } : { REDIRECT_URL: `${origin}/pay?ref=${ref}` };
    return { ...bare('00'), ...about, ...page, CREATE_DATE: vietnamTime() };
  }

  #query(found: SandboxOrder | null, body: Fields): Reply {
    const about = { MERCHANT_SERVICE_ID: textIn(body, 'MERCHANT_SERVICE_ID'), MERCHANT_ORDER_ID: textIn(body, 'MERCHANT_ORDER_ID') };
    // It is found by its time, too: the one of the opening, to the second.
    if (found === null || found.createDate !== textIn(body, 'CREATE_DATE') || found.hiddenUntil > Date.now()) return { ...bare('05'), ...about };
    const isOver = found.state !== 'open';
    return {
      ...bare(CODES[found.state]), ...about, VNPTPAY_TRANSACTION_ID: found.transaction, AMOUNT: found.amountVnd, LOCALE: 'vi-VN', CURRENCY_CODE: 'VND',
      PAYMENT_METHOD: isOver ? 'VNPTPAY' : '', PAY_DATE: found.payDate, TRANSACTION_STATUS: STATUSES[found.state], ADDITIONAL_INFO: '', CREATE_DATE: found.createDate,
    };
  }
}
