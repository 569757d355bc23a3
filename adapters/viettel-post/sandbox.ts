import { z } from 'zod';
import { startPartySandbox } from '../support/party-sandbox.js';
import type { PartySandboxOptions } from '../support/party-sandbox.js';
import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { SandboxCaller } from '../support/sandbox-caller.js';
import { codStatement } from '../support/sandbox-cod-statement.js';
import type { SandboxOperation } from '../support/sandbox-conduct.js';
import type { ControlRoutes } from '../support/sandbox-control.js';
import { parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { RunningSandbox } from '../support/sandbox-server.js';
import { TokenBook } from '../support/sandbox-tokens.js';
import { badData, priceAnswer, readOrder, refused, said, TOKEN_INVALID, wireOrder, wrongPlace } from './sandbox-api.js';
import type { ReadOrder } from './sandbox-api.js';
import { CANCELLED, isCancellable, statusOf, ViettelPostLedger } from './sandbox-ledger.js';
import type { SandboxParcel } from './sandbox-ledger.js';
import { sandboxList } from './sandbox-places.js';
import { webhookNotice } from './sandbox-webhook.js';
import type { SecretPlace } from './sandbox-webhook.js';

const OWN = ['refuse', 'busy', 'unlisted-code', 'token-expired', 'account', 'other-order', 'unlisted-status'] as const;
/** Misbehaviour that only Viettel Post knows; what each does stands in the README. */
export type ViettelPostMischief = (typeof OWN)[number];

export interface ViettelPostSandboxOptions extends PartySandboxOptions<ViettelPostMischief> {
  readonly username?: string;
  readonly password?: string;
  readonly webhookSecret?: string;
  /** Where webhooks carry it; both places unless told. */
  readonly secretPlace?: SecretPlace;
  readonly webhookRetryMs?: number;
  /** How long a webhook waits for its answer; a second unless told, as documented. */
  readonly webhookTimeoutMs?: number;
  readonly tokenMs?: number;
}

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO = { username: '0900000001', password: 'demo-password', webhookSecret: 'demo-secret-of-the-webhook' } as const;
/** By the document. */
const WEBHOOK_TRIES = 5;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const UNLISTED_STATUS = 999;
/** Invented: what a number that is known already is answered is documented nowhere. */
const DUPLICATE = 'Mã đơn hàng đã tồn tại';

const moveOrder = z.strictObject({ reference: z.string().min(1), statuses: z.array(z.number().int()).min(1).max(50), reason: z.string().nullable().default(null) });

type Body = Readonly<Record<string, unknown>>;
type Routed = SandboxOperation<ViettelPostMischief> | WireAnswer | null;

/** Log-in, lists, prices, orders and webhooks of Viettel Post, and their bad days. */
class ViettelPostSandbox {
  readonly ledger: ViettelPostLedger;
  readonly caller: SandboxCaller;
  readonly tokens: TokenBook;
  readonly #demo: Readonly<Record<keyof typeof DEMO, string>>;
  readonly #place: SecretPlace;

  constructor(options: ViettelPostSandboxOptions, demo: Readonly<Record<keyof typeof DEMO, string>>) {
    this.#demo = demo;
    this.#place = options.secretPlace ?? 'both';
    this.ledger = new ViettelPostLedger(options.ledgerFile ?? null);
    this.tokens = new TokenBook(options.tokenMs ?? HOUR_MS);
    this.caller = new SandboxCaller(options.callbackAddress ?? null, {
      firstAfterMs: 20, retryAfterMs: Array.from({ length: WEBHOOK_TRIES }, () => options.webhookRetryMs ?? HOUR_MS / 12), timeoutMs: options.webhookTimeoutMs ?? SECOND_MS, lateMs: 2_000, isTaken: ({ status }) => status === 200,
    });
  }

  route(request: SandboxHttpRequest): Routed {
    const { method, path, query } = request;
    const places = method === 'GET' ? sandboxList(path, query) : null;
    // Lists come bare, or within the usual answer: clients have met both.
    if (places !== null) return { operation: 'list', key: path, serve: () => (path.startsWith('/v3') ? said(places) : jsonAnswer(200, places)) };
    const body = method === 'POST' ? parseObject(request.body) : {};
    if (body === null) return badData('JSON');
    if (path === '/v2/user/Login') return this.#logIn(body);
    const token = request.headers['token'];
    if (typeof token !== 'string') return refused(201, 'Header Token is required');
    if (!this.tokens.isValid(token)) return TOKEN_INVALID;
    const key = `${method} ${path}`;
    if (key === 'POST /v2/order/getPriceAll') return this.#price(body);
    if (key === 'POST /v2/order/createOrder') return this.#create(body);
    if (key === 'POST /v2/order/UpdateOrder') return this.#update(body);
    return key === 'GET /v2/order/detail-v2' ? this.#detail(query.get('o') ?? '') : null;
  }

  controls(): ControlRoutes {
    return {
      reads: {
        'parcels/*': ({ item }) => {
          const parcels = this.ledger.named(item);
          return parcels.length === 0 ? null : parcels;
        },
        // No status speaks of the money, so what was delivered against money counts as collected.
        statement: ({ text }) => codStatement(this.ledger.parcels().flatMap(({ reference, waybill, collectVnd, steps }) => steps
          .filter(({ status }) => status === 501 && collectVnd > 0)
          .map(({ atMs }) => ({ orderNumber: reference, carrierNumber: waybill, amountVnd: collectVnd, state: 'COLLECTED' as const, atMs }))), text('day')),
      },
      orders: {
        'expire-sessions': () => { this.tokens.revokeAll(); },
        move: (body) => this.#move(moveOrder.parse(body)),
      },
    };
  }

  #logIn({ USERNAME, PASSWORD }: Body): Routed {
    if (USERNAME !== this.#demo.username || PASSWORD !== this.#demo.password) return refused(204, 'Invalid owner account or password!');
    return { operation: 'login', key: null, serve: () => said({ userId: 1, token: this.tokens.issue(), partner: 1, phone: this.#demo.username, expired: 0, source: 5 }) };
  }

  #price(body: Body): Routed {
    const wrong = wrongPlace(body);
    if (wrong !== null || typeof body['PRODUCT_WEIGHT'] !== 'number' || body['TYPE'] !== 1) return badData(wrong ?? 'PRODUCT_WEIGHT');
    const weight = body['PRODUCT_WEIGHT'];
    return { operation: 'quote', key: null, serve: () => priceAnswer(weight), twists: this.#twists(() => priceAnswer(weight), 'Price does not apply to this itinerary!') };
  }

  #create(body: Body): Routed {
    const order = readOrder(body);
    if (typeof order === 'string') return badData(order);
    const serve = (): Promise<WireAnswer> => this.#take(order);
    return { operation: 'create', key: order.reference, serve, twists: this.#twists(serve, 'Blocking create order, please check the configuration') };
  }

  async #take({ isUnique, ...order }: ReadOrder): Promise<WireAnswer> {
    if (isUnique && this.ledger.named(order.reference).length > 0) return refused(400, DUPLICATE);
    const parcel = this.ledger.take(order);
    await this.#tell(parcel);
    return said({ ORDER_NUMBER: parcel.waybill, MONEY_COLLECTION: parcel.collectVnd, EXCHANGE_WEIGHT: 0, MONEY_TOTAL: parcel.feeVnd, MONEY_TOTAL_FEE: parcel.feeVnd, MONEY_VAT: 0, KPI_HT: 48 });
  }

  #update({ TYPE, ORDER_NUMBER }: Body): Routed {
    const parcel = this.ledger.named(String(ORDER_NUMBER)).find(({ waybill }) => waybill === ORDER_NUMBER);
    if (TYPE !== 4) return badData('TYPE');
    if (parcel === undefined) return refused(207, 'Order does not exist');
    const serve = async (): Promise<WireAnswer> => {
      if (!isCancellable(parcel)) return refused(203, 'Order status already exists on the system');
      await this.#tell(this.ledger.move(parcel, CANCELLED));
      return said(null, 'Hủy đơn hàng thành công');
    };
    return { operation: 'cancel', key: parcel.reference, serve, twists: this.#twists(serve, 'Incorrect data: TYPE') };
  }

  #detail(code: string): Routed {
    const [parcel] = this.ledger.named(code);
    const found = (changes: Body = {}): WireAnswer => (parcel === undefined ? refused(207, 'Order does not exist') : said(wireOrder(parcel, changes)));
    return {
      operation: 'ask', key: parcel?.reference ?? code, serve: () => found(),
      twists: {
        ...this.#twists(() => found(), 'Incorrect data: ORDER_NUMBER'),
        'other-order': () => found({ ORDER_REFERENCE: 'DH-CUA-NGUOI-KHAC' }), 'unlisted-status': () => found({ ORDER_STATUS: UNLISTED_STATUS, STATUS_NAME: 'Trạng thái mới' }),
      },
    };
  }

  /** What any operation can be answered instead; `busy` and `unlisted-code` come after it took effect. */
  #twists(serve: () => WireAnswer | Promise<WireAnswer>, refusal: string): NonNullable<SandboxOperation<ViettelPostMischief>['twists']> {
    const after = async (answer: WireAnswer): Promise<WireAnswer> => {
      await serve();
      return answer;
    };
    return {
      refuse: () => refused(400, refusal),
      busy: () => after(refused(205, 'System error')),
      'unlisted-code': () => after(refused(299, 'Something new')),
      account: () => refused(204, 'Account is locked'),
      'token-expired': () => {
        this.tokens.revokeAll();
        return TOKEN_INVALID;
      },
    };
  }

  async #move({ reference, statuses, reason }: z.infer<typeof moveOrder>): Promise<object | null> {
    let [parcel] = this.ledger.named(reference);
    if (parcel === undefined) return null;
    for (const status of statuses) {
      parcel = this.ledger.move(parcel, status, reason);
      await this.#tell(parcel);
    }
    return { reference, status: statusOf(parcel) };
  }

  #tell(parcel: SandboxParcel): Promise<void> {
    return this.caller.notify(webhookNotice(parcel, { secret: this.#demo.webhookSecret, place: this.#place }));
  }
}

const environmentOf = (url: string, demo: Readonly<Record<keyof typeof DEMO, string>>): Readonly<Record<string, string>> => ({
  VIETTEL_POST_URL: url,
  VIETTEL_POST_ACCOUNTS: JSON.stringify([{ agency: '*', name: 'demo', username: demo.username, password: demo.password }]),
  VIETTEL_POST_WEBHOOK_SECRETS: `webhook:${demo.webhookSecret}`,
  // Both are known of the sandbox, and not of the party.
  VIETTEL_POST_FINDS_OUR_CODES: 'true',
  VIETTEL_POST_DUPLICATE_PHRASES: DUPLICATE,
});

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startViettelPostSandbox = (options: ViettelPostSandboxOptions = {}): Promise<RunningSandbox> => {
  const demo = { username: options.username ?? DEMO.username, password: options.password ?? DEMO.password, webhookSecret: options.webhookSecret ?? DEMO.webhookSecret };
  const sandbox = new ViettelPostSandbox(options, demo);
  return startPartySandbox<ViettelPostMischief>({
    options, own: OWN, caller: sandbox.caller, control: sandbox.controls(),
    route: (request) => sandbox.route(request),
    environmentOf: (url) => environmentOf(url, demo),
    state: () => sandbox.ledger.totals(),
    reset: () => { sandbox.ledger.clear(); },
    onClose: () => { sandbox.ledger.close(); },
  });
};
