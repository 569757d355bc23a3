import type { CallbackReply } from '../../src/callbacks/callback-receiver-port.js';
import type { QuestionFailure, QuestionReceiver, QuestionVerification } from '../../src/callbacks/question-port.js';
import type { DueAnswer } from '../../src/payments/due-port.js';
import { verifyToken } from '../support/callback-keys.js';
import type { PaymentPlatformSettings } from './config.js';
import { dueDossierOf, dueFailure, dueReply } from './mapping-due.js';
import { PARTY } from './operations.js';
import { receiptTerms } from './terms.js';

/** What the portal asks: what does this dossier owe? */
export interface DueQuestion {
  readonly dossierCode: string;
}

const FAILURES: Readonly<Record<QuestionFailure, readonly [number, string]>> = {
  unverified: [401, 'Không được phép'], unreadable: [400, 'Dữ liệu không đúng định dạng'], unavailable: [503, 'Hệ thống bận, thử lại sau'], 'too-large': [413, 'Dữ liệu quá lớn'],
};

const json = (status: number, body: object): CallbackReply => ({ status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) });

const tokenOf = (header: string | undefined): string => (header === undefined ? '' : (/^Bearer +(\S+)$/i.exec(header)?.[1] ?? ''));

/** Null where neither a token nor an address is configured: how the portal proves itself is not known, and nobody is answered unproven. */
export const createDueReceiver = (settings: PaymentPlatformSettings, now: () => Date): QuestionReceiver<DueQuestion, DueAnswer> | null => {
  const { PAYMENT_PLATFORM_DUE_TOKENS: tokens, PAYMENT_PLATFORM_DUE_ADDRESSES: addresses } = settings;
  if (tokens === null && addresses.length === 0) return null;
  const terms = { ...receiptTerms(settings), payer: settings.PAYMENT_PLATFORM_DUE_PAYER };
  return {
    party: PARTY,
    kind: 'due',
    method: 'POST',
    addresses: addresses.length === 0 ? null : addresses,
    verify: ({ headers }): QuestionVerification => {
      if (tokens === null) return { kind: 'verified', verifiedBy: 'address' };
      const verifiedBy = verifyToken(tokens, tokenOf(headers['authorization']));
      return verifiedBy === null ? { kind: 'refused', reason: 'token' } : { kind: 'verified', verifiedBy };
    },
    read: (bytes) => {
      const dossierCode = dueDossierOf(bytes);
      return dossierCode === null ? null : { dossierCode };
    },
    reply: (answer) => json(200, dueReply(answer, terms, now())),
    fail: (why) => {
      const [status, words] = FAILURES[why];
      return json(status, dueFailure(words));
    },
  };
};
