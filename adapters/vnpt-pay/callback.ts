import type { CallbackOutcome, CallbackReceiver, CallbackReply, CallbackRequest, Verification } from '../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import type { IpnAnswer } from './errors.js';
import { readIpnForm } from './ipn-form.js';
import { ipnAnswer, ipnKey, ipnService, ipnSignature, ipnStrictValues, ipnTime, ipnValues, noticeOf, orderOf, readAnswer } from './mapping-ipn.js';
import type { Answered } from './mapping-ipn.js';
import { keysOf } from './merchants.js';
import type { Merchant } from './merchants.js';
import { PARTY } from './operations.js';
import { hasSeparator, verifySigned } from './signature.js';

export interface IpnSettings {
  readonly merchants: readonly Merchant[];
  /** What the message may call itself. */
  readonly actions: readonly string[];
  readonly timeWindowMs: number | null;
  readonly addresses: readonly string[];
  readonly now: () => Date;
}

interface Vouched {
  readonly fields: ReadonlyMap<string, string>;
  readonly merchant: Merchant;
  /** Id of the secret that signed it. */
  readonly verifiedBy: string;
}

const vouch = (bytes: Buffer, merchants: readonly Merchant[]): Vouched | string => {
  const fields = readIpnForm(bytes);
  if (fields === null) return 'shape';
  const merchant = merchants.find(({ merchantServiceId }) => merchantServiceId === ipnService(fields));
  if (merchant === undefined) return 'merchant';
  if (ipnStrictValues(fields).some(hasSeparator)) return 'shape';
  const verifiedBy = verifySigned(keysOf(merchant), ipnValues(fields), ipnSignature(fields));
  return verifiedBy === null ? 'signature' : { fields, merchant, verifiedBy };
};

const verify = ({ bytes }: CallbackRequest, merchants: readonly Merchant[]): Verification => {
  const vouched = vouch(bytes, merchants);
  if (typeof vouched === 'string') return { kind: 'refused', reason: vouched };
  const { fields, verifiedBy } = vouched;
  // A repeat may come in another dress, with more fields that nobody signs, or under the other secret.
  return { kind: 'verified', verifiedBy, uniqueKey: ipnKey(fields), partyAt: ipnTime(fields), sameness: Buffer.from(JSON.stringify(ipnValues(fields)), 'utf8') };
};

const secretOf = (merchant: Merchant, keyId: string | null): string => keysOf(merchant).find(({ id }) => id === keyId)?.secret ?? merchant.secret;

const answeredTo = (bytes: Buffer | undefined, merchants: readonly Merchant[]): Answered | null => {
  const vouched = bytes === undefined ? 'shape' : vouch(bytes, merchants);
  if (typeof vouched === 'string') return null;
  const { fields, merchant, verifiedBy } = vouched;
  return { merchantServiceId: merchant.merchantServiceId, reference: orderOf(fields), secret: secretOf(merchant, verifiedBy) };
};

/**
 * `state` is the party's "already confirmed": the order is past that word, which is recorded, and another try of it would change nothing. It
 * has no word for a wrong amount, which is "other error", as is all that could not be read.
 */
const ANSWERS: Readonly<Record<string, IpnAnswer>> = { confirmed: 'confirmed', already: 'already', 'unknown-order': 'unknown-order', amount: 'error', state: 'already' };

const answerOf = (outcome: CallbackOutcome, code: string | null): IpnAnswer => {
  if (outcome === 'unverified') return 'signature';
  if (outcome === 'unavailable') return 'busy';
  if (outcome !== 'applied' && outcome !== 'refused') return 'error';
  return ANSWERS[code ?? ''] ?? (outcome === 'applied' ? 'confirmed' : 'error');
};

/** The IPN: a POST that is signed within, and whose answer is signed with the secret that vouched for it. */
export const createIpnReceiver = ({ merchants, actions, timeWindowMs, addresses, now }: IpnSettings): CallbackReceiver<PaymentNotice> => {
  const replied = (answer: IpnAnswer, to: Answered | null): CallbackReply =>
    ({ status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(ipnAnswer(answer, to, now())) });
  /** Under the secret of the first answer: a repeat comes from whoever sent the message. */
  const repeated = (first: CallbackReply): CallbackReply => {
    const said = readAnswer(first.body);
    const merchant = merchants.find(({ merchantServiceId }) => merchantServiceId === said?.merchantServiceId);
    if (said === null || merchant === undefined || !said.isConfirmed) return first;
    const secret = secretOf(merchant, verifySigned(keysOf(merchant), said.values, said.signature));
    return replied('already', { merchantServiceId: merchant.merchantServiceId, reference: said.reference, secret });
  };
  return {
    party: PARTY, kind: 'ipn', method: 'POST', timeWindowMs, addresses: addresses.length === 0 ? null : addresses,
    verify: (request) => verify(request, merchants),
    read: (bytes) => {
      const fields = readIpnForm(bytes);
      return fields === null ? null : noticeOf(fields, actions);
    },
    reply: (outcome, code, bytes) => replied(answerOf(outcome, code), answeredTo(bytes, merchants)),
    repeated,
  };
};
