import { PARTIES } from '../../adapters/registry.js';
import type { PartySandboxOptions } from '../../adapters/support/party-sandbox.js';
import type { RunningSandbox } from '../../adapters/support/sandbox-server.js';
import { BANK_ENTRIES } from '../../src/compose/bank-parties.js';
import { PAYMENT_ENTRIES } from '../../src/compose/payment-parties.js';

/** One order as a party's own ledger has it at the end; `givenBack` are its refunds that were not refused. */
export interface TheirOrder {
  readonly party: string;
  readonly reference: string;
  readonly state: string;
  /** VND that the citizen's bank took, once for each time. */
  readonly taken: readonly number[];
  /** The bank's number of each, where one reference may be paid by several transfers. */
  readonly numbers?: readonly string[];
  readonly givenBack: readonly number[];
}

type Rates = Readonly<Record<string, number>>;

/** What a citizen holds in his hands. */
export interface Payable {
  readonly reference: string;
  readonly payUrl: string | null;
  readonly qr: { readonly content: string } | null;
}

/** A gateway of the registry as the run meets it: how its sandbox starts, misbehaves and is paid at. */
export interface Till {
  /** Name of the gateway. */
  readonly party: string;
  /** Party whose sandbox takes the money and tells us, where it is another. */
  readonly bank?: string;
  /** Of its settings. */
  readonly prefix: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of its sandbox, beside those that all have. */
  readonly options: Readonly<Record<string, number>>;
  readonly calls: Rates;
  readonly notices: Rates;
  /** Where the buttons of its pay page lead. */
  readonly confirmPath: string;
  /** What a button sends; a form with `ref` and `action` unless told. Null where this payment cannot be paid here. */
  readonly body?: (payment: Payable) => object | null;
  /** Control call that resolves what it is not sure of, and the states that mean so. */
  readonly unsure: readonly string[];
  readonly refunds: boolean;
}

/** What every party does now and then. Those that shut a connection out (401, 403) are left aside: only a person ends what they lead to. */
export const ANY_CALLS: Rates = { hang: 0.005, 'hang-before': 0.005, reset: 0.02, 'reset-before': 0.02, '5xx': 0.03, '5xx-before': 0.02, html: 0.01, empty: 0.01, truncated: 0.01, garbage: 0.01, slow: 0.02, '429': 0.01 };
const ANY_NOTICES: Rates = { twice: 0.12, early: 0.08, late: 0.1, lost: 0.12, 'other-amount': 0.05, altered: 0.04, unsigned: 0.04, 'old-key': 0.04 };
const BAD_ANSWERS: Rates = { busy: 0.01, 'bad-signature': 0.02, unsigned: 0.01, 'unknown-status': 0.02, 'other-amount': 0.02, 'other-order': 0.01, 'unlisted-code': 0.01 };
const PAGE: Rates = { 'no-money': 0.03, 'late-books': 0.08, overtaken: 0.05, 'clock-7h': 0.02, 'clock-2min': 0.02, 'clock-12h': 0.02 };

/** Banks repeat what they tell until it is taken, and cannot be asked: what they never told is in their statement. */
const BANK_NOTICES: Rates = { twice: 0.15, early: 0.1, late: 0.1, lost: 0.12 };

const TILLS: readonly Till[] = [
  {
    party: 'vnpay', prefix: 'VNPAY', env: { VNPAY_QR_CONTENT: 'true', VNPAY_REFUND_DEADLINE_MS: '1500' }, options: { ipnRetryMs: 2_000 }, confirmPath: '/paymentv2/confirm.html',
    calls: { ...ANY_CALLS, ...BAD_ANSWERS, ...PAGE, fraud: 0.03, reversed: 0.03, limited: 0.02 }, notices: ANY_NOTICES, unsure: ['fraud', 'reversed'], refunds: true,
  },
  {
    party: 'payment-platform', prefix: 'PAYMENT_PLATFORM', env: { PAYMENT_PLATFORM_OPEN_DEADLINE_MS: '1500' }, options: { confirmRetryMs: 2_000 }, confirmPath: '/pay',
    calls: { ...ANY_CALLS, ...BAD_ANSWERS, ...PAGE, unsure: 0.05, contradiction: 0.02, 'refuse-init': 0.02, 'init-busy': 0.02, 'paid-before-answer': 0.02, 'no-pay-url': 0.01 },
    notices: ANY_NOTICES, unsure: ['unsure'], refunds: false,
  },
  {
    party: 'vnpt-pay', prefix: 'VNPT_PAY', env: {}, options: { ipnRetryMs: 2_000 }, confirmPath: '/pay',
    calls: { ...ANY_CALLS, ...PAGE, 'timed-out': 0.05 }, notices: ANY_NOTICES, unsure: [], refunds: false,
  },
  {
    party: 'vietqr', bank: 'mb-bank', prefix: 'VIETQR', env: { VIETQR_PAYMENTS: 'true', VIETQR_BANK_BINS: '970422' }, options: { pushRetryMs: 2_000 }, confirmPath: '/app/scan',
    body: ({ qr }) => (qr === null ? null : { qr: qr.content }),
    calls: { ...ANY_CALLS, 'cut-content': 0.04, 'folded-content': 0.08, 'no-content': 0.03, 'two-channels': 0.1, 'no-money': 0.03, 'other-amount': 0.04 }, notices: BANK_NOTICES, unsure: [], refunds: false,
  },
  {
    party: 'bidv', prefix: 'BIDV', env: {}, options: { paybillRetryMs: 2_000 }, confirmPath: '/counter/pay', body: ({ reference }) => ({ number: reference }),
    calls: { ...ANY_CALLS, 'other-amount': 0.04, 'unknown-bill': 0.03, 'two-transfers': 0.05, 'no-money': 0.03 }, notices: BANK_NOTICES, unsure: [], refunds: false,
  },
];

/** Those of the list that the composition knows. */
export const connectedTills = (): readonly Till[] => TILLS.filter(({ party, bank = party }) => [party, bank].every((name) => [...PAYMENT_ENTRIES, ...BANK_ENTRIES].some((entry) => entry.party === name)));

/** Short times, so that an unknown outcome is found out in seconds; what the settings cannot make short is skipped in our rows. */
export const shortTimes = ({ prefix, env, body }: Till): Readonly<Record<string, string>> => ({
  [`${prefix}_PAY_WITHIN_MS`]: '60000', [`${prefix}_SETTLE_MS`]: '60000', [`${prefix}_GIVE_UP_MS`]: '7200000',
  // A bank is not asked.
  ...(body === undefined ? { [`${prefix}_ASK_AFTER_MS`]: '1500', [`${prefix}_ASK_EVERY_MS`]: '2500', [`${prefix}_DEADLINE_MS`]: '1500' } : {}), ...env,
});

export const startTill = ({ party, bank = party, options }: Till, ledgerFile: string): Promise<RunningSandbox> => {
  const entry = PARTIES.find((one) => one.party === bank);
  if (entry === undefined) throw new Error(`no party ${bank} in the registry`);
  return (entry.startSandbox as (settings: PartySandboxOptions) => Promise<RunningSandbox>)({ ...options, ledgerFile, hangMs: 4_000 });
};

interface LedgerLine {
  readonly ref?: string;
  readonly state?: string;
  readonly taken?: readonly number[];
  readonly refunds?: readonly { readonly amount: number; readonly status: string }[];
}

/** VNPAY's amounts of refunds are × 100 on the wire, and 09 is its word for a refused one. */
const givenBackOf = ({ refunds = [] }: LedgerLine): readonly number[] => refunds.filter(({ status }) => status !== '09').map(({ amount }) => amount / 100);

/** One transfer of a bank: of MB with what was written, of BIDV with the bill. A reversed one went back before it was booked. */
interface TransferLine {
  readonly ft?: string;
  readonly type?: string;
  readonly purpose?: string;
  readonly transId?: string;
  readonly billId?: string;
  readonly amountVnd?: number;
  readonly state?: string;
}

const byReference = (party: string, transfers: ReadonlyMap<string, TransferLine>): readonly TheirOrder[] => {
  const orders = new Map<string, TheirOrder>();
  for (const [number, { purpose, billId, amountVnd = 0, state = 'moved' }] of transfers) {
    const reference = purpose ?? billId ?? '';
    const { taken = [], numbers = [] } = orders.get(reference) ?? {};
    const isKept = state !== 'reversed';
    orders.set(reference, { party, reference, state, taken: isKept ? [...taken, amountVnd] : taken, numbers: isKept ? [...numbers, number] : numbers, givenBack: [] });
  }
  return [...orders.values()];
};

/** What a party took and gave back, from its ledger's lines alone: the last one of an order, or of a transfer, counts. */
export const readTillLedger = (party: string, text: string): readonly TheirOrder[] => {
  const orders = new Map<string, TheirOrder>();
  const transfers = new Map<string, TransferLine>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const order = JSON.parse(line) as LedgerLine & TransferLine;
    const number = order.ft ?? order.transId;
    if (number !== undefined) transfers.set(number, order);
    else if (order.ref !== undefined) orders.set(order.ref, { party, reference: order.ref, state: order.state ?? '', taken: order.taken ?? [], givenBack: givenBackOf(order) });
  }
  return [...orders.values(), ...byReference(party, transfers)];
};
