import { LedgerFile } from '../support/sandbox-ledger-file.js';

export interface HeldReceipt {
  readonly key: string;
  readonly pattern: string;
  readonly serial: string;
  readonly number: string;
  readonly totalVnd: number;
  readonly dossierCode: string;
  /** Key of the receipt that this one adjusts. */
  readonly adjusts: string | null;
  readonly state: 'issued' | 'cancelled';
  /** Marked as paid; must be unmarked before it is cancelled. */
  readonly isConfirmed: boolean;
}

/** Receipts as the sandbox issued them. A JSON line for each change; the last one of a key counts. */
export class ReceiptLedger {
  readonly #file: LedgerFile<HeldReceipt>;
  readonly #receipts = new Map<string, HeldReceipt>();

  constructor(path: string | null) {
    this.#file = new LedgerFile<HeldReceipt>(path);
    for (const receipt of this.#file.earlier) this.#receipts.set(receipt.key, receipt);
  }

  find(key: string): HeldReceipt | null {
    return this.#receipts.get(key) ?? null;
  }

  adjusted(key: string): boolean {
    return this.all().some(({ adjusts }) => adjusts === key);
  }

  all(): readonly HeldReceipt[] {
    return [...this.#receipts.values()];
  }

  /** Numbers run on within form and series. */
  issue(fresh: Omit<HeldReceipt, 'number' | 'state' | 'isConfirmed'>): HeldReceipt {
    const before = this.all().filter(({ pattern, serial }) => pattern === fresh.pattern && serial === fresh.serial).length;
    const receipt: HeldReceipt = { ...fresh, number: String(before + 1).padStart(7, '0'), state: 'issued', isConfirmed: true };
    this.keep(receipt);
    return receipt;
  }

  keep(receipt: HeldReceipt): void {
    this.#receipts.set(receipt.key, receipt);
    this.#file.append(receipt);
  }

  totals(): object {
    const issued = this.all().filter(({ state, adjusts }) => state === 'issued' && adjusts === null);
    return { receipts: this.#receipts.size, issued: issued.length, cancelled: this.all().filter(({ state }) => state === 'cancelled').length, issuedVnd: issued.reduce((sum, { totalVnd }) => sum + totalVnd, 0) };
  }

  clear(): void {
    this.#receipts.clear();
    this.#file.clear();
  }

  close(): void {
    this.#file.close();
  }
}
