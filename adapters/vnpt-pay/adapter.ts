import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { PaymentGateway, PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import { createIpnReceiver } from './callback.js';
import { VnptPayClient } from './client.js';
import type { VnptPaySettings } from './config.js';
import { VnptPayGateway } from './gateway.js';
import { PARTY } from './operations.js';

export interface VnptPayParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface VnptPay {
  /** Null where VNPT Pay is not connected (no VNPT_PAY_URL), and so is `callback`. */
  readonly gateway: PaymentGateway | null;
  readonly callback: CallbackReceiver<PaymentNotice> | null;
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

const connect = (settings: VnptPaySettings, circuits: CircuitBoard): { readonly client: VnptPayClient; readonly gateway: VnptPayGateway } => {
  const client = new VnptPayClient(settings, circuits);
  return { client, gateway: new VnptPayGateway(settings, client) };
};

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createVnptPay = (settings: VnptPaySettings, { circuits, logger }: VnptPayParts): VnptPay => {
  const connection = settings.VNPT_PAY_URL === '' ? null : connect(settings, circuits);
  logger.info({ party: PARTY, connected: connection !== null }, 'party ready');
  return {
    gateway: connection?.gateway ?? null,
    callback: connection === null ? null : createIpnReceiver({
      merchants: settings.VNPT_PAY_MERCHANTS, actions: settings.VNPT_PAY_IPN_ACTIONS, timeWindowMs: settings.VNPT_PAY_IPN_WINDOW_MS,
      addresses: settings.VNPT_PAY_IPN_ADDRESSES, now: () => new Date(),
    }),
    pace: { concurrency: settings.VNPT_PAY_CONCURRENCY, ratePerSecond: settings.VNPT_PAY_RATE_PER_SECOND },
    probe: async () => {
      if (connection === null) return { ok: true, detail: 'not connected (VNPT_PAY_URL is empty)' };
      return probed((call) => connection.gateway.check(call));
    },
    close: async () => { await connection?.client.close(); },
  };
};
