import { randomUUID } from 'node:crypto';
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
import { TokenBook } from '../support/sandbox-tokens.js';
import { SandboxApi } from './sandbox-api.js';
import type { ApiTwist } from './sandbox-api.js';
import { SandboxCashier } from './sandbox-cashier.js';
import type { Outcome, SandboxPartners } from './sandbox-cashier.js';
import { vietnamTime } from './sandbox-clock.js';
import { textOf } from './sandbox-hash.js';
import { PlatformLedger } from './sandbox-ledger.js';
import type { SandboxOrder } from './sandbox-ledger.js';
import { donePage, payPage, unknownPage } from './sandbox-pay-page.js';

const API_TWISTS = [
  'not-found', 'busy', 'bad-signature', 'unsigned', 'unknown-status', 'contradiction', 'other-amount', 'other-order', 'other-info', 'other-currency', 'unlisted-code',
] as const satisfies readonly ApiTwist[];
const PAY_TWISTS = ['unsure', 'no-money', 'late-books', 'overtaken', 'clock-7h', 'clock-2min', 'clock-12h'] as const;
const INIT_TWISTS = ['refuse-init', 'init-busy', 'init-unlisted', 'paid-before-answer', 'no-pay-url', 'strange-pay-url', 'lgsp-words'] as const;
const OWN = [...API_TWISTS, ...PAY_TWISTS, ...INIT_TWISTS, 'bill-json'] as const;
/** Misbehaviour that only the payment platform knows; what each does stands in the README. */
export type PlatformMischief = (typeof OWN)[number];

export interface PaymentPlatformSandboxOptions extends PartySandboxOptions<PlatformMischief> {
  readonly partners?: SandboxPartners;
  /** Answers inside the LGSP's wrapper: JSON in a string. */
  readonly wrapped?: boolean;
  /** Answers only with a bearer token. */
  readonly needsToken?: boolean;
  /** Between two tries of a CONFIRM; five minutes unless told (the real policy is not known). */
  readonly confirmRetryMs?: number;
}

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO_PARTNERS: SandboxPartners = { 'DEMO-PARTNER': 'DEMOPLATFORMSECRET01' };
const CONSUMER = { key: 'demo-consumer', secret: 'demo-consumer-secret' };
const TRIES = 5;
const FIVE_MINUTES_MS = 300_000;
const HIDDEN_MS = 3_000;
const TOKEN_LIFE_MS = 3_600_000;

const PAID: Outcome = { state: 'paid', code: '00' };
const FAILED: Outcome = { state: 'failed', code: '01' };

const OUTCOMES: Readonly<Record<Exclude<(typeof PAY_TWISTS)[number], 'overtaken'>, (conduct: Conduct<PlatformMischief>) => Outcome>> = {
  unsure: () => ({ state: 'unsure', code: '99' }),
  'no-money': () => FAILED,
  'late-books': ({ delayMs }) => ({ ...PAID, hiddenMs: delayMs ?? HIDDEN_MS }),
  'clock-7h': () => ({ ...PAID, clock: 'clock-7h' }),
  'clock-2min': () => ({ ...PAID, clock: 'clock-2min' }),
  'clock-12h': () => ({ ...PAID, clock: 'clock-12h' }),
};

const isTaken = ({ status, body }: { readonly status: number; readonly body: string }): boolean => {
  const answer = parseObject(body) ?? {};
  return status === 200 && (answer['MaLoi'] === '00' || typeof answer['error_code'] === 'number');
};

const startOrder = z.strictObject({ dossierCode: z.string(), amountVnd: z.number().int().positive(), reference: z.string().optional() });
const dueOrder = z.strictObject({ dossierCode: z.string(), token: z.string().nullable().default(null) });
const resolveOrder = z.strictObject({ reference: z.string(), state: z.enum(['paid', 'failed']) });

const shown = ({ ref, taken, info, ...order }: SandboxOrder): object => ({ reference: ref, takenVnd: taken, hasInfo: info !== null, ...order });

type Routed = SandboxOperation<PlatformMischief> | WireAnswer | null;
type Fields = Readonly<Record<string, unknown>>;

/** INIT, QUERY, GET_BILL and CONFIRM of the platform, its pay page, and their bad days. */
class PlatformSandbox {
  readonly ledger: PlatformLedger;
  readonly caller: SandboxCaller;
  readonly #api: SandboxApi;
  readonly #cashier: SandboxCashier;
  readonly #tokens: TokenBook | null;
  readonly #firstPartner: string;

  constructor(options: PaymentPlatformSandboxOptions, partners: SandboxPartners) {
    this.ledger = new PlatformLedger(options.ledgerFile ?? null);
    this.#api = new SandboxApi(this.ledger, partners, options.wrapped === true);
    this.#cashier = new SandboxCashier(this.ledger, partners);
    this.#tokens = options.needsToken === true ? new TokenBook(TOKEN_LIFE_MS) : null;
    this.#firstPartner = Object.keys(partners)[0] ?? '';
    this.caller = new SandboxCaller(options.callbackAddress ?? null, {
      firstAfterMs: 20, retryAfterMs: Array.from({ length: TRIES }, () => options.confirmRetryMs ?? FIVE_MINUTES_MS), timeoutMs: 15_000, lateMs: 2_000, isTaken,
    });
  }

  route(request: SandboxHttpRequest): Routed {
    if (request.path === '/pay') return this.#visit(request);
    if (request.method !== 'POST') return null;
    if (request.path === '/token') return this.#token(request);
    if (!['/init', '/query', '/bill'].includes(request.path)) return null;
    if (this.#tokens !== null && !this.#tokens.isValid((request.headers.authorization ?? '').replace(/^Bearer /, ''))) return jsonAnswer(401, { code: '900901', message: 'Invalid Credentials' });
    const body = parseObject(request.body);
    if (body === null) return jsonAnswer(400, { error: 'invalid JSON' });
    if (request.path === '/init') return this.#init(body, `http://${request.headers.host ?? ''}/pay`);
    return request.path === '/query' ? this.#query(body) : this.#bill(body);
  }

  controls(): ControlRoutes {
    return {
      reads: {
        orders: ({ after, limit }) => this.ledger.orders().slice(after, after + limit).map(shown),
        'orders/*': ({ item }) => {
          const order = this.ledger.order(item);
          return order === null ? null : shown(order);
        },
      },
      orders: {
        'pay-at-portal': (body) => this.#payAtPortal(startOrder.parse(body)),
        'ask-due': (body) => this.#askDue(dueOrder.parse(body)),
        resolve: (body) => this.#resolve(resolveOrder.parse(body)),
        'expire-sessions': () => { this.#tokens?.revokeAll(); },
      },
    };
  }

  #token(request: SandboxHttpRequest): Routed {
    const expected = `Basic ${Buffer.from(`${CONSUMER.key}:${CONSUMER.secret}`).toString('base64')}`;
    if (this.#tokens === null) return null;
    if (request.headers.authorization !== expected) return jsonAnswer(401, { error: 'invalid_client' });
    const tokens = this.#tokens;
    return { operation: 'login', key: null, serve: () => jsonAnswer(200, { access_token: tokens.issue(), token_type: 'Bearer', expires_in: TOKEN_LIFE_MS / 1_000 }) };
  }

  #init(body: Fields, page: string): Routed {
    const refusal = this.#api.initRefusal(body);
    if (refusal !== null) return this.#api.refused(refusal, body);
    const opened = (address = `${page}?ref=`): WireAnswer => {
      const order = this.#api.init(body);
      return this.#api.opened(order, address === '' ? '' : `${address}${order.ref}`);
    };
    return {
      operation: 'init', key: textOf(body['MaThamChieu']), serve: () => opened(),
      twists: {
        'refuse-init': () => this.#api.refused('08', body),
        'init-busy': () => this.#api.refused('99', body),
        'init-unlisted': () => this.#api.refused('42', body),
        'no-pay-url': () => opened(''),
        'strange-pay-url': () => opened('javascript:alert(1)//'),
        'lgsp-words': () => jsonAnswer(200, { error_code: '-1', message: 'Hệ thống không phản hồi' }),
        'paid-before-answer': async () => {
          const answer = opened();
          const order = this.ledger.order(textOf(body['MaThamChieu']));
          if (order !== null) await this.#settle(order, PAID);
          await this.caller.again(textOf(body['MaThamChieu']), null);
          return answer;
        },
      },
    };
  }

  #query(body: Fields): Routed {
    const twists = Object.fromEntries(API_TWISTS.map((twist) => [twist, () => this.#api.query(body, twist)]));
    return { operation: 'query', key: textOf(body['MaThamChieu']), serve: () => this.#api.query(body), twists };
  }

  #bill(body: Fields): Routed {
    return { operation: 'bill', key: textOf(body['MaThamChieu']), serve: () => this.#api.bill(body, 'pdf'), twists: { 'bill-json': () => this.#api.bill(body, 'json') } };
  }

  /** The page shows two buttons; pressing one ends the visit. */
  #visit(request: SandboxHttpRequest): Routed {
    const { ref = '', action = '' } = request.method === 'GET' ? fieldsOf(request.query) : fieldsOf(request.body);
    const order = this.ledger.order(ref);
    if (order === null) return unknownPage();
    if (request.method === 'GET') return { operation: 'pay-page', key: ref, serve: () => payPage(order) };
    if (action === 'cancel') return { operation: 'cancel', key: ref, serve: () => this.#ended(order, FAILED) };
    const twists = Object.fromEntries(Object.entries(OUTCOMES).map(([kind, outcome]) => [kind, (conduct: Conduct<PlatformMischief>) => this.#ended(order, outcome(conduct))]));
    return { operation: 'pay', key: ref, serve: () => this.#ended(order, PAID), twists: { ...twists, overtaken: () => this.#ended(order, PAID, '99') } };
  }

  async #ended(order: SandboxOrder, outcome: Outcome, overtaken?: string): Promise<WireAnswer> {
    await this.#settle(order, outcome, overtaken);
    return donePage(order);
  }

  /** Money first, then the callback; by order `early` it is there before the page answers. */
  async #settle(order: SandboxOrder, outcome: Outcome, overtaken?: string): Promise<void> {
    if (!this.#cashier.settle(order, outcome)) return;
    await this.caller.notify(this.#cashier.notice(order));
    if (overtaken !== undefined) await this.caller.notify(this.#cashier.notice(order, overtaken));
  }

  /** A citizen pays on the national portal, which begins the payment itself: we hear of a reference that we never gave. */
  async #payAtPortal({ dossierCode, amountVnd, reference }: z.infer<typeof startOrder>): Promise<object> {
    const order = this.ledger.open({
      ref: reference ?? `DVC${randomUUID().replaceAll('-', '').slice(0, 16)}`, partnerCode: this.#firstPartner, amountVnd, initTime: vietnamTime(),
      description: `Thanh toan tai Cong DVCQG ${dossierCode}`, dossierCode, info: null, isForeign: true,
    });
    await this.#settle(order, PAID);
    return shown(order);
  }

  async #askDue({ dossierCode, token }: z.infer<typeof dueOrder>): Promise<object | null> {
    const headers = { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    await this.caller.notify({ operation: 'due', key: `due ${dossierCode}`, build: () => ({ method: 'POST', path: 'due', headers, body: JSON.stringify({ MaHoSo: dossierCode }) }) });
    return { asked: dossierCode };
  }

  /** The bank has found out. */
  #resolve({ reference, state }: z.infer<typeof resolveOrder>): object | null {
    const order = this.ledger.order(reference);
    if (order?.state !== 'unsure') return null;
    order.state = state;
    order.code = state === 'paid' ? '00' : '01';
    if (state === 'failed') order.taken = [];
    this.ledger.keep(order);
    return shown(order);
  }
}

const environmentOf = (url: string, partners: SandboxPartners, needsToken: boolean): Readonly<Record<string, string>> => ({
  PAYMENT_PLATFORM_URL: `${url}/init`,
  PAYMENT_PLATFORM_QUERY_URL: `${url}/query`,
  PAYMENT_PLATFORM_BILL_URL: `${url}/bill`,
  PAYMENT_PLATFORM_PARTNERS: JSON.stringify(Object.entries(partners).map(([partnerCode, secret], index) => ({ agency: index === 0 ? '*' : `SANDBOX${index}`, partnerCode, secret }))),
  ...(needsToken ? { PAYMENT_PLATFORM_TOKEN_URL: `${url}/token`, PAYMENT_PLATFORM_CONSUMER_KEY: CONSUMER.key, PAYMENT_PLATFORM_CONSUMER_SECRET: CONSUMER.secret } : {}),
});

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startPaymentPlatformSandbox = (options: PaymentPlatformSandboxOptions = {}): Promise<RunningSandbox> => {
  const partners = options.partners ?? DEMO_PARTNERS;
  const sandbox = new PlatformSandbox(options, partners);
  return startPartySandbox<PlatformMischief>({
    options, own: OWN, caller: sandbox.caller, control: sandbox.controls(),
    route: (request) => sandbox.route(request),
    environmentOf: (url) => environmentOf(url, partners, options.needsToken === true),
    state: () => sandbox.ledger.totals(),
    reset: () => { sandbox.ledger.clear(); },
    onClose: () => { sandbox.ledger.close(); },
  });
};
