import type { CallbackReceiver, CallbackReply, CallbackRequest, Verification } from '../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import type { PaymentPlatformSettings } from './config.js';
import { codeText, SUCCESS } from './errors.js';
import { confirmKey, confirmSameness, confirmTime, confirmValues, noticeOf } from './mapping.js';
import { confirmReply, isWellShaped, partnerOf, readConfirmation, signatureOf, typeOf } from './mapping-reply.js';
import { PARTY } from './operations.js';
import { keysOf } from './partners.js';
import { verify } from './signature.js';
import type { Confirmation } from './wire.js';

const refused = (reason: string): Verification => ({ kind: 'refused', reason });

const verification = ({ bytes }: CallbackRequest, settings: PaymentPlatformSettings): Verification => {
  const message = readConfirmation(bytes);
  if (message === null) return refused('shape');
  const partner = settings.PAYMENT_PLATFORM_PARTNERS.find(({ partnerCode }) => partnerCode === partnerOf(message));
  if (partner === undefined) return refused('partner');
  const verifiedBy = verify(confirmValues(message), signatureOf(message), keysOf(partner));
  if (verifiedBy === null) return refused('signature');
  // An answer to our QUERY is signed in the same order: it must not be taken for a callback.
  if (!settings.PAYMENT_PLATFORM_CONFIRM_TYPES.includes(typeOf(message))) return refused('type');
  if (!isWellShaped(message)) return refused('shape');
  return { kind: 'verified', verifiedBy, uniqueKey: confirmKey(message), partyAt: confirmTime(message), sameness: confirmSameness(message) };
};

const FAILED = '99';

/**
 * Only 00 and 99 are known as answers. What was recorded is 00, a failed payment and one that is past this word included: another try of the same
 * message would change nothing. Everything else is 99.
 */
const TAKEN: ReadonlySet<string> = new Set(['confirmed', 'already', 'state']);

const codeFor = (outcome: string, code: string | null): typeof SUCCESS | typeof FAILED => {
  if (outcome !== 'applied' && outcome !== 'refused') return FAILED;
  return TAKEN.has(code ?? '') || (code === null && outcome === 'applied') ? SUCCESS : FAILED;
};

const WORDS: Readonly<Record<string, string>> = { 'unknown-order': 'Không tìm thấy giao dịch', amount: 'Số tiền không khớp', unverified: 'Chữ ký không hợp lệ', unreadable: 'Dữ liệu không đúng định dạng' };

const replied = (outcome: string, code: string | null, message: Confirmation | null): CallbackReply => {
  const answer = codeFor(outcome, code);
  const words = (outcome === 'unverified' ? WORDS[outcome] : WORDS[code ?? outcome]) ?? codeText(answer) ?? '';
  return { status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(confirmReply(answer, words, message)) };
};

/** CONFIRM: a signed POST, answered with its own fields. Nothing is repeated to a stranger. */
export const createConfirmReceiver = (settings: PaymentPlatformSettings): CallbackReceiver<PaymentNotice> => ({
  party: PARTY,
  kind: 'confirm',
  method: 'POST',
  timeWindowMs: settings.PAYMENT_PLATFORM_CONFIRM_WINDOW_MS,
  addresses: settings.PAYMENT_PLATFORM_CONFIRM_ADDRESSES.length === 0 ? null : settings.PAYMENT_PLATFORM_CONFIRM_ADDRESSES,
  verify: (request) => verification(request, settings),
  read: (bytes) => {
    const message = readConfirmation(bytes);
    return message === null ? null : noticeOf(message, { failedCodes: settings.PAYMENT_PLATFORM_FAILED_CODES, notFoundCodes: settings.PAYMENT_PLATFORM_NOT_FOUND_CODES });
  },
  reply: (outcome, code, bytes) => replied(outcome, code, bytes === undefined || outcome === 'unverified' ? null : readConfirmation(bytes)),
});
