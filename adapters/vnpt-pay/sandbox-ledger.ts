import { LedgerFile } from '../support/sandbox-ledger-file.js';

/** `timed-out`: the money was taken, and the party does not know it yet when it calls us. */
export type OrderState = 'open' | 'paid' | 'failed' | 'timed-out';

export interface SandboxOrder {
  readonly ref: string;
  readonly service: string;
  readonly amountVnd: number;
  readonly createDate: string;
  readonly description: string;
  state: OrderState;
  transaction: string;
  payDate: string;
  /** VND that the citizen's bank took, once for each time. */
  taken: number[];
  /** Until then a query answers 05, although money was taken; milliseconds since 1970. */
  hiddenUntil: number;
}

export type NewOrder = Pick<SandboxOrder, 'ref' | 'service' | 'amountVnd' | 'createDate' | 'description'>;

const keyOf = (service: string, ref: string): string => `${service} ${ref}`;

/** What the sandbox knows: orders and the money it took. Kept in a file where one is named. */
export class VnptPayLedger {
  readonly #file: LedgerFile<SandboxOrder>;
  readonly #orders = new Map<string, SandboxOrder>();
  #numbers = 0;

  constructor(path: string | null) {
    this.#file = new LedgerFile<SandboxOrder>(path);
    for (const order of this.#file.earlier) this.#orders.set(keyOf(order.service, order.ref), order);
    this.#numbers += this.#file.earlier.length;
  }

  order(service: string, ref: string): SandboxOrder | null {
    return this.#orders.get(keyOf(service, ref)) ?? null;
  }

  /** Whoever's it is: people and control calls know the reference only. */
  byReference(ref: string): SandboxOrder | null {
    return this.orders().find((order) => order.ref === ref) ?? null;
  }

  orders(): readonly SandboxOrder[] {
    return [...this.#orders.values()];
  }

  open(fresh: NewOrder): SandboxOrder {
    const order: SandboxOrder = { ...fresh, state: 'open', transaction: '', payDate: '', taken: [], hiddenUntil: 0 };
    this.#orders.set(keyOf(order.service, order.ref), order);
    this.keep(order);
    return order;
  }

  /** To be called after each change of an order, before anybody is told of it. */
  keep(order: SandboxOrder): void {
    this.#file.append(order);
  }

  nextTransaction(): string {
    this.#numbers += 1;
    return `VP${String(this.#numbers).padStart(9, '0')}`;
  }

  totals(): object {
    const orders = this.orders();
    return {
      orders: orders.length, paid: orders.filter(({ state }) => state === 'paid').length,
      takenVnd: orders.flatMap(({ taken }) => taken).reduce((total, amount) => total + amount, 0), givenBackVnd: 0,
    };
  }

  clear(): void {
    this.#orders.clear();
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }
}
