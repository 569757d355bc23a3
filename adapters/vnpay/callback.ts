import type { CallbackReceiver, CallbackReply, CallbackRequest, Verification } from '../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import { verifyHmac } from '../support/callback-keys.js';
import type { IpnAnswer } from './errors.js';
import { ipnKey, ipnReply, ipnTime, noticeOf } from './mapping.js';
import { keysOf } from './merchants.js';
import type { Merchant } from './merchants.js';
import { PARTY } from './operations.js';
import { readSignedQuery } from './signed-query.js';
import { ipnFields, MERCHANT_FIELD } from './wire.js';
import type { IpnFields } from './wire.js';

export interface IpnSettings {
  readonly merchants: readonly Merchant[];
  readonly timeWindowMs: number | null;
  readonly addresses: readonly string[];
}

const refused = (reason: string): Verification => ({ kind: 'refused', reason });

const read = (fields: ReadonlyMap<string, string>): IpnFields | null => {
  const parsed = ipnFields.safeParse(Object.fromEntries(fields));
  return parsed.success ? parsed.data : null;
};

const verify = (request: CallbackRequest, merchants: readonly Merchant[]): Verification => {
  const query = readSignedQuery(request.bytes);
  if (typeof query === 'string') return refused(query);
  const merchant = merchants.find(({ tmnCode }) => tmnCode === query.fields.get(MERCHANT_FIELD));
  if (merchant === undefined) return refused('merchant');
  const signed = Buffer.from(query.canonical, 'utf8');
  const verifiedBy = verifyHmac(keysOf(merchant), { algorithm: 'sha512', encoding: 'hex', signed, signature: query.hash });
  if (verifiedBy === null) return refused('signature');
  const fields = read(query.fields);
  // A repeat may come with its parameters in another order, or signed with the other key.
  return fields === null ? refused('shape') : { kind: 'verified', verifiedBy, uniqueKey: ipnKey(fields), partyAt: ipnTime(fields), sameness: signed };
};

/**
 * `state` is the party's "already confirmed": the order is past that word, which is recorded, and another try of it would change nothing.
 * Whatever could not be taken is 99, after which VNPAY comes again.
 */
const ANSWERS: Readonly<Record<string, IpnAnswer>> = { confirmed: 'confirmed', already: 'already', 'unknown-order': 'unknown-order', amount: 'amount', state: 'already' };

const answerOf = (outcome: string, code: string | null): IpnAnswer => {
  if (outcome === 'unverified') return 'signature';
  if (outcome !== 'applied' && outcome !== 'refused') return 'error';
  return ANSWERS[code ?? ''] ?? (outcome === 'applied' ? 'confirmed' : 'error');
};

const replied = (answer: IpnAnswer): CallbackReply => ({ status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(ipnReply(answer)) });

/** The IPN: a GET whose query is signed. VNPAY repeats it until it is answered with 00 or 02. */
export const createIpnReceiver = ({ merchants, timeWindowMs, addresses }: IpnSettings): CallbackReceiver<PaymentNotice> => ({
  party: PARTY,
  kind: 'ipn',
  method: 'GET',
  timeWindowMs,
  addresses: addresses.length === 0 ? null : addresses,
  verify: (request) => verify(request, merchants),
  read: (bytes) => {
    const query = readSignedQuery(bytes);
    const fields = typeof query === 'string' ? null : read(query.fields);
    return fields === null ? null : noticeOf(fields);
  },
  reply: (outcome, code) => replied(answerOf(outcome, code)),
  repeated: (first) => (first.body === replied('confirmed').body ? replied('already') : first),
});
