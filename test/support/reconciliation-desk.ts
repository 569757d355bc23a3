import { pino } from 'pino';
import { createAgencyModule } from '../../src/agencies/agency-module.js';
import type { PaymentGateway } from '../../src/payments/payment-gateway-port.js';
import { dayAfter, vietnamMidnight } from '../../src/payments/reconciliation-day.js';
import { createReconciliationModule } from '../../src/payments/reconciliation-module.js';
import type { ReconciliationModule, ReconciliationModuleDeps } from '../../src/payments/reconciliation-module.js';
import type { KeptDifference } from '../../src/payments/reconciliation-queries.js';
import type { StatementLine, StatementReader } from '../../src/payments/statement-reader-port.js';
import type { Database } from '../../src/store/database.js';
import { AMOUNT_VND, PaymentDesk } from './payment-desk.js';
import { FIELD_KEY } from './payment-gateway.js';

const HALF_DAY_MS = 12 * 3_600_000;
const KEYS = { fingerprintKey: FIELD_KEY, keepHours: 1 };

/** A gateway's own form in which a file is the lines themselves: for what no line of our form can say. */
export const asLines: StatementReader = {
  read: (bytes) => ({ kind: 'read', lines: (JSON.parse(Buffer.from(bytes).toString()) as StatementLine[]).map((line) => ({ ...line, at: line.at === null ? null : new Date(line.at) })) }),
};

/** Reconciliation on a test database, over payments of the desk: one gateway's days, files and runs. */
export class ReconciliationDesk {
  /** Each test has a day of its own, so that what one leaves is no difference of another. */
  day = '2026-03-01';
  readonly logged: Record<string, unknown>[] = [];
  readonly payments: PaymentDesk;

  private constructor(payments: PaymentDesk) {
    this.payments = payments;
  }

  static async open(): Promise<ReconciliationDesk> {
    const payments = await PaymentDesk.open();
    payments.now = new Date('2026-09-01T00:00:00Z');
    return new ReconciliationDesk(payments);
  }

  get database(): Database {
    return this.payments.database;
  }

  close(): Promise<void> {
    return this.payments.close();
  }

  module(gateways: readonly PaymentGateway[], { settings, ...over }: Partial<Omit<ReconciliationModuleDeps, 'settings'>> & { readonly settings?: Partial<ReconciliationModuleDeps['settings']> } = {}): ReconciliationModule {
    return createReconciliationModule({
      database: this.database, gateways, payments: this.payments.module(gateways), now: () => this.payments.now,
      agencies: createAgencyModule({ database: this.database, settings: { tenantAgencyCodes: ['H42'], ...KEYS } }),
      logger: pino({ level: 'info' }, { write: (line: string) => void this.logged.push(JSON.parse(line) as Record<string, unknown>) }),
      settings: { ...KEYS, atMinutes: null, askConcurrency: 2, ...settings }, ...over,
    });
  }

  nextDay(): void {
    this.day = dayAfter(this.day, 3);
  }

  /** Noon of the day in Vietnam. */
  noon(): Date {
    return new Date(vietnamMidnight(this.day).getTime() + HALF_DAY_MS);
  }

  /** A payment of noon; columns are set as `over` says. */
  given(state: string, over: Readonly<Record<string, string>> = {}): Promise<string> {
    const at = this.noon().toISOString();
    const columns = { created_at: at, sent_at: at, expires_at: at, ...(state === 'PAID' || state === 'REFUNDING' ? { paid_at: at } : {}), ...over };
    return this.payments.given(state, Object.entries(columns).map(([column, value]) => `${column} = '${value}'`).join(', '));
  }

  line(reference: string, number: string, { kind = 'PAYMENT', vnd = AMOUNT_VND, state = 'PAID', time = '12:00:00' } = {}): string {
    return [kind, reference, number, String(vnd), state, `${this.day} ${time}`].join();
  }

  file(...lines: readonly string[]): Buffer {
    return Buffer.from(['kind,reference,transaction,amount_vnd,state,time', ...lines].join('\n'));
  }

  /** Brings a file of a gateway and carries out its run. Gives the number of the run. */
  async bring(module: ReconciliationModule, content: Buffer, gateway = 'bank'): Promise<string> {
    const answer = await module.service.importStatement(this.payments.call('binh'), { gateway, day: this.day, content, replacesEarlier: false });
    if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
    const ended = await module.runner.runNext(new AbortController().signal, answer.result.runId);
    if (ended?.failure !== null) throw new Error(JSON.stringify(ended));
    return answer.result.runId;
  }

  async start(module: ReconciliationModule, gateway = 'bank'): Promise<string> {
    const answer = await module.service.start(this.payments.call(), gateway, this.day);
    if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
    return answer.result.runId;
  }

  /** What a run found, oldest first. */
  async found(module: ReconciliationModule, runId: string): Promise<readonly KeptDifference[]> {
    return [...(await module.queries.differences({ runId }, { first: 200, after: null })).rows].reverse();
  }
}
