import type { AccountNamePort } from '../../src/bank-accounts/account-name-port.js';
import type { PaymentGateway } from '../../src/payments/payment-gateway-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import type { VietqrSettings } from './config.js';
import { VietqrGateway } from './gateway.js';
import { VietqrLookup } from './lookup.js';
import { PARTY } from './operations.js';

export interface VietqrParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface Vietqr {
  /** Null where such payments are switched off (VIETQR_PAYMENTS). */
  readonly gateway: PaymentGateway | null;
  /** A code has no callback: the bank of the account tells. */
  readonly callback: null;
  /** Empty where nobody is to be asked (no VIETQR_URL). */
  readonly accountNames: readonly AccountNamePort[];
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

/** The account of the sample in the documents of vietqr.io; any answer at all proves that our key is good. */
const SAMPLE = { bankBin: '970415', number: '113366668888' } as const;

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createVietqr = (settings: VietqrSettings, { circuits, logger }: VietqrParts): Vietqr => {
  const lookup = settings.VIETQR_URL === '' ? null : new VietqrLookup(settings, circuits);
  logger.info({ party: PARTY, payments: settings.VIETQR_PAYMENTS, lookup: lookup !== null }, 'party ready');
  return {
    gateway: settings.VIETQR_PAYMENTS ? new VietqrGateway(settings) : null,
    callback: null,
    accountNames: lookup === null ? [] : [lookup],
    pace: { concurrency: settings.VIETQR_CONCURRENCY, ratePerSecond: settings.VIETQR_RATE_PER_SECOND },
    probe: async () => {
      if (lookup === null) return { ok: true, detail: 'no look-up is connected (VIETQR_URL is empty)' };
      return probed(async (call) => {
        const { kind } = await lookup.nameOf(SAMPLE, call);
        return `the look-up answers (${kind})`;
      });
    },
    close: async () => { await lookup?.close(); },
  };
};
