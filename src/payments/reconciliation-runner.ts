import type { Logger } from 'pino';
import type { Database, Queryable } from '../store/database.js';
import type { CreditStore } from './credit-store.js';
import { isNumberTaken } from './money-number-store.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import type { PaymentOrders } from './payment-order.js';
import type { PaymentStore } from './payment-store.js';
import type { PaymentBook } from './payment-words.js';
import type { PayoutStore } from './payout-store.js';
import { IncompleteAnswers, askForDay } from './reconciliation-asking.js';
import { compare } from './reconciliation-compare.js';
import type { OurPayment } from './reconciliation-compare.js';
import { dayAfter, vietnamMidnight } from './reconciliation-day.js';
import { keepPayouts, postPayouts } from './reconciliation-payouts.js';
import type { ReconciliationRun } from './reconciliation-run.js';
import type { ReconciliationStore } from './reconciliation-store.js';
import type { StatementLine } from './statement-reader-port.js';
import type { StatementStore } from './statement-store.js';

export interface RunnerDeps {
  readonly database: Database;
  readonly store: PaymentStore;
  readonly book: PaymentBook;
  readonly orders: PaymentOrders;
  readonly runs: ReconciliationStore;
  readonly statements: StatementStore;
  readonly payouts: PayoutStore;
  readonly credits: CreditStore;
  readonly gateways: ReadonlyMap<string, PaymentGateway>;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly now: () => Date;
}

interface Theirs {
  readonly lines: readonly StatementLine[];
  readonly isFile: boolean;
}

/** A run cannot be made; the code is kept with it. */
class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * Carries out runs: theirs (files of the day, else the gateway's answers), ours, the differences, and what their word does to our
 * payments. Each part is kept before the next begins, so that a run whose worker dies goes on where it was.
 */
export class ReconciliationRunner {
  readonly #deps: RunnerDeps;

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
  }

  /** The next run, or this one; null where none waits. Gives how it ended. */
  async runNext(signal: AbortSignal, only: string | null = null): Promise<{ readonly run: ReconciliationRun; readonly failure: string | null } | null> {
    const { runs, database, logger } = this.#deps;
    const run = await runs.claim(database, only);
    if (run === null) return null;
    let failure: string | null = null;
    try {
      await this.#carryOut(run, signal);
    } catch (error) {
      // Taken up again when the lease ends.
      if (signal.aborted) return null;
      failure = error instanceof RunFailure ? error.code : error instanceof IncompleteAnswers ? 'gateway-unavailable' : 'internal';
      logger.warn({ err: failure === 'internal' ? error : undefined, run: run.id, party: run.gateway, day: run.day, code: failure }, 'reconciliation did not come to its end');
    }
    await database.transaction((client) => runs.end(client, run, failure));
    return { run, failure };
  }

  async #carryOut(run: ReconciliationRun, signal: AbortSignal): Promise<void> {
    const { database, runs } = this.#deps;
    if (run.oursCount === null) {
      const theirs = await this.#theirs(run, signal);
      await this.#compare(run, theirs);
    }
    for (const difference of await runs.toApply(database, run.id)) {
      signal.throwIfAborted();
      await this.#apply(run, difference);
    }
    await this.#postPayouts(run);
    await database.transaction((client) => runs.takeOver(client, run));
  }

  async #theirs(run: ReconciliationRun, signal: AbortSignal): Promise<Theirs> {
    const { database, statements, runs } = this.#deps;
    const kept = run.statementId === null ? null : await statements.find(database, run.statementId);
    if (kept?.source === 'query') return { lines: await statements.linesOf(database, [kept.id]), isFile: false };
    const files = await statements.filesOf(database, run.gateway, run.day);
    const newest = files.at(-1);
    if (newest !== undefined) {
      await runs.setStatement(database, run.id, newest.id);
      return { lines: await statements.linesOf(database, files.map(({ id }) => id)), isFile: true };
    }
    return { lines: await this.#ask(run, signal), isFile: false };
  }

  async #ask(run: ReconciliationRun, signal: AbortSignal): Promise<readonly StatementLine[]> {
    const { database, statements, runs, gateways } = this.#deps;
    const gateway = gateways.get(run.gateway);
    if (gateway?.ask == null) throw new RunFailure('no-statement');
    const lines = await askForDay(this.#deps, { gateway, ...boundsOf(run), signal, alive: () => runs.stillThere(database, run.id) });
    return database.transaction(async (client) => {
      const id = await statements.insert(client, { gateway: run.gateway, day: run.day, source: 'query', importedBy: `party/${run.gateway}`, sha256: null }, lines);
      if (id !== null) await runs.setStatement(client, run.id, id);
      return lines.filter(({ state }) => state !== 'not-found');
    });
  }

  async #compare(run: ReconciliationRun, { lines, isFile }: Theirs): Promise<void> {
    const { database, runs, statements, now } = this.#deps;
    const bounds = boundsOf(run);
    const of = { gateway: run.gateway, references: [...new Set(lines.flatMap(({ reference }) => reference ?? []))], ...bounds };
    const numbers = lines.flatMap(({ reference, gatewayTransaction }) => (reference === null && gatewayTransaction !== null ? [gatewayTransaction] : []));
    await database.transaction(async (client) => {
      const payments: ReadonlyMap<string, OurPayment> = new Map((await runs.ours(client, { ...of, numbers })).map((payment) => [payment.reference, payment]));
      const nearby = isFile ? await statements.referencesOf(client, run.gateway, [dayAfter(run.day, -1), dayAfter(run.day)]) : new Set<string>();
      // A gateway that is asked says nothing of refunds here: each is asked for by itself.
      const refunds = isFile ? await runs.refunds(client, of) : [];
      const { differences, matched } = compare({ gateway: run.gateway, payments, refunds, lines, nearby, ...bounds });
      const wrongPayouts = await keepPayouts(client, this.#deps, { gateway: run.gateway, lines, payments, at: now() });
      await runs.keep(client, run.id, { figures: { ...figuresOf(run, payments, lines), matched }, differences: [...differences, ...wrongPayouts] });
    });
  }

  /** The gateway's word goes where all its words go; what it does there is what becomes of the difference. Money that persons have in hand stays with them. */
  async #apply(run: ReconciliationRun, difference: { readonly id: string; readonly reference: string; readonly gatewayTransaction: string | null }): Promise<void> {
    const { database, runs, book, now } = this.#deps;
    await database.transaction(async (client) => {
      const line = await runs.lineOf(client, difference.id);
      if (line === null) return;
      if (line.state === 'paid' && await this.#isInHand(client, difference)) return runs.acted(client, difference.id, 'PERSON');
      const heard = await book.hear(client, difference.reference, {
        word: {
          says: line.state, code: 'statement', text: null, amountVnd: line.amountVnd, gatewayTransaction: difference.gatewayTransaction, bankCode: null, paidAt: line.at,
        },
        hearing: { source: line.source === 'file' ? 'statement' : 'query', actor: `party/${run.gateway}`, now: now() },
      });
      await runs.acted(client, difference.id, heard?.decision.kind === 'move' ? 'APPLIED' : 'RECORDED');
    });
  }

  /** Its number pays another payment already, or waits as money that fitted none: a bank's text that names a payment proves no more than it did when the bank told of it. */
  async #isInHand(client: Queryable, { reference, gatewayTransaction: number }: { readonly reference: string; readonly gatewayTransaction: string | null }): Promise<boolean> {
    const { store, gateways, credits } = this.#deps;
    const payment = await store.lock(client, reference);
    if (payment === null || number === null) return false;
    return await isNumberTaken(client, gateways, { payment, number }) || (payment.moneyGoes === 'direct' && await credits.isKept(client, number));
  }

  async #postPayouts(run: ReconciliationRun): Promise<void> {
    const { database, payouts, runs } = this.#deps;
    for (const { paymentId } of await payouts.unposted(database, run.gateway)) {
      await database.transaction(async (client) => {
        const waiting = await postPayouts(client, this.#deps, { gateway: run.gateway, paymentId });
        for (const difference of waiting) await runs.addDifference(client, run.id, difference);
        await runs.closeWaiting(client, run.gateway, paymentId);
      });
    }
  }
}

const boundsOf = ({ day }: ReconciliationRun): { readonly from: Date; readonly to: Date } => ({ from: vietnamMidnight(day), to: vietnamMidnight(dayAfter(day)) });

const figuresOf = (run: ReconciliationRun, payments: ReadonlyMap<string, OurPayment>, lines: readonly StatementLine[]) => {
  const { from, to } = boundsOf(run);
  const ours = [...payments.values()].filter(({ gateway, paidAt }) => gateway === run.gateway && paidAt !== null && paidAt >= from && paidAt < to);
  const theirs = lines.filter(({ kind, state }) => kind === 'PAYMENT' && state === 'paid');
  return {
    oursCount: ours.length, oursVnd: ours.reduce((sum, { amountVnd }) => sum + amountVnd, 0),
    theirsCount: theirs.length, theirsVnd: theirs.reduce((sum, { amountVnd }) => sum + (amountVnd ?? 0), 0),
  };
};
