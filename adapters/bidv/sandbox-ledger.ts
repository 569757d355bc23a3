import { LedgerFile } from '../support/sandbox-ledger-file.js';

/** `taken`: from the citizen, and not known to be booked. `reversed`: given back, because we refused it. */
export interface BidvPayment {
  readonly transId: string;
  readonly billId: string;
  readonly amountVnd: number;
  readonly at: number;
  state: 'taken' | 'booked' | 'reversed';
}

const BOOKED = '000';
/** Refusals for good: the bank does not keep money for them. */
const REFUSED: ReadonlySet<string> = new Set(['012', '021', '022', '023']);

export const isFinal = (code: string): boolean => code === BOOKED || REFUSED.has(code);

/** Money that the sandbox took for bills, and gave back. Kept in a file where one is named. */
export class BidvLedger {
  readonly #file: LedgerFile<BidvPayment>;
  readonly #payments = new Map<string, BidvPayment>();
  #number: number;

  constructor(path: string | null) {
    this.#file = new LedgerFile<BidvPayment>(path);
    for (const payment of this.#file.earlier) this.#payments.set(payment.transId, payment);
    this.#number = this.#payments.size;
  }

  take(billId: string, amountVnd: number): BidvPayment {
    this.#number += 1;
    const payment: BidvPayment = { transId: `TRX${Date.now()}${this.#number}`, billId, amountVnd, at: Date.now(), state: 'taken' };
    this.#payments.set(payment.transId, payment);
    this.#file.append(payment);
    return payment;
  }

  /** What our answer makes of the money. One that was booked is never given back by a later answer. */
  answered(payment: BidvPayment, code: string): void {
    if (payment.state === 'booked' || !isFinal(code)) return;
    payment.state = code === BOOKED ? 'booked' : 'reversed';
    this.#file.append(payment);
  }

  ofBill(billId: string): readonly BidvPayment[] {
    return this.payments().filter((payment) => payment.billId === billId);
  }

  payments(): readonly BidvPayment[] {
    return [...this.#payments.values()];
  }

  totals(): object {
    const sum = (states: readonly BidvPayment['state'][]): number => this.payments().filter(({ state }) => states.includes(state)).reduce((total, { amountVnd }) => total + amountVnd, 0);
    return { payments: this.#payments.size, takenVnd: sum(['taken', 'booked']), givenBackVnd: sum(['reversed']) };
  }

  clear(): void {
    this.#payments.clear();
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }
}
