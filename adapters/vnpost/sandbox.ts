import { z } from 'zod';
import { startPartySandbox } from '../support/party-sandbox.js';
import type { PartySandboxOptions } from '../support/party-sandbox.js';
import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import type { Conduct, SandboxOperation } from '../support/sandbox-conduct.js';
import type { ControlRoutes } from '../support/sandbox-control.js';
import { parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { RunningSandbox } from '../support/sandbox-server.js';
import { TokenDesk, wso2Fault } from './sandbox-faults.js';
import { VnpostLedger } from './sandbox-ledger.js';
import type { SandboxParcel } from './sandbox-ledger.js';
import { PostOffice, statusAnswer } from './sandbox-office.js';
import type { Shape } from './sandbox-office.js';
import { CODE_MEANINGS, PATH_NAMES, PATHS, restOf } from './sandbox-path.js';
import { askedOf, textIn } from './sandbox-rules.js';
import type { Fields, ServiceName } from './sandbox-rules.js';
import { StatementDesk } from './sandbox-statement.js';
import { TrackingDesk } from './sandbox-tracking.js';

const PAGE_FLAWS = ['repeat-page', 'duplicate-events', 'reorder-events', 'half-page'] as const;
const OWN = ['code', 'no-message', 'fault', 'fault-xml', 'expire-token', 'price-rise', 'other-price', ...PAGE_FLAWS] as const;
/** Misbehaviour that only this party knows; what each does stands in the README. */
export type VnpostMischief = (typeof OWN)[number];

export interface VnpostSandboxOptions extends PartySandboxOptions<VnpostMischief> {
  readonly customerCodes?: readonly string[];
  /** A parcel comes one station further each time; null moves none by itself. Half a minute unless told. */
  readonly stepMs?: number | null;
  /** Life of a token; an hour unless told. */
  readonly tokenLifeMs?: number;
}

/** Invented; a sandbox holds nothing worth a secret. */
const DEMO_CUSTOMERS: readonly string[] = ['DEMOCUSTOMER1'];
const DEMO_KEY = 'demo-key';
const DEMO_SECRET = 'demo-secret';
const STEP_MS = 30_000;
const TOKEN_LIFE_MS = 3_600_000;
const RISE_VND = 5_000;

const progressOrder = z.strictObject({
  orderNumber: z.string(), path: z.enum(PATH_NAMES).default('delivered'), steps: z.number().int().min(1).nullable().default(null),
  codes: z.array(z.number().int().min(0).max(999)).max(100).nullable().default(null),
  /** When the last of them happened, by the post's clock; now unless told. */
  at: z.iso.datetime().nullable().default(null),
});
const paceOrder = z.strictObject({ stepMs: z.number().int().min(10).max(86_400_000).nullable() });
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const OPERATIONS: Readonly<Record<ServiceName, string>> = { create: 'create', cancel: 'cancel', tracking: 'tracking', document: 'announce', price: 'quote' };
type Twists = NonNullable<SandboxOperation<VnpostMischief>['twists']>;

const wholeOf = ({ value }: Conduct<VnpostMischief>, fallback: number): number => (value === null ? fallback : Number(value));

/** The gateway, the office and the postmen behind it. */
class VnpostSandbox {
  readonly ledger: VnpostLedger;
  readonly #tokens: TokenDesk;
  readonly #office: PostOffice;
  readonly #tracking: TrackingDesk;
  readonly #statement: StatementDesk;
  #stepMs: number | null;

  constructor(options: VnpostSandboxOptions) {
    this.ledger = new VnpostLedger(options.ledgerFile ?? null);
    this.#tokens = new TokenDesk(DEMO_KEY, DEMO_SECRET, options.tokenLifeMs ?? TOKEN_LIFE_MS);
    this.#office = new PostOffice(this.ledger, options.customerCodes ?? DEMO_CUSTOMERS);
    this.#tracking = new TrackingDesk(this.ledger);
    this.#statement = new StatementDesk(this.ledger);
    this.#stepMs = options.stepMs === undefined ? STEP_MS : options.stepMs;
  }

  route(request: SandboxHttpRequest): SandboxOperation<VnpostMischief> | WireAnswer | null {
    if (request.method === 'POST' && request.path === '/token') return this.#login(request);
    const asked = askedOf(request);
    if (asked === null) return null;
    const { service, shape } = asked;
    if (request.method !== (service === 'cancel' || service === 'tracking' ? 'GET' : 'POST')) return jsonAnswer(405, { error: 'method not allowed' });
    const fault = this.#tokens.fault(request);
    if (fault !== null) return wso2Fault(fault, shape === 'path' ? 'json' : 'xml');
    return this.#operation(request, service, shape);
  }

  controls(): ControlRoutes {
    return {
      reads: {
        parcels: ({ after, limit }) => this.ledger.all().slice(after, after + limit),
        'parcels/*': ({ item }) => {
          const parcel = this.ledger.byNumber(item);
          return parcel === null ? null : { ...parcel, codes: this.ledger.codesOf(parcel) };
        },
        statement: ({ text }) => {
          const day = text('day');
          return day !== null && !DAY.test(day) ? null : this.#statement.print(day);
        },
      },
      orders: {
        progress: (body) => this.#progress(progressOrder.parse(body)),
        pace: (body) => { this.#stepMs = paceOrder.parse(body).stepMs; },
        'expire-sessions': () => { this.#tokens.revokeAll(); },
        'misbehave-statement': (body) => { this.#statement.misbehave(body); },
      },
    };
  }

  state(): object {
    this.#advance();
    return { ...this.ledger.totals(), tokens: this.#tokens.issued };
  }

  reset(): void {
    this.ledger.clear();
    this.#tracking.clear();
    this.#statement.clear();
  }

  #login(request: SandboxHttpRequest): SandboxOperation<VnpostMischief> | WireAnswer {
    if (!this.#tokens.isKnown(request)) return jsonAnswer(401, { error: 'invalid_client', error_description: 'Client Authentication failed.' });
    return { operation: 'login', key: null, serve: () => this.#tokens.issue() };
  }

  #operation(request: SandboxHttpRequest, service: ServiceName, shape: Shape): SandboxOperation<VnpostMischief> | WireAnswer {
    const operation = OPERATIONS[service];
    const twists = this.#gatewayTwists(shape);
    if (service === 'tracking') {
      const pages = Object.fromEntries(PAGE_FLAWS.map((flaw) => [flaw, () => this.#page(request, flaw)]));
      return this.#tracking.refusal(request) ?? { operation, key: null, serve: () => this.#page(request), twists: { ...twists, ...pages } };
    }
    if (service === 'cancel') return { operation, key: request.query.get('OrderNumber'), serve: () => this.#office.cancel(request.query, shape), twists };
    // No look at the content type: the SDK of the axis misspells the header.
    const body = parseObject(request.body);
    if (body === null) return jsonAnswer(400, { error: 'invalid JSON' });
    return { operation, key: textIn(body, 'OrderNumber') || null, serve: () => this.#serve(body, service, shape), twists: { ...twists, ...this.#bodyTwists(body, shape) } };
  }

  #serve(body: Fields, service: ServiceName, shape: Shape): WireAnswer {
    if (service === 'create') return this.#office.create(body, shape);
    return service === 'document' ? this.#office.document(body, shape) : this.#office.price(body, shape);
  }

  /** None of them takes effect. */
  #gatewayTwists(shape: Shape): Twists {
    return {
      code: (conduct) => statusAnswer(shape, wholeOf(conduct, 199)),
      'no-message': (conduct) => jsonAnswer(200, { Status: wholeOf(conduct, 199) }),
      fault: ({ value }) => wso2Fault(String(value ?? ''), 'json'),
      'fault-xml': ({ value }) => wso2Fault(String(value ?? ''), 'xml'),
      'expire-token': () => {
        this.#tokens.revokeAll();
        return wso2Fault('900903', shape === 'path' ? 'json' : 'xml');
      },
    };
  }

  #bodyTwists(body: Fields, shape: Shape): Twists {
    return {
      'price-rise': (conduct) => this.#office.create(body, shape, wholeOf(conduct, RISE_VND)),
      // As it stands in the order: a fraction, NaN or a text must reach the reader as it is.
      'other-price': ({ value }) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: `{"content":{"price":${String(value ?? 0)}}}` }),
    };
  }

  #page(request: SandboxHttpRequest, flaw: (typeof PAGE_FLAWS)[number] | null = null): WireAnswer {
    this.#advance();
    return this.#tracking.page(request, flaw);
  }

  #advance(): void {
    if (this.#stepMs !== null) this.ledger.advance(this.#stepMs, Date.now());
  }

  #progress({ orderNumber, path, steps, codes, at }: z.infer<typeof progressOrder>): object | null {
    const parcel: SandboxParcel | null = this.ledger.byNumber(orderNumber);
    if (parcel === null) return null;
    const rest = codes ?? restOf(PATHS[path], this.ledger.codesOf(parcel), parcel.collectVnd);
    this.ledger.append(parcel, rest.slice(0, steps ?? rest.length), at === null ? Date.now() : Date.parse(at));
    return { ...parcel, codes: this.ledger.codesOf(parcel) };
  }
}

const environmentOf = (url: string, customers: readonly string[]): Readonly<Record<string, string>> => ({
  VNPOST_URL: `${url}/lgsp/vnpost`,
  VNPOST_TOKEN_URL: `${url}/token`,
  VNPOST_SHAPE: 'service',
  VNPOST_CREATE_ROUTE: 'orderpost', VNPOST_CANCEL_ROUTE: 'ordercancel', VNPOST_TRACKING_ROUTE: 'ordertracking', VNPOST_DOCUMENT_ROUTE: 'document', VNPOST_PRICE_ROUTE: 'getprice',
  VNPOST_CONSUMER_KEY: DEMO_KEY,
  VNPOST_CONSUMER_SECRET: DEMO_SECRET,
  VNPOST_CUSTOMERS: JSON.stringify(customers.map((customerCode, index) => ({ agency: index === 0 ? '*' : `SANDBOX${index}`, customerCode }))),
  VNPOST_STATUS_CODES: JSON.stringify(CODE_MEANINGS),
});

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startVnpostSandbox = (options: VnpostSandboxOptions = {}): Promise<RunningSandbox> => {
  const sandbox = new VnpostSandbox(options);
  return startPartySandbox<VnpostMischief>({
    options, own: OWN, control: sandbox.controls(),
    route: (request) => sandbox.route(request),
    environmentOf: (url) => environmentOf(url, options.customerCodes ?? DEMO_CUSTOMERS),
    state: () => sandbox.state(),
    reset: () => { sandbox.reset(); },
    onClose: () => { sandbox.ledger.close(); },
  });
};
