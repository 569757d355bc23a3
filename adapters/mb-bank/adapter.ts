import type { AccountNamePort } from '../../src/bank-accounts/account-name-port.js';
import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { QuestionReceiver } from '../../src/callbacks/question-port.js';
import type { BankMovement } from '../../src/payments/bank-credit-port.js';
import type { CircuitBoard } from '../support/circuit-board.js';
import type { TokenDoor } from '../support/issued-tokens.js';
import type { PartyLogger } from '../support/party-logger.js';
import { probed } from '../support/party-probe.js';
import { createTokenQuestion } from '../support/token-question.js';
import { createPushReceiver } from './callback.js';
import type { MbBankSettings } from './config.js';
import { MbEnquiry } from './enquiry.js';
import { PARTY } from './operations.js';

export interface MbBankParts {
  readonly circuits: CircuitBoard;
  readonly logger: PartyLogger;
}

/** What the composition root gets of this party. */
export interface MbBank {
  /** MB tells of credits; what asks for them is a VietQR code. */
  readonly gateway: null;
  readonly callback: null;
  /** Empty where no pushes are taken (no MB_BANK_PUSH_CLIENTS), and so are `tokens`. */
  readonly credits: readonly CallbackReceiver<BankMovement>[];
  readonly tokens: readonly QuestionReceiver<'token', null>[];
  /** Empty where nobody is to be asked (no MB_BANK_URL). */
  readonly accountNames: readonly AccountNamePort[];
  readonly pace: { readonly concurrency: number; readonly ratePerSecond: number | null };
  /** Really asks the party. Never rejects; `detail` is one line for an operator, without secrets. */
  probe(): Promise<{ readonly ok: boolean; readonly detail: string }>;
  close(): Promise<void>;
}

const pushesOf = (settings: MbBankSettings): Pick<MbBank, 'credits' | 'tokens'> => {
  const clients = settings.MB_BANK_PUSH_CLIENTS;
  if (clients === null) return { credits: [], tokens: [] };
  const door: TokenDoor = { party: PARTY, clients, lifeMs: settings.MB_BANK_PUSH_TOKEN_MS };
  const addresses = settings.MB_BANK_PUSH_ADDRESSES.length === 0 ? null : settings.MB_BANK_PUSH_ADDRESSES;
  const parts = { door, addresses, now: () => Date.now() };
  return { credits: [createPushReceiver(parts)], tokens: [createTokenQuestion(parts)] };
};

/** Joins settings to a working adapter. Nothing is sent before the first call. */
export const createMbBank = (settings: MbBankSettings, { circuits, logger }: MbBankParts): MbBank => {
  const enquiry = settings.MB_BANK_URL === '' ? null : new MbEnquiry(settings, circuits);
  const pushes = pushesOf(settings);
  logger.info({ party: PARTY, enquiry: enquiry !== null, pushes: pushes.credits.length > 0 }, 'party ready');
  return {
    gateway: null, callback: null, ...pushes,
    accountNames: enquiry === null ? [] : [enquiry],
    pace: { concurrency: settings.MB_BANK_CONCURRENCY, ratePerSecond: settings.MB_BANK_RATE_PER_SECOND },
    probe: async () => {
      if (enquiry === null) return { ok: true, detail: 'no enquiry is connected (MB_BANK_URL is empty)' };
      return probed(async (call) => {
        await enquiry.check(call);
        return 'logged in';
      });
    },
    close: async () => { await enquiry?.close(); },
  };
};
