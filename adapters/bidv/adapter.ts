import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { QuestionReceiver } from '../../src/callbacks/question-port.js';
import type { DueAnswer } from '../../src/payments/due-port.js';
import type { PaymentGateway, PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import type { PartyLogger } from '../support/party-logger.js';
import { createTokenQuestion } from '../support/token-question.js';
import { createBillQuestion } from './bill-question.js';
import type { BillQuestion } from './bill-question.js';
import { createPaybillReceiver } from './callback.js';
import type { BidvSettings } from './config.js';
import type { DoorSettings } from './door.js';
import { BidvGateway } from './gateway.js';
import { PARTY } from './operations.js';

export interface BidvParts {
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface Bidv {
  /** Null where BIDV is not connected (no BIDV_SERVICES), and so is `callback`; then there are no questions either. */
  readonly gateway: PaymentGateway | null;
  readonly callback: CallbackReceiver<PaymentNotice> | null;
  readonly tokens: readonly QuestionReceiver<'token', null>[];
  readonly bills: readonly QuestionReceiver<BillQuestion, DueAnswer>[];
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Nobody can be asked: it says what is configured. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

type Doors = Pick<Bidv, 'gateway' | 'callback' | 'tokens' | 'bills'>;

const doorsOf = (settings: BidvSettings): Doors => {
  const clients = settings.BIDV_CLIENTS;
  if (settings.BIDV_SERVICES.length === 0 || clients === null) return { gateway: null, callback: null, tokens: [], bills: [] };
  const door: DoorSettings = {
    door: { party: PARTY, clients, lifeMs: settings.BIDV_TOKEN_MS }, services: settings.BIDV_SERVICES, forms: settings.BIDV_CHECKSUM, status: settings.BIDV_HTTP_STATUS,
    addresses: settings.BIDV_ADDRESSES.length === 0 ? null : settings.BIDV_ADDRESSES, now: () => Date.now(),
  };
  const policy = { duplicate: settings.BIDV_DUPLICATE_CODE === '000' ? 'ok' : 'settled', unknownBill: settings.BIDV_UNKNOWN_BILL_CODE === '000' ? 'ok' : 'unknown-bill' } as const;
  return { gateway: new BidvGateway(settings), callback: createPaybillReceiver(door, policy), tokens: [createTokenQuestion(door)], bills: [createBillQuestion(door)] };
};

/** Joins settings to a working adapter. Nothing is ever sent. */
export const createBidv = (settings: BidvSettings, { logger }: BidvParts): Bidv => {
  const doors = doorsOf(settings);
  logger.info({ party: PARTY, connected: doors.gateway !== null }, 'party ready');
  return {
    ...doors,
    pace: { concurrency: 1, ratePerSecond: null },
    probe: () => Promise.resolve({ ok: true, detail: doors.gateway === null ? 'not connected (BIDV_SERVICES is empty)' : `${settings.BIDV_SERVICES.length} service(s); BIDV calls us` }),
    close: () => Promise.resolve(),
  };
};
