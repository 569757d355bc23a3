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
import { feeOf, quoteAnswer, readOrder, wireOrder } from './sandbox-api.js';
import type { ReadOrder } from './sandbox-api.js';
import { CANCELLED, isCancellable, MyVnpostLedger, statusOf } from './sandbox-ledger.js';
import type { SandboxParcel } from './sandbox-ledger.js';
import { SANDBOX_LISTS } from './sandbox-places.js';
import { Road } from './sandbox-road.js';
import { webhookNotice } from './sandbox-webhook.js';
import type { WebhookParts } from './sandbox-webhook.js';

const OWN = ['refuse', 'token-expired', 'other-price', 'other-order', 'no-item-code', 'not-listed', 'wrapped', 'unlisted-status'] as const;
/** Misbehaviour that only MyVNPost knows; what each does stands in the README. */
export type MyVnpostMischief = (typeof OWN)[number];

export interface MyVnpostSandboxOptions extends PartySandboxOptions<MyVnpostMischief> {
  readonly username?: string;
  readonly password?: string;
  readonly customerCode?: string;
  /** At the end of the path of webhooks. */
  readonly webhookSecret?: string;
  /** RSA, in PEM, with which webhooks are signed; without it their signature is one that nobody can check. */
  readonly signingKey?: string;
  readonly webhookRetryMs?: number;
  readonly tokenMs?: number;
}

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO = { username: '0900000000', password: 'demo-password', customerCode: '0843000001C000001', webhookSecret: 'demo-secret-of-the-path-1' } as const;
const BASE = '/api/api/';
const WEBHOOK_TRIES = 5;
const HOUR_MS = 3_600_000;
const PRICE_RISE_VND = 10_000;
const UNLISTED_STATUS = 999;

const moveOrder = z.strictObject({
  orderCode: z.string().min(1), statuses: z.array(z.number().int()).min(1).max(50), cause: z.string().default(''),
  /** Tells of the last step first. */
  reversed: z.boolean().default(false),
});
const driveOrder = z.strictObject({ seed: z.number().int().default(1), steps: z.number().int().min(1).max(50).default(1) });
const parcelOrder = z.strictObject({ orderCode: z.string().min(1) });

type Routed = SandboxOperation<MyVnpostMischief> | WireAnswer | null;
type Twists = NonNullable<SandboxOperation<MyVnpostMischief>['twists']>;

const refused = (text: string): WireAnswer => jsonAnswer(400, { Message: text });
const DENIED = jsonAnswer(401, { Message: 'Authorization has been denied for this request.' });
const NO_CONTENT: WireAnswer = { status: 204, headers: {}, body: '' };

/** Token, lists, prices, orders and webhooks of MyVNPost, and their bad days. */
class MyVnpostSandbox {
  readonly ledger: MyVnpostLedger;
  readonly caller: SandboxCaller;
  readonly tokens: TokenBook;
  readonly #demo: Readonly<Record<keyof typeof DEMO, string>>;
  readonly #webhook: WebhookParts;

  constructor(options: MyVnpostSandboxOptions, demo: Readonly<Record<keyof typeof DEMO, string>>) {
    this.#demo = demo;
    this.#webhook = { secret: demo.webhookSecret, signingKey: options.signingKey ?? null };
    this.ledger = new MyVnpostLedger(options.ledgerFile ?? null);
    this.tokens = new TokenBook(options.tokenMs ?? HOUR_MS);
    this.caller = new SandboxCaller(options.callbackAddress ?? null, {
      firstAfterMs: 20, retryAfterMs: Array.from({ length: WEBHOOK_TRIES }, () => options.webhookRetryMs ?? HOUR_MS / 12), timeoutMs: 15_000, lateMs: 2_000, isTaken: ({ status }) => status === 200,
    });
  }

  route(request: SandboxHttpRequest): Routed {
    if (!request.path.startsWith(BASE)) return null;
    const path = request.path.slice(BASE.length);
    if (request.method === 'GET') return this.#read(path, request);
    const body = parseObject(request.body);
    if (body === null) return jsonAnswer(400, { Message: 'invalid JSON' });
    if (path === 'MobileAuthentication/GetAccessToken') return this.#logIn(body);
    if (!this.#isAdmitted(request)) return DENIED;
    if (path === 'CustomerConnect/TinhCuocTatCaDichVu') return this.#quote(body);
    if (path === 'CustomerConnect/CreateOrder') return this.#create(body);
    if (path === 'CustomerConnect/CancelOrder') return this.#cancel(body);
    return path === 'Order/GetListOrderByManagerWithCustomCode' ? this.#list(body) : null;
  }

  controls(): ControlRoutes {
    return {
      reads: {
        parcels: ({ after, limit }) => this.ledger.parcels().slice(after, after + limit),
        'parcels/*': ({ item }) => {
          const parcels = this.ledger.named(item);
          return parcels.length === 0 ? null : parcels;
        },
        statement: ({ text }) => codStatement(this.ledger.codLines(), text('day')),
      },
      orders: {
        'expire-sessions': () => { this.tokens.revokeAll(); },
        move: (body) => this.#move(moveOrder.parse(body)),
        drive: (body) => this.#drive(driveOrder.parse(body)),
        'pay-out-again': (body) => {
          const [parcel] = this.ledger.named(parcelOrder.parse(body).orderCode);
          return parcel === undefined ? null : this.ledger.payOutAgain(parcel);
        },
      },
    };
  }

  #isAdmitted({ headers }: SandboxHttpRequest): boolean {
    const token = headers['h-token'];
    return typeof token === 'string' && this.tokens.isValid(token);
  }

  #read(path: string, request: SandboxHttpRequest): Routed {
    const places = SANDBOX_LISTS[path];
    if (places !== undefined) return { operation: 'list', key: path, serve: () => jsonAnswer(200, places) };
    const [, id = ''] = /^Order\/GetOrder\/([\w-]+)$/.exec(path) ?? [];
    if (id === '') return null;
    if (!this.#isAdmitted(request)) return DENIED;
    const parcel = this.ledger.parcel(id);
    const found = (changes = {}): WireAnswer => (parcel === null ? jsonAnswer(404, { Message: 'Không tìm thấy đơn hàng' }) : jsonAnswer(200, wireOrder(parcel, changes)));
    return { operation: 'find', key: parcel?.orderCode ?? id, serve: () => found(), twists: { ...this.#anywhere(), 'unlisted-status': () => found({ OrderStatusId: UNLISTED_STATUS }) } };
  }

  #logIn({ TenDangNhap, MatKhau }: Readonly<Record<string, unknown>>): Routed {
    if (TenDangNhap !== this.#demo.username || MatKhau !== this.#demo.password) return jsonAnswer(200, { IsSuccess: false, ErrorMessage: 'Tên đăng nhập hoặc mật khẩu không đúng', Token: null, Payload: null });
    const payload = { MaCRM: this.#demo.customerCode, MaTinhThanh: '43' };
    return { operation: 'login', key: null, serve: () => jsonAnswer(200, { IsSuccess: true, ErrorMessage: null, Token: this.tokens.issue(), Payload: payload }) };
  }

  #quote({ Weight, CodAmount, SenderProvinceId, ReceiverProvinceId, SenderDistrictId, ReceiverDistrictId }: Readonly<Record<string, unknown>>): Routed {
    const isRouted = [SenderProvinceId, ReceiverProvinceId, SenderDistrictId, ReceiverDistrictId].every((place) => typeof place === 'string' && place !== '');
    if (typeof Weight !== 'number' || typeof CodAmount !== 'number' || !isRouted) return refused('Dữ liệu không hợp lệ');
    return { operation: 'quote', key: null, serve: () => quoteAnswer(Weight, CodAmount), twists: { ...this.#anywhere(), refuse: () => refused('Không tính được cước') } };
  }

  #create(body: Readonly<Record<string, unknown>>): Routed {
    const order = readOrder(body);
    if (typeof order === 'string') return refused(order);
    if (order.customerCode !== this.#demo.customerCode) return refused('Mã khách hàng không tồn tại');
    return {
      operation: 'create', key: order.orderCode, serve: () => this.#take(order),
      twists: {
        ...this.#anywhere(),
        refuse: () => refused('Bưu cục không hỗ trợ địa chỉ này'),
        'other-price': () => this.#take(order, PRICE_RISE_VND),
        'other-order': () => this.#take(order, 0, { OrderCode: 'DH-CUA-NGUOI-KHAC' }),
        'no-item-code': () => this.#take(order, 0, { ItemCode: null }),
      },
    };
  }

  async #take({ weightGrams, ...order }: ReadOrder, riseVnd = 0, changes: object = {}): Promise<WireAnswer> {
    const parcel = this.ledger.take({ ...order, feeVnd: feeOf(order.service, weightGrams, order.collectVnd) + riseVnd });
    await this.#tell(parcel);
    return jsonAnswer(200, { ...wireOrder(parcel), ...changes });
  }

  #cancel({ OrderId }: Readonly<Record<string, unknown>>): Routed {
    const parcel = typeof OrderId === 'string' ? this.ledger.parcel(OrderId) : null;
    if (parcel === null) return jsonAnswer(404, { Message: 'Không tìm thấy đơn hàng' });
    const cancel = async (): Promise<WireAnswer> => {
      if (!isCancellable(parcel)) return refused('Đơn hàng không ở trạng thái được hủy');
      await this.#tell(this.ledger.move(parcel, CANCELLED));
      return NO_CONTENT;
    };
    return { operation: 'cancel', key: parcel.orderCode, serve: cancel, twists: { ...this.#anywhere(), refuse: () => refused('Đơn hàng không được hủy') } };
  }

  #list({ ListItemCode, PageSize }: Readonly<Record<string, unknown>>): Routed {
    if (!Array.isArray(ListItemCode) || typeof PageSize !== 'number') return refused('Dữ liệu không hợp lệ');
    const codes = (ListItemCode as readonly unknown[]).filter((code) => typeof code === 'string');
    const found = (): readonly SandboxParcel[] => codes.flatMap((code) => this.ledger.named(code)).slice(0, PageSize);
    return {
      operation: 'ask', key: codes[0] ?? null, serve: () => jsonAnswer(200, found().map((parcel) => wireOrder(parcel))),
      twists: {
        ...this.#anywhere(),
        'not-listed': () => jsonAnswer(200, []),
        wrapped: () => jsonAnswer(200, { Count: found().length, Items: found().map((parcel) => wireOrder(parcel)) }),
        'unlisted-status': () => jsonAnswer(200, found().map((parcel) => wireOrder(parcel, { OrderStatusId: UNLISTED_STATUS }))),
      },
    };
  }

  /** The token ends in the middle of the work. */
  #anywhere(): Twists {
    const expire = (): WireAnswer => {
      this.tokens.revokeAll();
      return DENIED;
    };
    return { 'token-expired': expire };
  }

  async #move({ orderCode, statuses, cause, reversed }: z.infer<typeof moveOrder>): Promise<object | null> {
    let [parcel] = this.ledger.named(orderCode);
    if (parcel === undefined) return null;
    const stations: SandboxParcel[] = [];
    for (const status of statuses) {
      parcel = this.ledger.move(parcel, status, cause);
      stations.push(parcel);
    }
    for (const station of reversed ? stations.toReversed() : stations) await this.#tell(station);
    return { orderCode, status: statusOf(parcel) };
  }

  async #drive({ seed, steps }: z.infer<typeof driveOrder>): Promise<object> {
    const road = new Road(seed);
    let moved = 0;
    for (let step = 0; step < steps; step += 1) {
      for (const parcel of this.ledger.parcels()) {
        const move = road.next(statusOf(parcel), parcel.collectVnd);
        if (move === null) continue;
        await this.#tell(this.ledger.move(parcel, move.status, move.cause));
        moved += 1;
      }
    }
    return { moved };
  }

  #tell(parcel: SandboxParcel): Promise<void> {
    return this.caller.notify(webhookNotice(parcel, this.#webhook));
  }
}

const environmentOf = (url: string, demo: Readonly<Record<keyof typeof DEMO, string>>): Readonly<Record<string, string>> => ({
  MY_VNPOST_URL: `${url}/api/api`,
  MY_VNPOST_ACCOUNTS: JSON.stringify([{ agency: '*', username: demo.username, password: demo.password, customerCode: demo.customerCode }]),
  MY_VNPOST_WEBHOOK_SECRETS: `path:${demo.webhookSecret}`,
  // The sandbox is known to search by our code; of the party it is not known.
  MY_VNPOST_FINDS_OUR_CODES: 'true',
});

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startMyVnpostSandbox = (options: MyVnpostSandboxOptions = {}): Promise<RunningSandbox> => {
  const demo = {
    username: options.username ?? DEMO.username, password: options.password ?? DEMO.password, customerCode: options.customerCode ?? DEMO.customerCode,
    webhookSecret: options.webhookSecret ?? DEMO.webhookSecret,
  };
  const sandbox = new MyVnpostSandbox(options, demo);
  return startPartySandbox<MyVnpostMischief>({
    options, own: OWN, caller: sandbox.caller, control: sandbox.controls(),
    route: (request) => sandbox.route(request),
    environmentOf: (url) => environmentOf(url, demo),
    state: () => sandbox.ledger.totals(),
    reset: () => { sandbox.ledger.clear(); },
    onClose: () => { sandbox.ledger.close(); },
  });
};
