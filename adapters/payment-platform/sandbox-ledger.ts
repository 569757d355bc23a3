import { LedgerFile } from '../support/sandbox-ledger-file.js';

/** `unsure`: money was taken, and the platform itself does not know it yet. */
export type OrderState = 'open' | 'paid' | 'failed' | 'unsure';

export interface SandboxOrder {
  readonly ref: string;
  readonly partnerCode: string;
  readonly amountVnd: number;
  /** 14 digits as INIT gave them, compared as text. */
  readonly initTime: string;
  readonly description: string;
  readonly dossierCode: string;
  /** As it came, to be shown again. */
  readonly info: unknown;
  /** Begun on the national portal and not by us. */
  readonly isForeign: boolean;
  state: OrderState;
  code: string;
  transaction: string;
  bankCode: string;
  paidTime: string;
  /** VND that the citizen's bank took, once for each time. */
  taken: number[];
  /** Until then QUERY knows no such order, although money was taken; milliseconds since 1970. */
  hiddenUntil: number;
}

export type NewOrder = Pick<SandboxOrder, 'ref' | 'partnerCode' | 'amountVnd' | 'initTime' | 'description' | 'dossierCode' | 'info' | 'isForeign'>;

/** What the sandbox knows: orders and the money it took. Kept in a file where one is named. */
export class PlatformLedger {
  readonly #file: LedgerFile<SandboxOrder>;
  readonly #orders = new Map<string, SandboxOrder>();
  #numbers = 100_000;

  constructor(path: string | null) {
    this.#file = new LedgerFile<SandboxOrder>(path);
    for (const order of this.#file.earlier) this.#orders.set(order.ref, order);
    this.#numbers += this.#file.earlier.length;
  }

  order(ref: string): SandboxOrder | null {
    return this.#orders.get(ref) ?? null;
  }

  orders(): readonly SandboxOrder[] {
    return [...this.#orders.values()];
  }

  open(fresh: NewOrder): SandboxOrder {
    const order: SandboxOrder = { ...fresh, state: 'open', code: '', transaction: '', bankCode: '', paidTime: '', taken: [], hiddenUntil: 0 };
    this.#orders.set(order.ref, order);
    this.keep(order);
    return order;
  }

  /** To be called after each change of an order, before anybody is told of it. */
  keep(order: SandboxOrder): void {
    this.#file.append(order);
  }

  nextNumber(): string {
    this.#numbers += 1;
    return `PP${String(this.#numbers).padStart(10, '0')}`;
  }

  totals(): object {
    const orders = this.orders();
    return {
      orders: orders.length, paid: orders.filter(({ state }) => state === 'paid').length,
      takenVnd: orders.flatMap(({ taken }) => taken).reduce((sum, amount) => sum + amount, 0),
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
