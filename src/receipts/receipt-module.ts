import type { Logger } from 'pino';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { Bell } from '../deliveries/bell-port.js';
import type { DeliveryOperation } from '../deliveries/delivery-operation.js';
import { startTurns } from '../evidence/turn-loop.js';
import type { FileLinkSigner } from '../files/file-target.js';
import type { GatewayReceipts } from '../payments/gateway-receipt-port.js';
import type { PaymentOrders } from '../payments/payment-order.js';
import type { PaymentQueries } from '../payments/payment-queries.js';
import type { PaymentStore } from '../payments/payment-store.js';
import type { Database } from '../store/database.js';
import { createGatewayBillResolvers } from './gateway-bill-resolvers.js';
import { GatewayBills } from './gateway-bills.js';
import { ReceiptCorrections } from './receipt-corrections.js';
import { readReceiptFigures } from './receipt-figures.js';
import { ReceiptFiles } from './receipt-files.js';
import { createReceiptOperations } from './receipt-operations.js';
import { ReceiptOwing } from './receipt-owing.js';
import type { ReceiptIssuer } from './receipt-port.js';
import { ReceiptQueries } from './receipt-queries.js';
import { createReceiptResolvers } from './receipt-resolvers.js';
import { ReceiptService } from './receipt-service.js';
import { ReceiptSettling } from './receipt-settling.js';
import type { ObserveReceipt } from './receipt-settling.js';
import { ReceiptStore } from './receipt-store.js';

export interface ReceiptSettings {
  /** Whether receipts are owed at all; those that are owed already are issued all the same. */
  readonly areOwed: boolean;
  /** Age at which a delivery waits for a person. */
  readonly maxAgeMs: number;
}

export interface ReceiptModuleDeps {
  readonly database: Database;
  readonly agencies: AgencyAccess;
  readonly issuers: readonly ReceiptIssuer[];
  /** Of the payment domain. */
  readonly payments: { readonly store: PaymentStore; readonly orders: Pick<PaymentOrders, 'of'>; readonly services: { readonly queries: Pick<PaymentQueries, 'find'> } };
  /** Gateways that write receipts of their own. */
  readonly bills: readonly GatewayReceipts[];
  readonly observe: ObserveReceipt;
  readonly links: FileLinkSigner;
  readonly bell: Bell;
  readonly logger: Logger;
  readonly settings: ReceiptSettings & { readonly fingerprintKey: Buffer; readonly keepHours: number };
  readonly now?: () => Date;
}

const CORRECT_EVERY_MS = 1_000;
/** No turn went well for so long: corrections are stuck. */
const STALLED_SECONDS = 120;

const sumOf = (rows: readonly { readonly count: number }[]): number => rows.reduce((sum, { count }) => sum + count, 0);

/** What payments need of receipts: the hook by which one is owed. */
export const createReceiptOwing = (issuers: readonly ReceiptIssuer[], { areOwed, maxAgeMs }: ReceiptSettings): ReceiptOwing =>
  new ReceiptOwing({ store: new ReceiptStore(), issuers: areOwed ? issuers : [], maxAgeMs });

/** Joins the parts of the receipt domain. */
export const createReceiptModule = (deps: ReceiptModuleDeps, owing: ReceiptOwing) => {
  const { database, agencies, issuers, links, bell, logger, settings, now = () => new Date() } = deps;
  const { maxAgeMs } = settings;
  const store = new ReceiptStore();
  const payments = deps.payments.store;
  const settling = new ReceiptSettling({ store, payments, owing, observe: deps.observe });
  const bills = new GatewayBills({ ...deps.payments, database, queries: deps.payments.services.queries, gateways: deps.bills, logger });
  const queries = new ReceiptQueries({ database, agencies });
  const service = new ReceiptService({ database, store, payments, queries, agencies, bell, maxAgeMs, settings });
  const corrections = new ReceiptCorrections({ database, store, bell, logger, maxAgeMs });
  return {
    resolvers: [createReceiptResolvers({ queries, service, links, now }), createGatewayBillResolvers({ bills, links, now })] as const,
    /** What the engine carries. */
    operations: issuers.flatMap((issuer) => createReceiptOperations(issuer, { database, store, payments, orders: deps.payments.orders, settling, maxAgeMs }) as readonly DeliveryOperation[]),
    files: { 'receipt-pdf': new ReceiptFiles({ database, store, payments, issuers }), 'payment-bill': bills },
    corrections,
    figures: () => readReceiptFigures(database),
    /** Of a worker: what is owed or refused makes no process unfit. */
    readiness: async () => {
      const { open, forPersons } = await readReceiptFigures(database);
      const detail = {
        owed: sumOf(open.filter(({ state }) => state === 'OWED')), oldestOwedSeconds: Math.max(0, ...open.filter(({ state }) => state === 'OWED').map(({ oldestSeconds }) => oldestSeconds)),
        forPersons: sumOf(forPersons), secondsSinceTurn: Math.round(corrections.secondsSinceTurn()),
      };
      return { ready: detail.secondsSinceTurn < STALLED_SECONDS, detail };
    },
    /** In a worker. Returns how to stop. */
    start: (): (() => Promise<void>) => startTurns(CORRECT_EVERY_MS, () => corrections.turn()),
  };
};
export type ReceiptModule = ReturnType<typeof createReceiptModule>;
