import type { Logger } from 'pino';
import { vietnamDay } from '../agencies/agency.js';
import type { Database } from '../store/database.js';
import { LedgerChecker } from './ledger-check.js';
import type { LedgerReport } from './ledger-check.js';
import { readLedger } from './ledger-read-store.js';
import type { LedgerCheckStore } from './ledger-check-store.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import { dayAfter, vietnamMinutes } from './reconciliation-day.js';
import type { ReconciliationRunner } from './reconciliation-runner.js';
import type { ReconciliationStore } from './reconciliation-store.js';

export interface ReconciliationWorkDeps {
  readonly database: Database;
  readonly runs: ReconciliationStore;
  readonly runner: ReconciliationRunner;
  readonly checks: LedgerCheckStore;
  readonly gateways: ReadonlyMap<string, PaymentGateway>;
  /** Minutes after midnight in Vietnam from which the day before is compared and the ledger checked; null: by demand only. */
  readonly atMinutes: number | null;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** Looking costs a few short statements. */
const EVERY_MS = 1_000;
/** Each run holds its statement in memory. */
const MAX_AT_ONCE = 4;

/** Checks all of the ledger now, as it is at one instant. */
export const checkLedgerNow = async (database: Database): Promise<LedgerReport> => {
  const checker = new LedgerChecker();
  await readLedger(database, (record) => checker.add(record));
  return checker.end();
};

/** In each worker: opens the runs that the schedule owes, carries out what waits, and has the ledger checked once a day. */
export class ReconciliationWork {
  readonly #deps: ReconciliationWorkDeps;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ReconciliationWorkDeps) {
    this.#deps = deps;
  }

  start(): void {
    const tick = (): void => {
      this.#running = this.turn().catch((error: unknown) => this.#deps.logger.warn({ err: error }, 'reconciliation could not be looked at; tried again'))
        .then(() => { if (!this.#stop.signal.aborted) this.#timer = setTimeout(tick, EVERY_MS).unref(); });
    };
    tick();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  /** One look. Gives how many runs were carried out. */
  async turn(): Promise<number> {
    const { atMinutes, now, runs, database, gateways } = this.#deps;
    const at = now();
    const isTime = atMinutes !== null && vietnamMinutes(at) >= atMinutes;
    if (isTime) await database.transaction((client) => runs.openDue(client, [...gateways.keys()], dayAfter(vietnamDay(at), -1)));
    // One that waits for its gateway keeps no other gateway waiting.
    const counts = await Promise.all(Array.from({ length: Math.max(1, Math.min(gateways.size, MAX_AT_ONCE)) }, () => this.#carryOut()));
    const done = counts.reduce((sum, count) => sum + count, 0);
    // After the runs: what they moved is looked at, too.
    if (isTime && !this.#stop.signal.aborted) await this.#checkLedger(vietnamDay(at));
    return done;
  }

  async #carryOut(): Promise<number> {
    let done = 0;
    while (!this.#stop.signal.aborted && await this.#deps.runner.runNext(this.#stop.signal) !== null) done += 1;
    return done;
  }

  async #checkLedger(day: string): Promise<void> {
    const { checks, database, logger } = this.#deps;
    const id = await checks.claim(day);
    if (id === null) return;
    let report: LedgerReport;
    try {
      report = await checkLedgerNow(database);
    } catch (error) {
      await checks.release(id);
      throw error;
    }
    await checks.end(id, report);
    const { faultCount, faults: [first], entries, payments } = report;
    if (first === undefined) logger.info({ entries, payments }, 'the ledger is balanced');
    else logger.error({ entries, payments, faults: faultCount, fault: first.kind, transaction: first.transactionId, reference: first.reference }, 'the ledger is NOT right');
  }
}
