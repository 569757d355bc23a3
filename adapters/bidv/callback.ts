import type { CallbackReceiver } from '../../src/callbacks/callback-receiver-port.js';
import type { PaymentNotice } from '../../src/payments/payment-gateway-port.js';
import { admit, readBody, replied } from './door.js';
import type { DoorSettings } from './door.js';
import { paybillResult } from './errors.js';
import type { PaybillPolicy } from './errors.js';
import { identityOf, noticeOf, paybillValues } from './mapping.js';
import { PARTY } from './operations.js';
import { paybillBody } from './wire.js';

/** `paybill`: money was taken for a bill. A refusal makes the bank give it back. */
export const createPaybillReceiver = (settings: DoorSettings, policy: PaybillPolicy): CallbackReceiver<PaymentNotice> => ({
  party: PARTY,
  kind: 'paybill',
  method: 'POST',
  // trans_date is that of the transfer, not of the message, and is under no checksum.
  timeWindowMs: null,
  addresses: settings.addresses,
  verify: (request) => {
    const admission = admit(settings, request, { schema: paybillBody, valuesOf: paybillValues });
    if (admission.kind === 'refused') return admission;
    return { kind: 'verified', verifiedBy: admission.verifiedBy, partyAt: null, ...identityOf(admission.body) };
  },
  read: (bytes) => {
    const body = readBody(paybillBody, bytes);
    return body === null ? null : { ...noticeOf(body), secondGoesBack: policy.duplicate === 'settled' };
  },
  reply: (outcome, code) => replied(paybillResult(outcome, code, policy), settings.status),
});
