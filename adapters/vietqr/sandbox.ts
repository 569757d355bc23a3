import { z } from 'zod';
import { startPartySandbox } from '../support/party-sandbox.js';
import type { PartySandboxOptions } from '../support/party-sandbox.js';
import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import type { SandboxOperation } from '../support/sandbox-conduct.js';
import { parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { RunningSandbox } from '../support/sandbox-server.js';

const OWN = ['no-account', 'no-name', 'unlisted-code', 'other-name', 'no-data'] as const;
/** Misbehaviour that only vietqr.io knows; what each does stands in the README. */
export type VietqrMischief = (typeof OWN)[number];

export interface VietqrSandboxOptions extends PartySandboxOptions<VietqrMischief> {
  readonly clientId?: string;
  readonly apiKey?: string;
}

const LOOKUP_PATH = '/v2/lookup';
/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO = { clientId: 'demo-client', apiKey: 'demo-key' } as const;
const NOT_FOUND_CODE = '42';

const accountOrder = z.strictObject({ bin: z.string(), accountNumber: z.string(), accountName: z.string() });

/** Accounts that were named, and a name of its own for any other. */
class AccountBook {
  readonly #names = new Map<string, string>();

  set(bin: string, number: string, name: string): void {
    this.#names.set(`${bin}/${number}`, name);
  }

  name(bin: string, number: string): string {
    return this.#names.get(`${bin}/${number}`) ?? `CHU TAI KHOAN ${number.slice(-4)}`;
  }

  get size(): number {
    return this.#names.size;
  }

  clear(): void {
    this.#names.clear();
  }
}

const found = (accountName: string): WireAnswer => jsonAnswer(200, { code: '00', desc: 'Success', data: { accountName } });
const nothing = (code: string, desc: string): WireAnswer => jsonAnswer(200, { code, desc, data: null });

const routeOf = (book: AccountBook, keys: { readonly clientId: string; readonly apiKey: string }) =>
  (request: SandboxHttpRequest): SandboxOperation<VietqrMischief> | WireAnswer | null => {
    if (request.method !== 'POST' || request.path !== LOOKUP_PATH) return null;
    if (request.headers['x-client-id'] !== keys.clientId || request.headers['x-api-key'] !== keys.apiKey) return jsonAnswer(401, { code: '401', desc: 'Unauthorized' });
    const { bin, accountNumber } = parseObject(request.body) ?? {};
    if (typeof bin !== 'string' || typeof accountNumber !== 'string' || !/^\d{6,19}$/.test(accountNumber)) return jsonAnswer(400, { code: '400', desc: 'Invalid accountNumber' });
    return {
      operation: 'lookup', key: accountNumber, serve: () => found(book.name(bin, accountNumber)),
      twists: {
        'no-account': () => nothing(NOT_FOUND_CODE, 'Account not found'),
        'no-name': () => found(''),
        'no-data': () => nothing('00', 'Success'),
        'unlisted-code': () => nothing('77', 'Something new'),
        'other-name': ({ value }) => found(value === null ? 'NGUOI KHAC' : String(value)),
      },
    };
  };

/** Starts the look-up of vietqr.io. @throws the listen error where the port is taken */
export const startVietqrSandbox = (options: VietqrSandboxOptions = {}): Promise<RunningSandbox> => {
  const keys = { clientId: options.clientId ?? DEMO.clientId, apiKey: options.apiKey ?? DEMO.apiKey };
  const book = new AccountBook();
  return startPartySandbox<VietqrMischief>({
    options, own: OWN, route: routeOf(book, keys),
    environmentOf: (url) => ({
      VIETQR_PAYMENTS: 'true', VIETQR_URL: `${url}${LOOKUP_PATH}`, VIETQR_CLIENT_ID: keys.clientId, VIETQR_API_KEY: keys.apiKey, VIETQR_NOT_FOUND_CODES: NOT_FOUND_CODE,
    }),
    state: () => ({ accounts: book.size }),
    reset: () => { book.clear(); },
    control: {
      reads: {},
      orders: {
        account: (body) => {
          const { bin, accountNumber, accountName } = accountOrder.parse(body);
          book.set(bin, accountNumber, accountName);
        },
      },
    },
  });
};
