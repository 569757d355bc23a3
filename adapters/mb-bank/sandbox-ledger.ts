import { LedgerFile } from '../support/sandbox-ledger-file.js';

/** Money that moved on an account. */
export interface Transfer {
  /** The bank's number of it. */
  readonly ft: string;
  readonly type: 'C' | 'D';
  readonly account: string;
  readonly amountVnd: number;
  /** What the citizen's code or hand asked to be written. */
  readonly purpose: string;
  /** What the bank made of it. */
  readonly content: string;
  readonly at: number;
}

/** What the sandbox moved. Kept in a file where one is named. */
export class MbLedger {
  readonly #file: LedgerFile<Transfer>;
  #transfers: Transfer[];
  #number: number;

  constructor(path: string | null) {
    this.#file = new LedgerFile<Transfer>(path);
    this.#transfers = [...this.#file.earlier];
    this.#number = 26_030_000_000 + this.#transfers.length;
  }

  take(transfer: Omit<Transfer, 'ft' | 'at'>): Transfer {
    this.#number += 1;
    const taken = { ...transfer, ft: `FT${this.#number}`, at: Date.now() };
    this.#transfers.push(taken);
    this.#file.append(taken);
    return taken;
  }

  transfers(): readonly Transfer[] {
    return this.#transfers;
  }

  /** Money that came in under what a citizen wrote. */
  credits(purpose: string): readonly Transfer[] {
    return this.#transfers.filter((transfer) => transfer.type === 'C' && transfer.purpose === purpose);
  }

  totals(): object {
    const sum = (type: Transfer['type']): number => this.#transfers.filter((transfer) => transfer.type === type).reduce((total, { amountVnd }) => total + amountVnd, 0);
    return { transfers: this.#transfers.length, inVnd: sum('C'), outVnd: sum('D') };
  }

  clear(): void {
    this.#transfers = [];
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }
}
