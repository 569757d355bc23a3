import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { barred, sha512 } from './sandbox-hash.js';
import { statusOf } from './sandbox-ledger.js';
import type { SandboxOrder, SandboxRefund, VnpayLedger } from './sandbox-ledger.js';
import type { SandboxMerchants } from './sandbox-pay-page.js';

type Fields = Readonly<Record<string, unknown>>;

/** How an honest answer is spoilt. */
export type ApiTwist = 'not-found' | 'limited' | 'busy' | 'bad-signature' | 'unsigned' | 'unknown-status' | 'other-amount' | 'other-order' | 'unlisted-code';

const REQUESTS: Readonly<Record<string, string>> = {
  querydr: 'RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo',
  refund: 'RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo TransactionDate CreateBy CreateDate IpAddr OrderInfo',
};
const REPLY = 'ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo TransactionType TransactionStatus OrderInfo';
const REPLIES: Readonly<Record<string, string>> = { querydr: `${REPLY} PromotionCode PromotionAmount`, refund: REPLY };

const MESSAGES: Readonly<Record<string, string>> = {
  '00': 'Success', '02': 'Invalid TmnCode', '03': 'Invalid data format', '91': 'Transaction not found', '94': 'Request is duplicate', '95': 'Transaction is not successful', '97': 'Invalid signature', '99': 'Unknown error',
};

export const textIn = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

const refundFields = (order: SandboxOrder, refund: SandboxRefund): Record<string, string> => ({
  vnp_Amount: String(refund.amount), vnp_TransactionNo: refund.transactionNo, vnp_TransactionType: refund.type, vnp_TransactionStatus: refund.status,
  vnp_BankCode: order.bankCode, vnp_PayDate: order.payDate,
});

const paymentFields = (order: SandboxOrder): Record<string, string> => ({
  vnp_Amount: String(order.amount), vnp_TransactionNo: order.transactionNo, vnp_TransactionType: '01', vnp_TransactionStatus: statusOf(order),
  vnp_BankCode: order.bankCode, vnp_PayDate: order.payDate,
});

interface Reply {
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
}

const bare = (code: string): Reply => ({ code, fields: {} });

const TWISTS: Readonly<Record<ApiTwist, (reply: Reply) => Reply>> = {
  'not-found': () => bare('91'),
  limited: () => bare('94'),
  busy: () => bare('99'),
  'unlisted-code': () => bare('58'),
  'unknown-status': ({ code, fields }) => ({ code, fields: { ...fields, vnp_TransactionStatus: '42' } }),
  'other-amount': ({ code, fields }) => ({ code, fields: { ...fields, vnp_Amount: String(Number(fields['vnp_Amount'] ?? '0') + 100_000) } }),
  'other-order': ({ code, fields }) => ({ code, fields: { ...fields, vnp_TxnRef: 'OG0000000000000' } }),
  'bad-signature': (reply) => reply,
  unsigned: (reply) => reply,
};

/** querydr and refund over the ledger. */
export class SandboxApi {
  readonly #ledger: VnpayLedger;
  readonly #merchants: SandboxMerchants;
  readonly #queryLimitMs: number;
  readonly #askedAt = new Map<string, number>();
  #replies = 0;

  constructor(ledger: VnpayLedger, merchants: SandboxMerchants, queryLimitMs: number) {
    this.#ledger = ledger;
    this.#merchants = merchants;
    this.#queryLimitMs = queryLimitMs;
  }

  answer(body: Fields, twist: ApiTwist | null = null): WireAnswer {
    const command = textIn(body, 'vnp_Command');
    const honest = this.#judge(command, body);
    const { code, fields } = twist === null ? honest : TWISTS[twist](honest);
    this.#replies += 1;
    const said = { vnp_ResponseId: `RSP${this.#replies}`, vnp_Command: command, vnp_ResponseCode: code, vnp_Message: MESSAGES[code] ?? 'Error', ...fields };
    const secret = this.#merchants[textIn(body, 'vnp_TmnCode')];
    // Nobody knows with which key to sign for a stranger.
    if (secret === undefined || twist === 'unsigned') return jsonAnswer(200, said);
    // Refusals name no terminal code and are signed with it all the same.
    const named = { vnp_TmnCode: textIn(body, 'vnp_TmnCode'), ...said };
    return jsonAnswer(200, { ...said, vnp_SecureHash: sha512(twist === 'bad-signature' ? `${secret}x` : secret, barred(named, REPLIES[command] ?? REPLY)) });
  }

  #judge(command: string, body: Fields): Reply {
    const tmnCode = textIn(body, 'vnp_TmnCode');
    const order = REQUESTS[command];
    const secret = this.#merchants[tmnCode];
    if (secret === undefined) return bare('02');
    if (order === undefined || order.split(' ').some((name) => textIn(body, `vnp_${name}`) === '') || textIn(body, 'vnp_RequestId').length > 32) return bare('03');
    if (textIn(body, 'vnp_SecureHash') !== sha512(secret, barred(body, order))) return bare('97');
    if (!this.#ledger.takeRequestId(tmnCode, textIn(body, 'vnp_CreateDate').slice(0, 8), textIn(body, 'vnp_RequestId'))) return bare('94');
    const ref = textIn(body, 'vnp_TxnRef');
    if (command === 'querydr' && this.#isTooSoon(`${tmnCode} ${ref}`)) return bare('94');
    const found = this.#ledger.order(tmnCode, ref);
    // It is found by its time, too: the one of the pay address, to the second.
    if (found === null || found.createDate !== textIn(body, 'vnp_TransactionDate')) return bare('91');
    return command === 'refund' ? this.#refund(found, body) : this.#query(found);
  }

  #isTooSoon(key: string): boolean {
    const last = this.#askedAt.get(key) ?? 0;
    if (Date.now() - last < this.#queryLimitMs) return true;
    this.#askedAt.set(key, Date.now());
    return false;
  }

  #query(order: SandboxOrder): Reply {
    if (order.hiddenUntil > Date.now()) return bare('91');
    const refund = order.refunds.at(-1);
    const about = { vnp_TmnCode: order.tmnCode, vnp_TxnRef: order.ref, vnp_OrderInfo: order.orderInfo };
    return { code: '00', fields: { ...about, ...(refund === undefined ? paymentFields(order) : refundFields(order, refund)) } };
  }

  #refund(order: SandboxOrder, body: Fields): Reply {
    const type = textIn(body, 'vnp_TransactionType');
    const amount = Number(textIn(body, 'vnp_Amount'));
    if (order.state !== 'paid') return bare('95');
    if (order.refunds.some(({ status }) => status === '05')) return bare('94');
    if ((type !== '02' && type !== '03') || !Number.isInteger(amount) || amount <= 0 || (type === '02') !== (amount === order.amount)) return bare('03');
    const back = order.refunds.filter(({ status }) => status !== '09').reduce((sum, refund) => sum + refund.amount, 0);
    if (back + amount > order.amount) return bare('95');
    const refund: SandboxRefund = { requestId: textIn(body, 'vnp_RequestId'), type, amount, transactionNo: this.#ledger.nextNumber(), status: '05' };
    order.refunds.push(refund);
    this.#ledger.keep(order);
    return { code: '00', fields: { vnp_TmnCode: order.tmnCode, vnp_TxnRef: order.ref, vnp_OrderInfo: textIn(body, 'vnp_OrderInfo'), ...refundFields(order, refund) } };
  }
}
