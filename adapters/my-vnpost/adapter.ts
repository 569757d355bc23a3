import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { CarrierClaim, PostalCarrier } from '../../src/postal/postal-carrier-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import { createWebhookReceiver } from './callback.js';
import { MyVnpostCarrier } from './carrier.js';
import { MyVnpostClient } from './client.js';
import type { MyVnpostSettings } from './config.js';
import { PARTY } from './operations.js';

export interface MyVnpostParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface MyVnpost {
  /** Null where MyVNPost is not connected (no MY_VNPOST_URL), and so is `claims`. */
  readonly carrier: PostalCarrier | null;
  /** Null without a secret and without addresses, too. */
  readonly claims: CallbackReceiver<CarrierClaim> | null;
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

const claimsOf = (settings: MyVnpostSettings): CallbackReceiver<CarrierClaim> | null => {
  const secrets = settings.MY_VNPOST_WEBHOOK_SECRETS;
  const addresses = settings.MY_VNPOST_WEBHOOK_ADDRESSES.length === 0 ? null : settings.MY_VNPOST_WEBHOOK_ADDRESSES;
  return secrets === null && addresses === null ? null : createWebhookReceiver({ secrets, addresses, signingKey: settings.MY_VNPOST_WEBHOOK_KEY_FILE });
};

const connect = (settings: MyVnpostSettings, circuits: CircuitBoard) => {
  const client = new MyVnpostClient(settings, circuits);
  const claims = claimsOf(settings);
  return { client, claims, carrier: new MyVnpostCarrier(settings, client, claims !== null) };
};

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createMyVnpost = (settings: MyVnpostSettings, { circuits, logger }: MyVnpostParts): MyVnpost => {
  const connection = settings.MY_VNPOST_URL === '' ? null : connect(settings, circuits);
  logger.info({ party: PARTY, connected: connection !== null, webhooks: connection !== null && connection.claims !== null }, 'party ready');
  return {
    carrier: connection?.carrier ?? null,
    claims: connection?.claims ?? null,
    pace: { concurrency: settings.MY_VNPOST_CONCURRENCY, ratePerSecond: settings.MY_VNPOST_RATE_PER_SECOND },
    probe: async () => {
      if (connection === null) return { ok: true, detail: 'not connected (MY_VNPOST_URL is empty)' };
      return probed((call) => connection.carrier.check(call));
    },
    close: async () => { await connection?.client.close(); },
  };
};
