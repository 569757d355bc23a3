import type { PostalCarrier } from '../../src/postal/postal-carrier-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import { VnpostCarrier } from './carrier.js';
import { VnpostClient } from './client.js';
import type { VnpostSettings } from './config.js';
import { PARTY } from './operations.js';
import { createTrackingFeed } from './tracking-feed.js';

export interface VnpostParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
  /** Milliseconds since 1970; the clock unless told. */
  readonly now?: () => number;
}

/** What the composition root gets of this party. */
export interface Vnpost {
  /** Null where it is not connected (no VNPOST_URL). */
  readonly carrier: PostalCarrier | null;
  /** It never calls us. */
  readonly claims: null;
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

const connect = (settings: VnpostSettings, { circuits, logger, now = Date.now }: VnpostParts) => {
  const client = new VnpostClient(settings, circuits);
  return { client, carrier: new VnpostCarrier(settings, client, createTrackingFeed({ settings, client, logger, now })) };
};

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createVnpost = (settings: VnpostSettings, parts: VnpostParts): Vnpost => {
  const connection = settings.VNPOST_URL === '' ? null : connect(settings, parts);
  parts.logger.info({ party: PARTY, connected: connection !== null }, 'party ready');
  return {
    carrier: connection?.carrier ?? null,
    claims: null,
    pace: { concurrency: settings.VNPOST_CONCURRENCY, ratePerSecond: settings.VNPOST_RATE_PER_SECOND },
    probe: async () => {
      if (connection === null) return { ok: true, detail: 'not connected (VNPOST_URL is empty)' };
      const { feed } = connection.carrier;
      return probed(async (call) => {
        await feed.next(feed.start, call);
        return 'log-in and tracking accepted';
      });
    },
    close: async () => { await connection?.client.close(); },
  };
};
