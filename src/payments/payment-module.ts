import type { Logger } from 'pino';
import type { AgencyDirectory } from '../agencies/agency-directory.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { ApplyAnswer, ApplyContext } from '../callbacks/callback-binding.js';
import type { Bell } from '../deliveries/bell-port.js';
import type { DeliveryOperation } from '../deliveries/delivery-operation.js';
import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { BankCredit } from './bank-credit-port.js';
import { CreditService } from './credit-service.js';
import { CreditStore } from './credit-store.js';
import type { DueLookup } from './due-port.js';
import { FeeService } from './fee-service.js';
import { FeeStore } from './fee-store.js';
import type { GatewayHealth, GatewayOrder } from './gateway-choice.js';
import { OpeningStore } from './opening-store.js';
import { PaymentCases } from './payment-cases.js';
import { PaymentDue } from './payment-due.js';
import type { PaymentGateway, PaymentNotice } from './payment-gateway-port.js';
import { PaymentDrafts } from './payment-draft.js';
import { createPaymentMutations } from './payment-mutations.js';
import { PaymentNotices } from './payment-notices.js';
import { PaymentOpening } from './payment-opening.js';
import { PaymentOrders } from './payment-order.js';
import { PaymentQueries } from './payment-queries.js';
import { resealPayments } from './payment-reseal.js';
import { PaymentReadStore } from './payment-read-store.js';
import { createPaymentReads } from './payment-resolvers.js';
import { PaymentStore } from './payment-store.js';
import { PaymentWatcher } from './payment-watcher.js';
import { PaymentBook } from './payment-words.js';
import type { OnPaid, PaymentBookDeps } from './payment-words.js';
import { createRefundOperation } from './refund-operation.js';
import { RefundActs } from './refund-acts.js';
import { RefundByHand } from './refund-by-hand.js';
import { RefundService } from './refund-service.js';
import { RefundSettling } from './refund-settling.js';
import { RefundStore } from './refund-store.js';
import { RefundWatch } from './refund-watch.js';
import { SettlementService } from './settlement-service.js';
import { SettlementStore } from './settlement-store.js';
import { WatchStore } from './watch-store.js';

export interface PaymentSettings {
  readonly fingerprintKey: Buffer;
  readonly keepHours: number;
  readonly order: GatewayOrder;
  /** A refund of more needs a second person; 0 for always. */
  readonly fourEyesAboveVnd: number;
  /** Questions to one gateway at once. */
  readonly askConcurrency: number;
  /** How often what is due is looked for. */
  readonly watchEveryMs: number;
  /** A refund approved for longer, and not ended, is a person's; three days where not given. */
  readonly refundStuckAfterMs?: number;
}

export interface PaymentModuleDeps {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly agencies: AgencyAccess & { readonly directory: AgencyDirectory };
  readonly accounts: AccountDirectory;
  /** In the order in which they are composed. */
  readonly gateways: readonly PaymentGateway[];
  readonly health: GatewayHealth;
  readonly bell: Bell;
  readonly logger: Logger;
  readonly settings: PaymentSettings;
  /** Run inside the transaction that makes a payment paid and its fees with it. */
  readonly onPaid?: readonly OnPaid[];
  readonly observe?: PaymentBookDeps['observe'];
  readonly now?: () => Date;
}

/** Nobody has looked for so long: the watcher is stuck. */
const STALLED_SECONDS = 120;
const REFUND_STUCK_MS = 3 * 86_400_000;

const stuckAfterMs = ({ refundStuckAfterMs }: PaymentSettings): number => refundStuckAfterMs ?? REFUND_STUCK_MS;

const createCore = (deps: PaymentModuleDeps) => {
  const { database, cipher, accounts, gateways, now = () => new Date() } = deps;
  const store = new PaymentStore();
  const byParty = new Map(gateways.map((gateway) => [gateway.party, gateway]));
  const book = new PaymentBook({ store, gateways: byParty, onPaid: deps.onPaid ?? [], observe: deps.observe ?? (() => undefined) });
  const refunds = new RefundStore();
  const settling = new RefundSettling({ store, refunds, book });
  const orders = new PaymentOrders({ database, accounts, cipher });
  const fees = new FeeStore();
  const drafts = new PaymentDrafts({ store, fees, openings: new OpeningStore(), cipher, now });
  return { database, cipher, accounts, gateways, byParty, now, store, book, refunds, settling, orders, fees, drafts, credits: new CreditStore(), settlements: new SettlementStore(), reads: new PaymentReadStore(database) };
};

type Core = ReturnType<typeof createCore>;

const createServices = (core: Core, { settings, agencies, bell, health, logger }: PaymentModuleDeps) => {
  const base = { ...core, settings, agencies };
  const acts = new RefundActs({ ...base, bell });
  const { order, fourEyesAboveVnd } = settings;
  return {
    queries: new PaymentQueries(base),
    opening: new PaymentOpening({ ...base, order, health, logger }),
    fees: new FeeService(base),
    refunds: new RefundService({ ...base, acts, gateways: core.byParty, fourEyesAboveVnd }),
    byHand: new RefundByHand({ ...base, acts, fourEyesAboveVnd, stuckAfterMs: stuckAfterMs(settings) }),
    settlements: new SettlementService(base),
    cases: new PaymentCases(base),
    credits: new CreditService({ ...base, fourEyesAboveVnd }),
  };
};

/** Joins the parts of the payment domain. */
export const createPaymentModule = (deps: PaymentModuleDeps) => {
  const core = createCore(deps);
  const { database, gateways, cipher, accounts } = core;
  const { logger, settings, agencies } = deps;
  const services = createServices(core, deps);
  const notices = new PaymentNotices({ ...core, accounts });
  const watch = new WatchStore(database);
  return {
    resolvers: [createPaymentReads({ queries: services.queries, cipher }), createPaymentMutations({ ...services, cipher })] as const,
    services,
    /** What the engine carries: refunds, where a gateway can give back. */
    operations: gateways.flatMap((gateway): DeliveryOperation[] => (gateway.refunds === null ? [] : [createRefundOperation(gateway, gateway.refunds, core)])),
    /** For `bindCallback` of a gateway's receiver. */
    applyNotice: (party: string) => (notice: PaymentNotice, context: ApplyContext): Promise<ApplyAnswer> => notices.notice(party, notice, context),
    /** For `bindCallback` of a bank's receiver. */
    applyCredit: (party: string) => (credit: BankCredit, context: ApplyContext): Promise<ApplyAnswer> => notices.credit(party, credit, context),
    /** What is due, as this party may collect it. */
    dueFor: (gateway: Pick<PaymentGateway, 'party' | 'accountRegistration'>): DueLookup => new PaymentDue({ ...core, directory: agencies.directory }, gateway),
    /** For words from elsewhere, such as a statement, in the caller's transaction. */
    book: core.book,
    store: core.store,
    orders: core.orders,
    /** For payments that are opened by something else, in its transaction. */
    drafts: core.drafts,
    fees: core.fees,
    /** In a worker. */
    createWatcher: (): PaymentWatcher => new PaymentWatcher({
      ...core, watch, refunds: new RefundWatch({ ...core, logger, stuckAfterMs: stuckAfterMs(settings) }), logger, concurrency: settings.askConcurrency, tickMs: settings.watchEveryMs,
    }),
    watch,
    reseal: (): Promise<number> => resealPayments(database, cipher),
    readiness: async () => {
      const backlog = await watch.backlog();
      return { ready: backlog.lateSeconds < STALLED_SECONDS, detail: { ...backlog } };
    },
  };
};
export type PaymentModule = ReturnType<typeof createPaymentModule>;
