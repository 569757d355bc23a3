import type { ReceiptIssuer } from '../../src/receipts/receipt-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import { ReceiptClient } from './client.js';
import type { VnptReceiptSettings } from './config.js';
import { VnptReceiptIssuer } from './issuer.js';
import { PARTY } from './operations.js';

export interface VnptReceiptParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface VnptReceipt {
  /** Null where no receipts are issued (no VNPT_RECEIPT_URL). */
  readonly issuer: ReceiptIssuer | null;
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

const connect = (settings: VnptReceiptSettings, circuits: CircuitBoard): { readonly client: ReceiptClient; readonly issuer: VnptReceiptIssuer } => {
  const client = new ReceiptClient(settings, circuits);
  return { client, issuer: new VnptReceiptIssuer(settings, client) };
};

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createVnptReceipt = (settings: VnptReceiptSettings, { circuits, logger }: VnptReceiptParts): VnptReceipt => {
  const connection = settings.VNPT_RECEIPT_URL === '' ? null : connect(settings, circuits);
  logger.info({ party: PARTY, connected: connection !== null }, 'party ready');
  return {
    issuer: connection?.issuer ?? null,
    pace: { concurrency: settings.VNPT_RECEIPT_CONCURRENCY, ratePerSecond: settings.VNPT_RECEIPT_RATE_PER_SECOND },
    probe: async () => {
      if (connection === null) return { ok: true, detail: 'not connected (VNPT_RECEIPT_URL is empty)' };
      return probed((call) => connection.issuer.check(call));
    },
    close: async () => { await connection?.client.close(); },
  };
};
