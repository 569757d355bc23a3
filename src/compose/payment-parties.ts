import type { Logger } from 'pino';
import type { PaymentPlatformSettings } from '../../adapters/payment-platform/config.js';
import { PAYMENT_PLATFORM, VNPAY, VNPT_PAY } from '../../adapters/registry.js';
import type { CircuitBoard } from '../../adapters/support/circuit-board.js';
import type { VnpaySettings } from '../../adapters/vnpay/config.js';
import type { VnptPaySettings } from '../../adapters/vnpt-pay/config.js';
import type { AccountNamePort } from '../bank-accounts/account-name-port.js';
import type { CallbackReceiver } from '../callbacks/callback-receiver-port.js';
import { bindQuestion } from '../callbacks/question-binding.js';
import type { BoundQuestion } from '../callbacks/question-binding.js';
import type { BankMovement } from '../payments/bank-credit-port.js';
import type { DueLookup } from '../payments/due-port.js';
import type { GatewayReceipts } from '../payments/gateway-receipt-port.js';
import type { PaymentGateway, PaymentNotice } from '../payments/payment-gateway-port.js';

/** What is due, as one party may collect it. */
export type DueFor = (gateway: Pick<PaymentGateway, 'party' | 'accountRegistration'>) => DueLookup;

/** A way to pay as its adapter hands it over. */
export interface PaymentParty {
  /** Null where it is not connected, and so is `callback`. A bank that only tells of credits has neither. */
  readonly gateway: PaymentGateway | null;
  readonly callback: CallbackReceiver<PaymentNotice> | null;
  readonly credits?: readonly CallbackReceiver<BankMovement>[];
  /** Where the party writes receipts of its own. */
  readonly receipts?: GatewayReceipts | null;
  /** Where the party tells the holder of an account. */
  readonly accountNames?: readonly AccountNamePort[];
  /** What the party may ask us, with what answers it. */
  readonly questions?: (dueFor: DueFor) => readonly BoundQuestion[];
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

export interface PartyParts {
  readonly circuits: CircuitBoard;
  readonly logger: Logger;
}

/** A party of the registry that is a way to pay. */
export interface PaymentEntry {
  readonly party: string;
  /** Settings as the party's own section of the environment gave them. */
  open(settings: unknown, parts: PartyParts): PaymentParty;
}

const openPlatform = (settings: PaymentPlatformSettings, parts: PartyParts): PaymentParty => {
  const { dueQuestion, ...platform } = PAYMENT_PLATFORM.create(settings, parts);
  return {
    ...platform,
    questions: (dueFor) => {
      if (dueQuestion === null) return [];
      const due = dueFor({ party: dueQuestion.party, accountRegistration: 'in-order' });
      return [bindQuestion(dueQuestion, ({ dossierCode }) => due.dueOfDossier(dossierCode))];
    },
  };
};

/** Gateways, in the order in which they are preferred where nothing is configured; banks come after them. */
export const PAYMENT_ENTRIES: readonly PaymentEntry[] = [
  { party: PAYMENT_PLATFORM.party, open: (settings, parts) => openPlatform(settings as PaymentPlatformSettings, parts) },
  { party: VNPAY.party, open: (settings, parts) => VNPAY.create(settings as VnpaySettings, parts) },
  { party: VNPT_PAY.party, open: (settings, parts) => VNPT_PAY.create(settings as VnptPaySettings, parts) },
];
