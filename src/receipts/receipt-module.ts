import type { Logger } from 'pino';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { Bell } from '../deliveries/bell-port.js';
import type { DeliveryOperation } from '../deliveries/delivery-operation.js';
import { startTurns } from '../evidence/turn-loop.js';
import type { FileLinkSigner } from '../files/file-target.js';
import type { PaymentOrders } from '../payments/payment-order.js';
import type { PaymentStore } from '../payments/payment-store.js';
import type { Database } from '../store/database.js';
import { ReceiptCorrections } from './receipt-corrections.js';
import { ReceiptFiles } from './receipt-files.js';
import { createReceiptOperations } from './receipt-operations.js';
import { ReceiptOwing } from './receipt-owing.js';
import type { ReceiptIssuer } from './receipt-port.js';
import { ReceiptQueries } from './receipt-queries.js';
import { createReceiptResolvers } from './receipt-resolvers.js';
import { ReceiptService } from './receipt-service.js';
import { ReceiptSettling } from './receipt-settling.js';
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
  readonly payments: { readonly store: PaymentStore; readonly orders: Pick<PaymentOrders, 'of'> };
  readonly links: FileLinkSigner;
  readonly bell: Bell;
  readonly logger: Logger;
  readonly settings: ReceiptSettings & { readonly fingerprintKey: Buffer; readonly keepHours: number };
  readonly now?: () => Date;
}

const CORRECT_EVERY_MS = 1_000;

/** What payments need of receipts: the hook by which one is owed. */
export const createReceiptOwing = (issuers: readonly ReceiptIssuer[], { areOwed, maxAgeMs }: ReceiptSettings): ReceiptOwing =>
  new ReceiptOwing({ store: new ReceiptStore(), issuers: areOwed ? issuers : [], maxAgeMs });

/** Joins the parts of the receipt domain. */
export const createReceiptModule = (deps: ReceiptModuleDeps, owing: ReceiptOwing) => {
  const { database, agencies, issuers, links, bell, logger, settings, now = () => new Date() } = deps;
  const { maxAgeMs } = settings;
  const store = new ReceiptStore();
  const payments = deps.payments.store;
  const settling = new ReceiptSettling({ store, payments, owing });
  const queries = new ReceiptQueries({ database, agencies });
  const service = new ReceiptService({ database, store, payments, queries, agencies, bell, maxAgeMs, settings });
  const corrections = new ReceiptCorrections({ database, store, bell, logger, maxAgeMs });
  return {
    resolvers: createReceiptResolvers({ queries, service, links, now }),
    /** What the engine carries. */
    operations: issuers.flatMap((issuer) => createReceiptOperations(issuer, { database, store, payments, orders: deps.payments.orders, settling, maxAgeMs }) as readonly DeliveryOperation[]),
    files: new ReceiptFiles({ database, store, payments, issuers }),
    corrections,
    /** In a worker. Returns how to stop. */
    start: (): (() => Promise<void>) => startTurns(CORRECT_EVERY_MS, () => corrections.turn()),
  };
};
export type ReceiptModule = ReturnType<typeof createReceiptModule>;
