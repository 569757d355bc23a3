import type { Logger } from 'pino';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { Database } from '../store/database.js';
import { CreditStore } from './credit-store.js';
import { LedgerCheckStore } from './ledger-check-store.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import type { PaymentModule } from './payment-module.js';
import { PayoutStore } from './payout-store.js';
import { ReconciliationQueries } from './reconciliation-queries.js';
import { createReconciliationResolvers } from './reconciliation-resolvers.js';
import { ReconciliationRunner } from './reconciliation-runner.js';
import { ReconciliationService } from './reconciliation-service.js';
import { ReconciliationStore } from './reconciliation-store.js';
import { PaymentTotals } from './reconciliation-totals.js';
import { TotalsStore } from './reconciliation-totals-store.js';
import { ReconciliationWork } from './reconciliation-work.js';
import { csvStatements } from './statement-csv.js';
import type { StatementReader } from './statement-reader-port.js';
import { StatementStore } from './statement-store.js';

export interface ReconciliationModuleDeps {
  readonly database: Database;
  readonly payments: Pick<PaymentModule, 'book' | 'store' | 'orders'>;
  readonly gateways: readonly PaymentGateway[];
  readonly agencies: AgencyAccess;
  readonly logger: Logger;
  readonly settings: { readonly fingerprintKey: Buffer; readonly keepHours: number; readonly atMinutes: number | null; readonly askConcurrency: number };
  /** Of gateways whose own form of a statement is known; none is. */
  readonly readers?: ReadonlyMap<string, StatementReader>;
  readonly now?: () => Date;
}

/** Joins the parts of reconciliation and of the ledger's check. */
export const createReconciliationModule = ({ payments, gateways, settings, readers = new Map(), now = () => new Date(), ...deps }: ReconciliationModuleDeps) => {
  const { database, agencies } = deps;
  const core = {
    ...deps, ...payments, now, settings, readers, reader: csvStatements, runs: new ReconciliationStore(), statements: new StatementStore(), payouts: new PayoutStore(), credits: new CreditStore(),
    checks: new LedgerCheckStore(database), gateways: new Map(gateways.map((gateway) => [gateway.party, gateway])), concurrency: settings.askConcurrency, atMinutes: settings.atMinutes,
  };
  const queries = new ReconciliationQueries(database);
  const service = new ReconciliationService(core);
  const runner = new ReconciliationRunner(core);
  return {
    resolvers: createReconciliationResolvers({ queries, service, totals: new PaymentTotals({ store: new TotalsStore(database), agencies }) }),
    service,
    queries,
    runner,
    checks: core.checks,
    /** In a worker. */
    createWork: (): ReconciliationWork => new ReconciliationWork({ ...core, runner }),
  };
};
export type ReconciliationModule = ReturnType<typeof createReconciliationModule>;
