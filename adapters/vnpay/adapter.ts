import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { PaymentGateway, PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import { createIpnReceiver } from './callback.js';
import { VnpayClient } from './client.js';
import type { VnpaySettings } from './config.js';
import { VnpayGateway } from './gateway.js';
import { PARTY } from './operations.js';

export interface VnpayParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface Vnpay {
  /** Null where VNPAY is not connected (no VNPAY_URL), and so is `callback`. */
  readonly gateway: PaymentGateway | null;
  readonly callback: CallbackReceiver<PaymentNotice> | null;
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

const connect = (settings: VnpaySettings, circuits: CircuitBoard): { readonly client: VnpayClient; readonly gateway: VnpayGateway } => {
  const client = new VnpayClient(settings, circuits);
  return { client, gateway: new VnpayGateway(settings, client) };
};

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createVnpay = (settings: VnpaySettings, { circuits, logger }: VnpayParts): Vnpay => {
  const connection = settings.VNPAY_URL === '' ? null : connect(settings, circuits);
  logger.info({ party: PARTY, connected: connection !== null }, 'party ready');
  return {
    gateway: connection?.gateway ?? null,
    callback: connection === null ? null : createIpnReceiver({
      merchants: settings.VNPAY_MERCHANTS, timeWindowMs: settings.VNPAY_IPN_WINDOW_MS, addresses: settings.VNPAY_IPN_ADDRESSES,
    }),
    pace: { concurrency: settings.VNPAY_CONCURRENCY, ratePerSecond: settings.VNPAY_RATE_PER_SECOND },
    probe: async () => {
      if (connection === null) return { ok: true, detail: 'not connected (VNPAY_URL is empty)' };
      return probed((call) => connection.gateway.check(call));
    },
    close: async () => { await connection?.client.close(); },
  };
};
