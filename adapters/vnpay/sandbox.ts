import { z } from 'zod';
import { startPartySandbox } from '../support/party-sandbox.js';
import type { PartySandboxOptions } from '../support/party-sandbox.js';
import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { SandboxCaller } from '../support/sandbox-caller.js';
import type { Conduct, SandboxOperation } from '../support/sandbox-conduct.js';
import type { ControlRoutes } from '../support/sandbox-control.js';
import { fieldsOf, parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { RunningSandbox } from '../support/sandbox-server.js';
import { SandboxApi, textIn } from './sandbox-api.js';
import type { ApiTwist } from './sandbox-api.js';
import { SandboxCashier } from './sandbox-cashier.js';
import type { Outcome } from './sandbox-cashier.js';
import { VnpayLedger } from './sandbox-ledger.js';
import type { SandboxOrder } from './sandbox-ledger.js';
import { SandboxPayPage } from './sandbox-pay-page.js';
import type { SandboxMerchants } from './sandbox-pay-page.js';

const API_TWISTS = ['not-found', 'limited', 'busy', 'bad-signature', 'unsigned', 'unknown-status', 'other-amount', 'other-order', 'unlisted-code'] as const satisfies readonly ApiTwist[];
const PAY_TWISTS = ['fraud', 'reversed', 'no-money', 'late-books', 'overtaken', 'clock-7h', 'clock-2min', 'clock-12h'] as const;
const OWN = [...API_TWISTS, ...PAY_TWISTS, 'refuse-qr'] as const;
/** Misbehaviour that only VNPAY knows; what each does stands in the README. */
export type VnpayMischief = (typeof OWN)[number];

export interface VnpaySandboxOptions extends PartySandboxOptions<VnpayMischief> {
  readonly merchants?: SandboxMerchants;
  /** Our address up to and including `/callbacks/vnpay`; also by `/control/callback-address`. */
  readonly callbackAddress?: string;
  /** Between two tries of an IPN; five minutes unless told, as VNPAY does. */
  readonly ipnRetryMs?: number;
  /** querydr of one order within it is answered with 94; 0, the default, never. */
  readonly queryLimitMs?: number;
  readonly ledgerFile?: string;
}

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO_MERCHANTS: SandboxMerchants = { DEMOTMN1: 'DEMOSECRETDEMOSECRETDEMOSECRET01' };
const PAY_PATH = '/paymentv2/vpcpay.html';
const CONFIRM_PATH = '/paymentv2/confirm.html';
const RETURN_PATH = '/return';
const API_PATH = '/merchant_webapi/api/transaction';
const IPN_TRIES = 10;
const IPN_TIMEOUT_MS = 15_000;
const FIVE_MINUTES_MS = 300_000;
const HIDDEN_MS = 3_000;

const PAID: Outcome = { state: 'paid', responseCode: '00' };
const CANCELLED: Outcome = { state: 'failed', responseCode: '24' };

type PayTwist = (typeof PAY_TWISTS)[number];

const OUTCOMES: Readonly<Record<Exclude<PayTwist, 'overtaken'>, (conduct: Conduct<VnpayMischief>) => Outcome>> = {
  fraud: () => ({ state: 'fraud', responseCode: '07' }),
  reversed: () => ({ state: 'reversed', responseCode: '99' }),
  'no-money': () => ({ state: 'failed', responseCode: '51' }),
  'late-books': ({ delayMs }) => ({ ...PAID, hiddenMs: delayMs ?? HIDDEN_MS }),
  'clock-7h': () => ({ ...PAID, clock: 'clock-7h' }),
  'clock-2min': () => ({ ...PAID, clock: 'clock-2min' }),
  'clock-12h': () => ({ ...PAID, clock: 'clock-12h' }),
};

const isTaken = (reply: { readonly status: number; readonly body: string }): boolean => reply.status === 200 && ['00', '02'].includes(textIn(parseObject(reply.body) ?? {}, 'RspCode'));

const settleOrder = z.strictObject({ reference: z.string(), status: z.enum(['00', '09']) });
const resolveOrder = z.strictObject({ reference: z.string(), state: z.enum(['paid', 'failed']) });

const shown = (order: SandboxOrder): object => ({
  reference: order.ref, tmnCode: order.tmnCode, amountVnd: order.amount / 100, state: order.state, transactionNo: order.transactionNo, takenVnd: order.taken,
  givenBackVnd: order.refunds.filter(({ status }) => status !== '09').map(({ amount }) => amount / 100), refunds: order.refunds,
});

/** Pay page, IPN, querydr and refund of VNPAY, and their bad days. */
class VnpaySandbox {
  readonly ledger: VnpayLedger;
  readonly caller: SandboxCaller;
  readonly #page: SandboxPayPage;
  readonly #api: SandboxApi;
  readonly #cashier: SandboxCashier;

  constructor(options: VnpaySandboxOptions, merchants: SandboxMerchants) {
    this.ledger = new VnpayLedger(options.ledgerFile ?? null);
    this.#page = new SandboxPayPage(this.ledger, merchants);
    this.#api = new SandboxApi(this.ledger, merchants, options.queryLimitMs ?? 0);
    this.#cashier = new SandboxCashier(this.ledger, merchants);
    this.caller = new SandboxCaller(options.callbackAddress ?? null, {
      firstAfterMs: 20, retryAfterMs: Array.from({ length: IPN_TRIES }, () => options.ipnRetryMs ?? FIVE_MINUTES_MS), timeoutMs: IPN_TIMEOUT_MS, lateMs: 2_000, isTaken,
    });
  }

  route(request: SandboxHttpRequest): SandboxOperation<VnpayMischief> | WireAnswer | null {
    if (request.method === 'GET' && request.path === PAY_PATH) return this.#visit(request);
    if (request.method === 'GET' && request.path === RETURN_PATH) return { operation: 'return-page', key: null, serve: () => this.#page.returned(request) };
    if (request.method === 'POST' && request.path === CONFIRM_PATH) return this.#confirm(request);
    if (request.method === 'POST' && request.path === API_PATH) return this.#ask(request);
    return null;
  }

  controls(): ControlRoutes {
    return {
      reads: {
        orders: ({ after, limit }) => this.ledger.orders().slice(after, after + limit).map(shown),
        'orders/*': ({ item }) => {
          const order = this.ledger.byReference(item);
          return order === null ? null : shown(order);
        },
      },
      orders: {
        'settle-refund': (body) => {
          const { reference, status } = settleOrder.parse(body);
          const order = this.ledger.byReference(reference);
          const refund = order?.refunds.find((one) => one.status === '05');
          if (order === null || refund === undefined) return null;
          refund.status = status;
          this.ledger.keep(order);
          return shown(order);
        },
        resolve: (body) => this.#resolve(resolveOrder.parse(body)),
      },
    };
  }

  #visit(request: SandboxHttpRequest): SandboxOperation<VnpayMischief> | WireAnswer {
    const refusal = this.#page.refusal(request);
    if (refusal !== null) return refusal;
    const key = request.query.get('vnp_TxnRef');
    if (request.query.get('vnp_Command') !== 'genqr') return { operation: 'pay-page', key, serve: () => this.#page.show(request) };
    return { operation: 'genqr', key, serve: () => this.#page.qr(request), twists: { 'refuse-qr': () => jsonAnswer(200, { code: '04', message: 'Refused' }) } };
  }

  #confirm(request: SandboxHttpRequest): SandboxOperation<VnpayMischief> | WireAnswer {
    const { ref = '', action = '' } = fieldsOf(request.body);
    const order = this.ledger.byReference(ref);
    if (order === null || (action !== 'pay' && action !== 'cancel')) return jsonAnswer(404, { error: 'no such order' });
    const twists = Object.fromEntries(Object.entries(OUTCOMES).map(([kind, outcome]) => [kind, (conduct: Conduct<VnpayMischief>) => this.#settle(order, outcome(conduct))]));
    if (action === 'cancel') return { operation: 'cancel', key: ref, serve: () => this.#settle(order, CANCELLED) };
    return { operation: 'pay', key: ref, serve: () => this.#settle(order, PAID), twists: { ...twists, overtaken: () => this.#settle(order, PAID, true) } };
  }

  #ask(request: SandboxHttpRequest): SandboxOperation<VnpayMischief> | WireAnswer {
    const body = parseObject(request.body);
    if (body === null) return jsonAnswer(400, { error: 'invalid JSON' });
    const command = textIn(body, 'vnp_Command');
    const twists = Object.fromEntries(API_TWISTS.map((twist) => [twist, () => this.#api.answer(body, twist)]));
    return { operation: command === 'refund' ? 'refund' : 'querydr', key: textIn(body, 'vnp_TxnRef'), serve: () => this.#api.answer(body), twists };
  }

  /** Money first, then the IPN, then the browser goes home: so the IPN may be faster than the browser, and is so by order `early`. */
  async #settle(order: SandboxOrder, outcome: Outcome, overtaken = false): Promise<WireAnswer> {
    if (this.#cashier.settle(order, outcome)) {
      await this.caller.notify(this.#cashier.notice(order));
      if (overtaken) await this.caller.notify(this.#cashier.notice(order, true));
    }
    return { status: 302, headers: { location: this.#cashier.returnAddress(order) }, body: '' };
  }

  /** What the merchant decides of a suspicion, or the bank of a reversed payment. */
  #resolve({ reference, state }: z.infer<typeof resolveOrder>): object | null {
    const order = this.ledger.byReference(reference);
    if (order === null || (order.state !== 'fraud' && order.state !== 'reversed')) return null;
    order.state = state;
    order.responseCode = state === 'paid' ? '00' : order.responseCode;
    if (state === 'failed') order.taken = [];
    this.ledger.keep(order);
    return shown(order);
  }
}

const environmentOf = (url: string, merchants: SandboxMerchants): Readonly<Record<string, string>> => ({
  VNPAY_URL: `${url}${PAY_PATH}`,
  VNPAY_API_URL: `${url}${API_PATH}`,
  VNPAY_RETURN_URL: `${url}${RETURN_PATH}`,
  VNPAY_MERCHANTS: JSON.stringify(Object.entries(merchants).map(([tmnCode, secret], index) => ({ agency: index === 0 ? '*' : `SANDBOX${index}`, tmnCode, secret }))),
});

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startVnpaySandbox = (options: VnpaySandboxOptions = {}): Promise<RunningSandbox> => {
  const merchants = options.merchants ?? DEMO_MERCHANTS;
  const sandbox = new VnpaySandbox(options, merchants);
  return startPartySandbox<VnpayMischief>({
    options, own: OWN, caller: sandbox.caller, control: sandbox.controls(),
    route: (request) => sandbox.route(request),
    environmentOf: (url) => environmentOf(url, merchants),
    state: () => sandbox.ledger.totals(),
    reset: () => { sandbox.ledger.clear(); },
    onClose: () => { sandbox.ledger.close(); },
  });
};
