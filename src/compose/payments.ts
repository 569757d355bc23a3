import type { Logger } from 'pino';
import type { AgencyModule } from '../agencies/agency-module.js';
import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { AccountNamePort } from '../bank-accounts/account-name-port.js';
import { bindCallback } from '../callbacks/callback-binding.js';
import type { BoundCallback } from '../callbacks/callback-binding.js';
import type { BoundQuestion } from '../callbacks/question-binding.js';
import type { Config, CoreConfig } from '../config.js';
import type { Bell } from '../deliveries/bell-port.js';
import type { Metrics } from '../observability/metrics.js';
import type { GatewayHealth } from '../payments/gateway-choice.js';
import type { GatewayReceipts } from '../payments/gateway-receipt-port.js';
import type { PaymentGateway } from '../payments/payment-gateway-port.js';
import { createPaymentModule } from '../payments/payment-module.js';
import type { PaymentModule } from '../payments/payment-module.js';
import type { OnPaid } from '../payments/payment-words.js';
import type { Database } from '../store/database.js';
import { FieldCipher } from '../store/field-cipher.js';
import { BANK_ENTRIES, creditsOnly } from './bank-parties.js';
import { PAYMENT_ENTRIES } from './payment-parties.js';
import type { PartyParts, PaymentParty } from './payment-parties.js';
import { collectionReaders } from './collection.js';
import { createReconciliation } from './reconciliation.js';
import type { ReconciliationModule } from '../payments/reconciliation-module.js';

const WATCH_EVERY_MS = 1_000;

/** All ways to pay, in the order of the registry. */
export const openPaymentParties = (config: Config, parts: PartyParts): readonly PaymentParty[] =>
  [...PAYMENT_ENTRIES, ...BANK_ENTRIES].map((entry) => entry.open(config.parties.get(entry.party), parts));

export const gatewaysOf = (parties: readonly PaymentParty[]): readonly PaymentGateway[] => parties.flatMap(({ gateway }) => (gateway === null ? [] : [gateway]));

/** Who can be asked for the holder of an account. */
export const accountNamesOf = (parties: readonly PaymentParty[]): readonly AccountNamePort[] => parties.flatMap(({ accountNames = [] }) => accountNames);

/** Who writes receipts of what was paid through it. */
export const gatewayReceiptsOf = (parties: readonly PaymentParty[]): readonly GatewayReceipts[] => parties.flatMap(({ receipts }) => receipts ?? []);

/** Limits of the deliveries that gateways get: refunds. */
export const paymentLimits = (parties: readonly PaymentParty[]): readonly { readonly party: string; readonly concurrency: number; readonly ratePerSecond: number | null }[] =>
  parties.flatMap(({ gateway, pace }) => (gateway?.refunds == null ? [] : [{ party: gateway.party, ...pace }]));

export interface Payments extends PaymentModule {
  readonly reconciliation: ReconciliationModule;
}

export const createPayments = ({ core, metrics, parties, collectors, ...parts }: {
  readonly database: Database; readonly core: CoreConfig; readonly agencies: AgencyModule; readonly accounts: AccountDirectory; readonly parties: readonly PaymentParty[];
  /** Carriers that collect money at the door. */
  readonly collectors: readonly PaymentGateway[]; readonly health: GatewayHealth; readonly bell: Bell; readonly metrics: Metrics; readonly logger: Logger; readonly onPaid: readonly OnPaid[];
}): Payments => {
  const gateways = [...gatewaysOf(parties), ...collectors];
  const payments = createPaymentModule({
    ...parts, cipher: new FieldCipher(core.fieldKeys), gateways,
    settings: { ...core.payments, fingerprintKey: core.fingerprintKey, keepHours: core.idempotencyHours, watchEveryMs: WATCH_EVERY_MS },
    observe: ({ gateway, from, to, source, reason }) => metrics.paymentWords.inc({ gateway, from, to, source, reason: reason ?? 'none' }),
  });
  metrics.beforeRead(async () => {
    metrics.paymentsOpen.reset();
    metrics.paymentOldestSeconds.reset();
    for (const { gateway, state, count, oldestSeconds } of await payments.watch.counts()) {
      metrics.paymentsOpen.set({ gateway, state }, count);
      metrics.paymentOldestSeconds.set({ gateway, state }, oldestSeconds);
    }
    metrics.paymentsForPersons.set((await payments.watch.backlog()).forPersons);
    metrics.unmatchedCredits.reset();
    metrics.unmatchedOldestSeconds.reset();
    for (const { party, reason, count, oldestSeconds } of await payments.watch.unmatched()) {
      metrics.unmatchedCredits.set({ party, reason }, count);
      metrics.unmatchedOldestSeconds.set({ party, reason }, oldestSeconds);
    }
  });
  return { ...payments, reconciliation: createReconciliation({ ...parts, core, metrics, payments, gateways, readers: collectionReaders(collectors) }) };
};

/** Each gateway's and each bank's callbacks with what they feed. */
export const paymentBindings = (parties: readonly PaymentParty[], payments: PaymentModule): readonly BoundCallback[] => parties.flatMap(({ callback, credits = [] }) => [
  ...(callback === null ? [] : [bindCallback(callback, payments.applyNotice(callback.party))]),
  ...credits.map((receiver) => bindCallback(receiver, creditsOnly(payments.applyCredit(receiver.party)))),
]);

/** What each party may ask of what is due. */
export const paymentQuestions = (parties: readonly PaymentParty[], payments: PaymentModule): readonly BoundQuestion[] => parties.flatMap(({ questions }) => questions?.(payments.dueFor) ?? []);

/** In a worker. Returns how to stop. */
export const startPaymentWork = (payments: Payments): (() => Promise<void>) => {
  const watcher = payments.createWatcher();
  const reconciliation = payments.reconciliation.createWork();
  watcher.start();
  reconciliation.start();
  return async () => {
    await watcher.stop();
    await reconciliation.stop();
  };
};

export const closePaymentParties = async (parties: readonly PaymentParty[]): Promise<void> => {
  await Promise.all(parties.map((party) => party.close()));
};
