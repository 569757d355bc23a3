import { startPartySandbox } from '../support/party-sandbox.js';
import type { PartySandboxOptions } from '../support/party-sandbox.js';
import { jsonAnswer } from '../support/sandbox-answers.js';
import type { WireAnswer } from '../support/sandbox-answers.js';
import { SandboxCaller } from '../support/sandbox-caller.js';
import type { SandboxOperation } from '../support/sandbox-conduct.js';
import { parseObject } from '../support/sandbox-request.js';
import type { SandboxHttpRequest } from '../support/sandbox-request.js';
import type { RunningSandbox } from '../support/sandbox-server.js';
import { codeIn, isAnswered, SandboxBank } from './sandbox-bank.js';
import type { BankSide } from './sandbox-bank.js';
import { BidvLedger } from './sandbox-ledger.js';

const OWN = ['other-amount', 'unknown-bill', 'two-transfers', 'unasked', 'no-money'] as const;
/** Misbehaviour that only BIDV knows; what each does stands in the README. */
export type BidvMischief = (typeof OWN)[number];

export interface BidvSandboxOptions extends PartySandboxOptions<BidvMischief> {
  readonly side?: Partial<BankSide>;
  readonly paybillRetryMs?: number;
}

/** Published demo values; a sandbox holds nothing worth a secret. */
const DEMO: BankSide = { serviceId: 'DEMO01', secret: 'BIDVDEMOSECRET', client: 'bidv:bidv-demo-password', checksum: 'md5' };
const PAYBILL_TRIES = 10;
const MINUTE_MS = 60_000;

interface Bill {
  readonly billId: string;
  readonly amountVnd: number;
}

/** The bill in our answer, or why there is none. */
const billIn = (body: string): Bill | null => {
  const data = parseObject(body)?.['data'];
  const [first] = Array.isArray(data) ? (data as readonly unknown[]) : [];
  const { bill_id: billId, amount } = (first ?? {}) as Readonly<Record<string, unknown>>;
  return typeof billId === 'string' && typeof amount === 'number' ? { billId, amountVnd: amount } : null;
};

/** A counter where citizens pay bills under a number. */
class BidvSandbox {
  readonly ledger: BidvLedger;
  readonly caller: SandboxCaller;
  readonly bank: SandboxBank;

  constructor(options: BidvSandboxOptions, side: BankSide) {
    this.ledger = new BidvLedger(options.ledgerFile ?? null);
    this.caller = new SandboxCaller(options.callbackAddress ?? null, {
      firstAfterMs: 10, retryAfterMs: Array.from({ length: PAYBILL_TRIES }, () => options.paybillRetryMs ?? MINUTE_MS), timeoutMs: 15_000, lateMs: 2_000, isTaken: isAnswered,
    });
    this.bank = new SandboxBank(this.caller, side, this.ledger);
  }

  route(request: SandboxHttpRequest): SandboxOperation<BidvMischief> | WireAnswer | null {
    if (request.method !== 'POST' || request.path !== '/counter/pay') return null;
    const { number, amountVnd } = parseObject(request.body) ?? {};
    if (typeof number !== 'string' || number === '') return jsonAnswer(400, { error: 'which bill?' });
    const bill = { billId: number, amountVnd: typeof amountVnd === 'number' ? amountVnd : 0 };
    return {
      operation: 'pay', key: number, serve: () => this.#askAndPay(number, (due) => [due]),
      twists: {
        'other-amount': ({ value }) => this.#askAndPay(number, (due) => [{ ...due, amountVnd: value === null ? due.amountVnd - 1_000 : Number(value) }]),
        'unknown-bill': () => this.#askAndPay(number, (due) => [{ ...due, billId: 'OG0000000000000' }]),
        'two-transfers': () => this.#askAndPay(number, (due) => [due, due]),
        unasked: () => this.#pay([bill]),
        'no-money': () => jsonAnswer(402, { error: 'insufficient balance' }),
      },
    };
  }

  async #askAndPay(number: string, paid: (due: Bill) => readonly Bill[]): Promise<WireAnswer> {
    const reply = await this.bank.getbill(number);
    const due = reply === null ? null : billIn(reply.body);
    return due === null ? jsonAnswer(409, { error: 'no bill', code: codeIn(reply) }) : this.#pay(paid(due));
  }

  async #pay(bills: readonly Bill[]): Promise<WireAnswer> {
    const payments = bills.map(({ billId, amountVnd }) => this.ledger.take(billId, amountVnd));
    for (const payment of payments) await this.bank.paybill(payment);
    return jsonAnswer(200, { transIds: payments.map(({ transId }) => transId) });
  }
}

/** Starts the sandbox. @throws the listen error where the port is taken */
export const startBidvSandbox = (options: BidvSandboxOptions = {}): Promise<RunningSandbox> => {
  const side = { ...DEMO, ...options.side };
  const sandbox = new BidvSandbox(options, side);
  return startPartySandbox<BidvMischief>({
    options, own: OWN, caller: sandbox.caller,
    route: (request) => sandbox.route(request),
    environmentOf: () => ({ BIDV_SERVICES: JSON.stringify([{ agency: '*', serviceId: side.serviceId, secret: side.secret }]), BIDV_CLIENTS: side.client }),
    state: () => sandbox.ledger.totals(),
    reset: () => {
      sandbox.ledger.clear();
      sandbox.bank.forget();
    },
    control: {
      reads: { payments: ({ after, limit }) => sandbox.ledger.payments().slice(after, after + limit), 'payments/*': ({ item }) => sandbox.ledger.ofBill(item) },
      orders: {},
    },
    onClose: () => { sandbox.ledger.close(); },
  });
};
