import { LEDGER_FAULTS } from './ledger-check-faults.js';
import type { LedgerFault, LedgerFaultKind } from './ledger-check-faults.js';
import { checkPayment } from './ledger-check-payment.js';
import type { CheckedPayment, LedgerEntry, LedgerRecord } from './ledger-check-records.js';
import { ACCOUNT_NAME, KIND_SHAPES, sideOf } from './ledger-check-rules.js';

export type { CheckedPayment, CheckedRefund, LedgerEntry, LedgerRecord } from './ledger-check-records.js';

/** What all money is at the end, in VND. `paid` = `settled` + `inTransit` + `refundDue` + `disputed` + `refunded` + `chargedBack`. */
export interface LedgerTotals {
  readonly paidVnd: number;
  readonly settledVnd: number;
  readonly inTransitVnd: number;
  readonly refundDueVnd: number;
  readonly disputedVnd: number;
  readonly refundedVnd: number;
  readonly chargedBackVnd: number;
}

export interface LedgerReport {
  readonly entries: number;
  readonly transactions: number;
  readonly payments: number;
  readonly totals: LedgerTotals;
  readonly faultCount: number;
  /** In the order of the ledger, the first wrong transaction first; no more than 100. */
  readonly faults: readonly LedgerFault[];
}

interface OpenTransaction {
  sumVnd: number;
  readonly entries: LedgerEntry[];
}

const MAX_FAULTS = 100;
/** Entries of one transaction stand side by side but for what was written at the same moment. */
const MAX_OPEN = 10_000;
const TOTAL_OF = { CITIZEN: null, TRANSIT: 'inTransitVnd', AGENCY: 'settledVnd', REFUND_DUE: 'refundDueVnd', DISPUTED: 'disputedVnd' } as const satisfies Record<string, keyof LedgerTotals | null>;

/**
 * Proves, in one pass and with memory that does not grow with the ledger: each transaction sums to nothing and goes where its kind
 * goes; after each, Σ paid = Σ settled + in transit + refund due + disputed + gone back, and no account is below zero; each payment's
 * entries agree with its state and its refunds. Pure.
 */
export class LedgerChecker {
  readonly #faults: LedgerFault[] = [];
  readonly #open = new Map<string, OpenTransaction>();
  /** Balances by name of account: one for each gateway and each agency's account. */
  readonly #balances = new Map<string, number>();
  readonly #totals: { -readonly [Key in keyof LedgerTotals]: number } = { paidVnd: 0, settledVnd: 0, inTransitVnd: 0, refundDueVnd: 0, disputedVnd: 0, refundedVnd: 0, chargedBackVnd: 0 };
  #faultCount = 0;
  #entries = 0;
  #entriesOfPayments = 0;
  #transactions = 0;
  #payments = 0;
  #lastEntry = 0n;
  #lastPayment = 0n;

  add(record: LedgerRecord): void {
    if ('entry' in record) this.#addEntry(record.entry);
    else this.#addPayment(record.payment);
  }

  /** Something around the ledger that is wrong, such as an archive that ends early. */
  addFault(fault: LedgerFault): void {
    this.#faultCount += 1;
    this.#faults.push(fault);
    // Sorted first: what comes early in the ledger is what matters.
    if (this.#faults.length > 2 * MAX_FAULTS) this.#faults.sort(byPlace).length = MAX_FAULTS;
  }

  end(): LedgerReport {
    for (const transaction of this.#open.values()) this.#unbalanced(transaction);
    this.#open.clear();
    if (this.#entries !== this.#entriesOfPayments) this.addFault({ kind: 'ORPHAN', entryId: null, transactionId: null, reference: null });
    return {
      entries: this.#entries, transactions: this.#transactions, payments: this.#payments, totals: { ...this.#totals },
      faultCount: this.#faultCount, faults: this.#faults.sort(byPlace).slice(0, MAX_FAULTS),
    };
  }

  #addEntry(entry: LedgerEntry): void {
    this.#entries += 1;
    if (BigInt(entry.id) <= this.#lastEntry) this.#fault('ORDER', entry);
    this.#lastEntry = BigInt(entry.id);
    if (!ACCOUNT_NAME.test(entry.account) || !Number.isSafeInteger(entry.amountVnd) || entry.amountVnd === 0) {
      this.#fault('ENTRY', entry);
      return;
    }
    const open = this.#open.get(entry.transactionId) ?? { sumVnd: 0, entries: [] };
    open.sumVnd += entry.amountVnd;
    open.entries.push(entry);
    if (open.sumVnd === 0) {
      this.#open.delete(entry.transactionId);
      this.#close(open.entries);
      return;
    }
    this.#open.set(entry.transactionId, open);
    if (this.#open.size > MAX_OPEN) this.#dropOldest();
  }

  #dropOldest(): void {
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    this.#open.delete(oldest[0]);
    this.#unbalanced(oldest[1]);
  }

  #unbalanced({ entries }: OpenTransaction): void {
    const [first] = entries;
    if (first !== undefined) this.#fault('TRANSACTION', first);
  }

  #close(entries: readonly LedgerEntry[]): void {
    this.#transactions += 1;
    const [first] = entries;
    if (first === undefined) return;
    const shape = KIND_SHAPES.get(first.kind);
    const fits = entries.length === 2 && entries.every(({ kind, paymentId, refundId, account, amountVnd }) =>
      kind === first.kind && paymentId === first.paymentId && refundId === first.refundId && shape?.[amountVnd < 0 ? 'from' : 'to'].includes(sideOf(account)) === true);
    if (!fits) this.#fault('KIND', first);
    for (const entry of entries) this.#balance(entry);
    const { paidVnd, settledVnd, inTransitVnd, refundDueVnd, disputedVnd, refundedVnd, chargedBackVnd } = this.#totals;
    if (paidVnd !== settledVnd + inTransitVnd + refundDueVnd + disputedVnd + refundedVnd + chargedBackVnd) this.#fault('BALANCE', first);
  }

  #balance(entry: LedgerEntry): void {
    const { account, amountVnd, kind } = entry;
    const total = TOTAL_OF[sideOf(account)];
    const after = (this.#balances.get(account) ?? 0) + amountVnd;
    this.#balances.set(account, after);
    if (total !== null) this.#totals[total] += amountVnd;
    // What the citizen gave and got is counted by kind, so that it is no mere negative of the rest.
    else if (kind === 'PAID' || kind === 'DISPUTED') this.#totals.paidVnd -= amountVnd;
    else if (kind === 'REFUNDED') this.#totals.refundedVnd += amountVnd;
    else if (kind === 'DISPUTE_LOST') this.#totals.chargedBackVnd += amountVnd;
    if (total === null ? after > 0 : after < 0) this.#fault('NEGATIVE', entry);
  }

  #addPayment(payment: CheckedPayment): void {
    this.#payments += 1;
    this.#entriesOfPayments += payment.entries.length;
    if (BigInt(payment.id) <= this.#lastPayment) this.addFault({ kind: 'ORDER', entryId: null, transactionId: null, reference: payment.reference });
    this.#lastPayment = BigInt(payment.id);
    for (const fault of checkPayment(payment)) this.addFault(fault);
  }

  #fault(kind: LedgerFaultKind, { id, transactionId }: LedgerEntry): void {
    this.addFault({ kind, entryId: id, transactionId, reference: null });
  }
}

/** What stands nowhere in the ledger comes last; of one entry, what is worst comes first. */
const byPlace = (left: LedgerFault, right: LedgerFault): number => {
  if (left.entryId !== right.entryId) {
    if (left.entryId === null) return 1;
    if (right.entryId === null) return -1;
    return BigInt(left.entryId) < BigInt(right.entryId) ? -1 : 1;
  }
  return LEDGER_FAULTS.indexOf(left.kind) - LEDGER_FAULTS.indexOf(right.kind);
};

/** Checks records as they come. */
export const checkLedger = async (records: AsyncIterable<LedgerRecord> | Iterable<LedgerRecord>): Promise<LedgerReport> => {
  const checker = new LedgerChecker();
  for await (const record of records) checker.add(record);
  return checker.end();
};
