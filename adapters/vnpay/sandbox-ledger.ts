import { LedgerFile } from '../support/sandbox-ledger-file.js';

/** `reversed`: the bank took the money and VNPAY has no success. `fraud`: taken and held back. */
export type OrderState = 'open' | 'paid' | 'failed' | 'fraud' | 'reversed';

export interface SandboxRefund {
  readonly requestId: string;
  readonly type: '02' | '03';
  /** As on the wire, × 100. */
  readonly amount: number;
  readonly transactionNo: string;
  /** vnp_TransactionStatus: 05 in process, 00 done, 09 refused. */
  status: '05' | '00' | '09';
}

export interface SandboxOrder {
  readonly ref: string;
  readonly tmnCode: string;
  /** As on the wire, × 100. */
  readonly amount: number;
  readonly createDate: string;
  readonly expireDate: string;
  readonly orderInfo: string;
  readonly returnUrl: string;
  state: OrderState;
  responseCode: string;
  transactionNo: string;
  bankCode: string;
  payDate: string;
  /** VND that the citizen's bank took, once for each time. */
  taken: number[];
  /** Until then querydr answers 91, although money was taken; milliseconds since 1970. */
  hiddenUntil: number;
  refunds: SandboxRefund[];
}

export type NewOrder = Pick<SandboxOrder, 'ref' | 'tmnCode' | 'amount' | 'createDate' | 'expireDate' | 'orderInfo' | 'returnUrl'>;

const STATUSES: Readonly<Record<OrderState, string>> = { open: '01', paid: '00', failed: '02', fraud: '07', reversed: '04' };

export const statusOf = ({ state }: SandboxOrder): string => STATUSES[state];

/** vnp_TxnRef is unique per merchant. */
const keyOf = (tmnCode: string, ref: string): string => `${tmnCode} ${ref}`;

/** What the sandbox knows: orders, the money it took and gave back. Kept in a file where one is named. */
export class VnpayLedger {
  readonly #file: LedgerFile<SandboxOrder>;
  readonly #orders = new Map<string, SandboxOrder>();
  readonly #requestIds = new Set<string>();
  #numbers = 14_000_000;

  constructor(path: string | null) {
    this.#file = new LedgerFile<SandboxOrder>(path);
    for (const order of this.#file.earlier) this.#orders.set(keyOf(order.tmnCode, order.ref), order);
    this.#numbers += this.#file.earlier.length;
  }

  order(tmnCode: string, ref: string): SandboxOrder | null {
    return this.#orders.get(keyOf(tmnCode, ref)) ?? null;
  }

  /** Whoever's it is: people and control calls know the reference only. */
  byReference(ref: string): SandboxOrder | null {
    return this.orders().find((order) => order.ref === ref) ?? null;
  }

  orders(): readonly SandboxOrder[] {
    return [...this.#orders.values()];
  }

  open(fresh: NewOrder): SandboxOrder {
    const order: SandboxOrder = { ...fresh, state: 'open', responseCode: '', transactionNo: '', bankCode: '', payDate: '', taken: [], hiddenUntil: 0, refunds: [] };
    this.#orders.set(keyOf(order.tmnCode, order.ref), order);
    this.keep(order);
    return order;
  }

  /** To be called after each change of an order, before anybody is told of it. */
  keep(order: SandboxOrder): void {
    this.#file.append(order);
  }

  nextNumber(): string {
    this.#numbers += 1;
    return String(this.#numbers);
  }

  /** Is the number of the request new today? */
  takeRequestId(tmnCode: string, day: string, requestId: string): boolean {
    const key = `${tmnCode} ${day} ${requestId}`;
    if (this.#requestIds.has(key)) return false;
    this.#requestIds.add(key);
    return true;
  }

  totals(): object {
    const orders = this.orders();
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    return {
      orders: orders.length, paid: orders.filter(({ state }) => state === 'paid').length,
      takenVnd: sum(orders.flatMap(({ taken }) => taken)),
      givenBackVnd: sum(orders.flatMap(({ refunds }) => refunds.filter(({ status }) => status !== '09').map(({ amount }) => amount / 100))),
    };
  }

  clear(): void {
    this.#orders.clear();
    this.#requestIds.clear();
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }
}
