import { z } from 'zod';
import { startPartySandbox } from '../support/party-sandbox.js';
import type { PartySandboxOptions } from '../support/party-sandbox.js';
import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { SandboxCaller } from '../support/sandbox-caller.js';
import type { SandboxOperation } from '../support/sandbox-conduct.js';
import type { ControlRoutes } from '../support/sandbox-control.js';
import { fieldsOf, parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { RunningSandbox } from '../support/sandbox-server.js';
import { TokenBook } from '../support/sandbox-tokens.js';
import { MbLedger } from './sandbox-ledger.js';
import type { Transfer } from './sandbox-ledger.js';
import { isPushTaken, SandboxPush } from './sandbox-push.js';
import { scanCode } from './sandbox-qr.js';

const ENQUIRY_KINDS = ['no-account', 'no-name', 'unlisted-code', 'other-name'] as const;
const TRANSFER_KINDS = ['cut-content', 'folded-content', 'no-content', 'two-channels', 'qr-channel', 'no-money', 'other-amount'] as const;
const OWN = [...ENQUIRY_KINDS, ...TRANSFER_KINDS] as const;
/** Misbehaviour that only MB, and banks in front of it, know; what each does stands in the README. */
export type MbMischief = (typeof OWN)[number];

export interface MbSandboxOptions extends PartySandboxOptions<MbMischief> {
  readonly username?: string;
  readonly password?: string;
  /** User name and password that we gave to MB. */
  readonly pushClient?: string;
  readonly pushRetryMs?: number;
  readonly tokenMs?: number;
}

const TOKEN_PATH = '/oauth2/v1/token';
const ACCOUNT_PATH = '/ms/bank-info/v1.0/account/info';
/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO = { username: 'demo-key', password: 'demo-secret', pushClient: 'mb:mb-demo-password' } as const;
const NOT_FOUND_CODE = '203';
const PUSH_TRIES = 10;
const MINUTE_MS = 60_000;
const OWN_BIN = '970422';

const accountOrder = z.strictObject({ bin: z.string(), accountNumber: z.string(), accountName: z.string() });
const movement = z.strictObject({ account: z.string().min(1), amountVnd: z.number().int().positive(), content: z.string().default(''), type: z.enum(['C', 'D']).default('C') });

interface Credit {
  readonly account: string;
  readonly amountVnd: number;
  readonly purpose: string;
}

/** Banks put their own numbers around the text, in capitals. */
const worded = (purpose: string): string => `MBVCB.5012345678.${purpose.toUpperCase()}.CT tu 9704360000001 toi`;

const CONTENTS: Readonly<Partial<Record<MbMischief, (purpose: string) => string>>> = {
  'cut-content': (purpose) => `CT ${purpose.slice(0, -4)}`,
  'folded-content': (purpose) => `nop tien ${purpose.toLowerCase().replace(/(.{4})/g, '$1 ')}-le phi`,
  'no-content': () => '',
};

/** Token, account names, a banking app that scans codes, and pushes of what it moved. */
class MbSandbox {
  readonly ledger: MbLedger;
  readonly caller: SandboxCaller;
  readonly push: SandboxPush;
  readonly tokens: TokenBook;
  readonly #names = new Map<string, string>();
  readonly #basic: string;

  constructor(options: MbSandboxOptions, demo: { readonly username: string; readonly password: string; readonly pushClient: string }) {
    this.ledger = new MbLedger(options.ledgerFile ?? null);
    this.tokens = new TokenBook(options.tokenMs ?? 5 * MINUTE_MS);
    this.caller = new SandboxCaller(options.callbackAddress ?? null, {
      firstAfterMs: 20, retryAfterMs: Array.from({ length: PUSH_TRIES }, () => options.pushRetryMs ?? MINUTE_MS), timeoutMs: 15_000, lateMs: 2_000, isTaken: isPushTaken,
    });
    const [name = '', ...password] = demo.pushClient.split(':');
    this.push = new SandboxPush(this.caller, { name, password: password.join(':') });
    this.#basic = `Basic ${Buffer.from(`${demo.username}:${demo.password}`).toString('base64')}`;
  }

  route(request: SandboxHttpRequest): SandboxOperation<MbMischief> | WireAnswer | null {
    const key = `${request.method} ${request.path}`;
    if (key === `POST ${TOKEN_PATH}`) return this.#logIn(request);
    if (key === `GET ${ACCOUNT_PATH}`) return this.#enquire(request);
    if (key === 'POST /app/scan') return this.#scan(request);
    return null;
  }

  clear(): void {
    this.ledger.clear();
    this.#names.clear();
    this.push.forget();
  }

  controls(): ControlRoutes {
    return {
      reads: {
        transfers: ({ after, limit }) => this.ledger.transfers().slice(after, after + limit),
        'credits/*': ({ item }) => this.ledger.credits(item),
      },
      orders: {
        account: (body) => {
          const { bin, accountNumber, accountName } = accountOrder.parse(body);
          this.#names.set(`${bin}/${accountNumber}`, accountName);
        },
        'expire-sessions': () => { this.tokens.revokeAll(); },
        // Money that no code asked for, in or out.
        transfer: async (body) => {
          const { account, amountVnd, content, type } = movement.parse(body);
          const transfer = this.ledger.take({ account, amountVnd, type, purpose: content, content });
          await this.push.tell(transfer);
          return { ft: transfer.ft };
        },
      },
    };
  }

  #logIn(request: SandboxHttpRequest): SandboxOperation<MbMischief> | WireAnswer {
    if (request.headers.authorization !== this.#basic || fieldsOf(request.body)['grant_type'] !== 'client_credentials') return jsonAnswer(401, { error: 'invalid_client' });
    return { operation: 'login', key: null, serve: () => jsonAnswer(200, { access_token: this.tokens.issue(), token_type: 'bearer', expires_in: 300 }) };
  }

  #enquire({ headers, query }: SandboxHttpRequest): SandboxOperation<MbMischief> | WireAnswer {
    if (!this.tokens.isValid((headers.authorization ?? '').replace(/^Bearer /, ''))) return jsonAnswer(401, { error: 'invalid_token' });
    const number = query.get('accountNumber') ?? '';
    const isOwn = query.get('transferType') === 'INHOUSE';
    const bin = isOwn ? OWN_BIN : query.get('bankCode') ?? '';
    // MB's own accounts are not reached through NAPAS.
    if (number === '' || !/^\d{6}$/.test(bin) || headers['clientmessageid'] === undefined || isOwn !== (bin === OWN_BIN)) return jsonAnswer(400, { errorCode: '400', errorDesc: ['Bad request'] });
    const named = (accountName: string): WireAnswer => jsonAnswer(200, { errorCode: '000', data: { accountName, customerName: accountName, customerShortName: accountName } });
    return {
      operation: 'enquiry', key: number, serve: () => named(this.#names.get(`${bin}/${number}`) ?? `CHU TAI KHOAN ${number.slice(-4)}`),
      twists: {
        'no-account': () => jsonAnswer(200, { errorCode: NOT_FOUND_CODE, errorDesc: ['Account not found'], data: null }),
        'no-name': () => named(''),
        'unlisted-code': () => jsonAnswer(200, { errorCode: '777', data: null }),
        'other-name': ({ value }) => named(value === null ? 'NGUOI KHAC' : String(value)),
      },
    };
  }

  /** The citizen scans a code in the app and pays. */
  #scan(request: SandboxHttpRequest): SandboxOperation<MbMischief> | WireAnswer {
    const { qr } = parseObject(request.body) ?? {};
    const code = typeof qr === 'string' ? scanCode(qr) : null;
    if (code === null) return jsonAnswer(400, { error: 'this code cannot be paid' });
    const pay = (changes: Partial<Credit> & { readonly content?: string } = {}): Transfer => {
      const { content, ...credit } = { ...code, ...changes };
      return this.ledger.take({ account: credit.account, amountVnd: credit.amountVnd, purpose: credit.purpose, type: 'C', content: content ?? worded(credit.purpose) });
    };
    const told = async (transfer: Transfer, channels: readonly ('balance' | 'qr')[] = ['balance']): Promise<WireAnswer> => {
      for (const channel of channels) await this.push.tell(transfer, channel);
      return jsonAnswer(200, { ft: transfer.ft });
    };
    const reworded = Object.fromEntries(Object.entries(CONTENTS).map(([kind, content]) => [kind, () => told(pay({ content: content(code.purpose) }))]));
    return {
      operation: 'scan', key: code.purpose, serve: () => told(pay()),
      twists: {
        ...reworded,
        'two-channels': () => told(pay(), ['balance', 'qr']),
        'qr-channel': () => told(pay({ content: '' }), ['qr']),
        'no-money': () => jsonAnswer(402, { error: 'insufficient balance' }),
        'other-amount': ({ value }) => told(pay({ amountVnd: value === null ? code.amountVnd - 1_000 : Number(value) })),
      },
    };
  }
}

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startMbBankSandbox = (options: MbSandboxOptions = {}): Promise<RunningSandbox> => {
  const demo = { username: options.username ?? DEMO.username, password: options.password ?? DEMO.password, pushClient: options.pushClient ?? DEMO.pushClient };
  const sandbox = new MbSandbox(options, demo);
  return startPartySandbox<MbMischief>({
    options, own: OWN, caller: sandbox.caller, control: sandbox.controls(),
    route: (request) => sandbox.route(request),
    environmentOf: (url) => ({
      MB_BANK_URL: `${url}/`, MB_BANK_USERNAME: demo.username, MB_BANK_PASSWORD: demo.password, MB_BANK_NOT_FOUND_CODES: NOT_FOUND_CODE, MB_BANK_PUSH_CLIENTS: demo.pushClient,
    }),
    state: () => sandbox.ledger.totals(),
    reset: () => { sandbox.clear(); },
    onClose: () => { sandbox.ledger.close(); },
  });
};
