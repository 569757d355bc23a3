import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { QuestionReceiver } from '../../src/callbacks/question-port.js';
import type { DueAnswer } from '../../src/payments/due-port.js';
import type { GatewayReceipts } from '../../src/payments/gateway-receipt-port.js';
import type { PaymentGateway, PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import { createConfirmReceiver } from './callback.js';
import { PlatformClient } from './client.js';
import type { PaymentPlatformSettings } from './config.js';
import { createDueReceiver } from './due-question.js';
import type { DueQuestion } from './due-question.js';
import { PlatformGateway } from './gateway.js';
import { PARTY } from './operations.js';

export interface PaymentPlatformParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface PaymentPlatform {
  /** Null where the platform is not connected (no PAYMENT_PLATFORM_URL), and so is `callback`. */
  readonly gateway: PaymentGateway | null;
  readonly callback: CallbackReceiver<PaymentNotice> | null;
  /** What a dossier owes; null where nobody may ask. It needs no connection of ours. */
  readonly dueQuestion: QuestionReceiver<DueQuestion, DueAnswer> | null;
  /** Null without PAYMENT_PLATFORM_BILL_URL. */
  readonly receipts: GatewayReceipts | null;
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

const connect = (settings: PaymentPlatformSettings, circuits: CircuitBoard): { readonly client: PlatformClient; readonly gateway: PlatformGateway } => {
  const client = new PlatformClient(settings, circuits);
  return { client, gateway: new PlatformGateway(settings, client) };
};

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createPaymentPlatform = (settings: PaymentPlatformSettings, { circuits, logger }: PaymentPlatformParts): PaymentPlatform => {
  const connection = settings.PAYMENT_PLATFORM_URL === '' ? null : connect(settings, circuits);
  logger.info({ party: PARTY, connected: connection !== null }, 'party ready');
  return {
    gateway: connection?.gateway ?? null,
    callback: connection === null ? null : createConfirmReceiver(settings),
    dueQuestion: createDueReceiver(settings, () => new Date()),
    receipts: connection === null || settings.PAYMENT_PLATFORM_BILL_URL === '' ? null : connection.gateway,
    pace: { concurrency: settings.PAYMENT_PLATFORM_CONCURRENCY, ratePerSecond: settings.PAYMENT_PLATFORM_RATE_PER_SECOND },
    probe: async () => {
      if (connection === null) return { ok: true, detail: 'not connected (PAYMENT_PLATFORM_URL is empty)' };
      return probed((call) => connection.gateway.check(call));
    },
    close: async () => { await connection?.client.close(); },
  };
};
