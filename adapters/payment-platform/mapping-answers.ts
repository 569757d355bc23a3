import type { GatewayReceipt } from '../../src/payments/gateway-receipt-port.js';
import type { RawReply } from '../support/http-transport.js';
import { replyStatus, trustedJson } from '../support/json-reply.js';
import { SignalError, unreadable } from '../support/signals.js';
import { SUCCESS, verdictOf } from './errors.js';
import type { Verdict } from './errors.js';
import { confirmValues, hasNoState, isAbout } from './mapping.js';
import { unwrapped } from './mapping-reply.js';
import { keysOf } from './partners.js';
import type { Partner } from './partners.js';
import { verify } from './signature.js';
import { billReply, initReply, queryReply } from './wire.js';
import type { QueryReply } from './wire.js';

interface Read<T> {
  readonly value: T;
  readonly body: unknown;
}

export interface Opening {
  readonly verdict: Extract<Verdict, 'success' | 'refused' | 'exists' | 'key'>;
  readonly code: string;
  readonly words: string;
  readonly payUrl: string;
}

const jsonOf = (reply: RawReply): unknown => unwrapped(trustedJson(reply));

/** The answer of INIT. Nothing of it is signed in a way that is known, so it must at least name our order. */
export const readOpening = (reply: RawReply, reference: string): Read<Opening> => {
  const body = jsonOf(reply);
  const parsed = initReply.safeParse(body);
  if (!parsed.success) throw unreadable('reply-shape', body);
  const { MaLoi: code, MoTaLoi: words, MaThamChieu: about, UrlThanhToan: payUrl } = parsed.data;
  const verdict = verdictOf(code);
  if (verdict === 'busy') throw new SignalError({ kind: 'busy' }, { body });
  if (verdict === 'unlisted') throw unreadable('code-unlisted', body);
  if (about !== '' && about !== reference) throw unreadable('other-order', body);
  if (verdict === 'success' && payUrl === '') throw unreadable('no-pay-url', body);
  return { value: { verdict, code, words, payUrl }, body };
};

export type Asked =
  | { readonly kind: 'word'; readonly reply: QueryReply }
  /** `unclear`: an unlisted code without a state, which says nothing of the payment. */
  | { readonly kind: 'not-found' | 'unclear' | 'key'; readonly code: string };

export interface AskTerms {
  readonly reference: string;
  readonly partner: Partner;
  readonly notFoundCodes: readonly string[];
  /** Whether an answer must be signed as a callback is. */
  readonly signed: boolean;
}

/** The answer of QUERY. A state counts only where the answer names our order. */
export const readWord = (reply: RawReply, terms: AskTerms): Read<Asked> => {
  const body = jsonOf(reply);
  const parsed = queryReply.safeParse(body);
  if (!parsed.success) throw unreadable('reply-shape', body);
  const { MaLoi: code, MaXacThuc: signature } = parsed.data;
  if (hasNoState(parsed.data) && code !== SUCCESS) {
    if (terms.notFoundCodes.includes(code)) return { value: { kind: 'not-found', code }, body };
    const verdict = verdictOf(code);
    if (verdict === 'key') return { value: { kind: 'key', code }, body };
    if (verdict === 'busy') throw new SignalError({ kind: 'busy' }, { body });
    return { value: { kind: 'unclear', code }, body };
  }
  if (terms.signed && verify(confirmValues(parsed.data), signature, keysOf(terms.partner)) === null) throw unreadable('signature', body);
  if (!isAbout(parsed.data, { reference: terms.reference, partnerCode: terms.partner.partnerCode })) throw unreadable('other-order', body);
  return { value: { kind: 'word', reply: parsed.data }, body };
};

const PDF_MARK = Buffer.from('%PDF-');
const PDF_END = Buffer.from('%%EOF');
/** Where readers of PDF look for its end. */
const PDF_TAIL_BYTES = 1_024;

const isWhole = (body: Buffer): boolean => body.subarray(-PDF_TAIL_BYTES).includes(PDF_END);

/** One known client reads a PDF, the other JSON with a code. */
export const readBill = (reply: RawReply): Read<GatewayReceipt> => {
  if (reply.status === 200 && reply.body.subarray(0, PDF_MARK.length).equals(PDF_MARK)) {
    // Cut off on its way it would be handed to a citizen as a broken file.
    if (!isWhole(reply.body)) throw unreadable('pdf-cut');
    return { value: { kind: 'pdf', bytes: reply.body }, body: { bytes: reply.body.length } };
  }
  if (reply.contentType.includes('application/pdf')) throw reply.status === 200 ? unreadable('no-pdf') : replyStatus(reply);
  const body = jsonOf(reply);
  const parsed = billReply.safeParse(body);
  if (!parsed.success) throw unreadable('reply-shape', body);
  const { MaLoi: code } = parsed.data;
  return { value: code === SUCCESS ? { kind: 'fields', fields: parsed.data } : { kind: 'none', code }, body };
};
