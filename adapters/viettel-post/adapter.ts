import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { CarrierClaim, PostalCarrier } from '../../src/postal/postal-carrier-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import { createWebhookReceiver } from './callback.js';
import { ViettelPostCarrier } from './carrier.js';
import { ViettelPostClient } from './client.js';
import type { ViettelPostSettings } from './config.js';
import { PARTY } from './operations.js';

export interface ViettelPostParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface ViettelPost {
  /** Null where Viettel Post is not connected (no VIETTEL_POST_URL), and so is `claims`. */
  readonly carrier: PostalCarrier | null;
  /** Null without a secret, too. */
  readonly claims: CallbackReceiver<CarrierClaim> | null;
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

const claimsOf = (settings: ViettelPostSettings): CallbackReceiver<CarrierClaim> | null => {
  const secrets = settings.VIETTEL_POST_WEBHOOK_SECRETS;
  const addresses = settings.VIETTEL_POST_WEBHOOK_ADDRESSES.length === 0 ? null : settings.VIETTEL_POST_WEBHOOK_ADDRESSES;
  return secrets === null ? null : createWebhookReceiver({ secrets, addresses });
};

const connect = (settings: ViettelPostSettings, circuits: CircuitBoard) => {
  const client = new ViettelPostClient(settings, circuits);
  const claims = claimsOf(settings);
  return { client, claims, carrier: new ViettelPostCarrier(settings, client, claims !== null) };
};

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createViettelPost = (settings: ViettelPostSettings, { circuits, logger }: ViettelPostParts): ViettelPost => {
  const connection = settings.VIETTEL_POST_URL === '' ? null : connect(settings, circuits);
  logger.info({ party: PARTY, connected: connection !== null, webhooks: connection !== null && connection.claims !== null }, 'party ready');
  return {
    carrier: connection?.carrier ?? null,
    claims: connection?.claims ?? null,
    pace: { concurrency: settings.VIETTEL_POST_CONCURRENCY, ratePerSecond: settings.VIETTEL_POST_RATE_PER_SECOND },
    probe: async () => {
      if (connection === null) return { ok: true, detail: 'not connected (VIETTEL_POST_URL is empty)' };
      return probed((call) => connection.carrier.check(call));
    },
    close: async () => { await connection?.client.close(); },
  };
};
