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
import { OPEN_TWISTS, QUERY_TWISTS, SandboxApi, textIn } from './sandbox-api.js';
import type { SandboxMerchants } from './sandbox-api.js';
import { IPN_DRESSES, SandboxCashier } from './sandbox-cashier.js';
import type { IpnDress, Outcome } from './sandbox-cashier.js';
import { CLOCK_FAULTS } from './sandbox-clock.js';
import { VnptPayLedger } from './sandbox-ledger.js';
import type { SandboxOrder } from './sandbox-ledger.js';

const PAY_TWISTS = ['no-money', 'timed-out', 'late-books', 'overtaken', ...CLOCK_FAULTS] as const;
const OWN = [...new Set([...OPEN_TWISTS, ...QUERY_TWISTS, ...PAY_TWISTS])];
/** Misbehaviour that only VNPT Pay knows; what each does stands in the README. */
export type VnptPayMischief = (typeof OWN)[number];

export interface VnptPaySandboxOptions extends PartySandboxOptions<VnptPayMischief> {
  /** Key and secret by service. */
  readonly merchants?: SandboxMerchants;
  /** Our address up to and including `/callbacks/vnpt-pay`; also by `/control/callback-address`. */
  readonly callbackAddress?: string;
  /** How IPNs are dressed, `data` unless told; also by `/control/ipn-dress`. */
  readonly ipnDress?: IpnDress;
  /** Between two tries of an IPN; five minutes unless told (nothing is known of it). */
  readonly ipnRetryMs?: number;
}

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO_MERCHANTS: SandboxMerchants = { '900001': { apiKey: '0123456789abcdef0123456789abcdef', secret: 'demo-secret-of-vnpt-pay-1' } };
/** Form of a message by the last part of its path. */
const FORMS: Readonly<Record<string, string>> = { init: 'init', init_m_merch: 'init_m_merch', pay_qrcode: 'pay_qrcode', query_transaction: 'query', query: 'query' };
const API = /^\/rest\/payment\/v1\.0\.[56]\/(\w+)$/;
const IPN_TRIES = 10;
const FIVE_MINUTES_MS = 300_000;
const HIDDEN_MS = 3_000;

const PAID: Outcome = { state: 'paid' };

const OUTCOMES: Readonly<Record<Exclude<(typeof PAY_TWISTS)[number], 'overtaken'>, (conduct: Conduct<VnptPayMischief>) => Outcome>> = {
  'no-money': () => ({ state: 'failed' }),
  'timed-out': () => ({ state: 'timed-out' }),
  'late-books': ({ delayMs }) => ({ ...PAID, hiddenMs: delayMs ?? HIDDEN_MS }),
  'clock-7h': () => ({ ...PAID, clock: 'clock-7h' }),
  'clock-2min': () => ({ ...PAID, clock: 'clock-2min' }),
  'clock-12h': () => ({ ...PAID, clock: 'clock-12h' }),
};

const dressOrder = z.strictObject({ dress: z.enum(IPN_DRESSES) });

const shown = ({ ref, service, amountVnd, state, transaction, taken }: SandboxOrder): object => ({ reference: ref, service, amountVnd, state, transaction, takenVnd: taken, givenBackVnd: [] });

const html = (status: number, body: string): WireAnswer =>
  ({ status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: `<!doctype html><html lang="vi"><meta charset="utf-8"><title>VNPT Pay sandbox</title><body>${body}</body></html>` });

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (order: SandboxOrder | null): WireAnswer => {
  if (order === null) return html(404, '<p data-code="05">Không tìm thấy giao dịch</p>');
  if (order.state !== 'open') return html(200, `<p data-code="03">Giao dịch đã kết thúc (${order.state})</p>`);
  const button = (action: string, label: string): string =>
    `<form method="post" action="/pay"><input type="hidden" name="ref" value="${escaped(order.ref)}"><button name="action" value="${action}">${label}</button></form>`;
  return html(200, `<h1>${escaped(order.description)}</h1><p>${order.amountVnd} VND</p>${button('pay', 'Thanh toán')}${button('cancel', 'Hủy')}`);
};

type Routed = SandboxOperation<VnptPayMischief> | WireAnswer | null;

/** Openings, query, pay page and IPN of VNPT Pay, and their bad days. */
class VnptPaySandbox {
  readonly ledger: VnptPayLedger;
  readonly caller: SandboxCaller;
  readonly #api: SandboxApi;
  readonly #cashier: SandboxCashier;
  #dress: IpnDress;

  constructor(options: VnptPaySandboxOptions, merchants: SandboxMerchants) {
    this.ledger = new VnptPayLedger(options.ledgerFile ?? null);
    this.#api = new SandboxApi(this.ledger, merchants);
    this.#cashier = new SandboxCashier(this.ledger, merchants);
    this.#dress = options.ipnDress ?? 'data';
    this.caller = new SandboxCaller(options.callbackAddress ?? null, {
      firstAfterMs: 20, retryAfterMs: Array.from({ length: IPN_TRIES }, () => options.ipnRetryMs ?? FIVE_MINUTES_MS), timeoutMs: 15_000, lateMs: 2_000,
      isTaken: (reply) => this.#cashier.isTaken(reply),
    });
  }

  route(request: SandboxHttpRequest): Routed {
    const form = FORMS[API.exec(request.path)?.[1] ?? ''];
    if (request.method === 'POST' && form !== undefined) return this.#ask(form, request);
    if (request.path !== '/pay') return null;
    const { ref = '', action = '' } = request.method === 'GET' ? fieldsOf(request.query) : fieldsOf(request.body);
    const order = this.ledger.byReference(ref);
    if (request.method === 'GET') return { operation: 'pay-page', key: ref, serve: () => page(order) };
    return order === null || (action !== 'pay' && action !== 'cancel') ? jsonAnswer(404, { error: 'no such order' }) : this.#pay(order, action);
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
      orders: { 'ipn-dress': (body) => { this.#dress = dressOrder.parse(body).dress; } },
    };
  }

  #ask(form: string, request: SandboxHttpRequest): Routed {
    const body = parseObject(request.body);
    if (body === null) return jsonAnswer(400, { error: 'invalid JSON' });
    if (!this.#api.isAdmitted(request.headers.authorization, body)) return jsonAnswer(401, { error: 'unauthorized' });
    const question = { form, body, origin: `http://${request.headers.host ?? ''}` };
    const twists = Object.fromEntries((form === 'query' ? QUERY_TWISTS : OPEN_TWISTS).map((twist) => [twist, () => this.#api.answer(question, twist)]));
    return { operation: form === 'query' ? 'query' : 'init', key: textIn(body, 'MERCHANT_ORDER_ID'), serve: () => this.#api.answer(question), twists };
  }

  #pay(order: SandboxOrder, action: 'pay' | 'cancel'): Routed {
    if (action === 'cancel') return { operation: 'cancel', key: order.ref, serve: () => this.#settle(order, { state: 'failed' }) };
    const twists = Object.fromEntries(Object.entries(OUTCOMES).map(([kind, outcome]) => [kind, (conduct: Conduct<VnptPayMischief>) => this.#settle(order, outcome(conduct))]));
    return { operation: 'pay', key: order.ref, serve: () => this.#settle(order, PAID), twists: { ...twists, overtaken: () => this.#settle(order, PAID, true) } };
  }

  /** Money first, then the IPN, then the browser is told: so the IPN may be faster, and is so by order `early`. */
  async #settle(order: SandboxOrder, outcome: Outcome, overtaken = false): Promise<WireAnswer> {
    if (this.#cashier.settle(order, outcome)) {
      await this.caller.notify(this.#cashier.notice(order, this.#dress));
      if (overtaken) await this.caller.notify(this.#cashier.notice(order, this.#dress, true));
    }
    return page(order);
  }
}

const environmentOf = (url: string, merchants: SandboxMerchants): Readonly<Record<string, string>> => ({
  VNPT_PAY_URL: `${url}/rest/payment/v1.0.5`,
  VNPT_PAY_MERCHANTS: JSON.stringify(Object.entries(merchants).map(([merchantServiceId, merchant], index) =>
    ({ agency: index === 0 ? '*' : `SANDBOX${index}`, merchantServiceId, ...merchant, agencyId: 'DEMOAGENCY' }))),
});

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startVnptPaySandbox = (options: VnptPaySandboxOptions = {}): Promise<RunningSandbox> => {
  const merchants = options.merchants ?? DEMO_MERCHANTS;
  const sandbox = new VnptPaySandbox(options, merchants);
  return startPartySandbox<VnptPayMischief>({
    options, own: OWN, caller: sandbox.caller, control: sandbox.controls(),
    route: (request) => sandbox.route(request),
    environmentOf: (url) => environmentOf(url, merchants),
    state: () => sandbox.ledger.totals(),
    reset: () => { sandbox.ledger.clear(); },
    onClose: () => { sandbox.ledger.close(); },
  });
};
