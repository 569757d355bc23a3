import type { QuestionReceiver } from '../../src/callbacks/question-port.js';
import type { DueAnswer } from '../../src/payments/due-port.js';
import { admit, readBody, replied } from './door.js';
import type { DoorSettings } from './door.js';
import { refusalOf } from './errors.js';
import { billReply, dueResult, getbillValues, referenceIn } from './mapping.js';
import { PARTY } from './operations.js';
import { getbillBody } from './wire.js';

/** What BIDV asks before a citizen pays. */
export interface BillQuestion {
  readonly reference: string;
  /** As the citizen typed it; BIDV wants it back. */
  readonly typed: string;
  /** Whose secret vouched for the question. */
  readonly serviceId: string;
}

const FAILURES = { unreadable: 'missing', 'too-large': 'missing', unavailable: 'error' } as const;

/** `getbill`: what is due under a reference. */
export const createBillQuestion = (settings: DoorSettings): QuestionReceiver<BillQuestion, DueAnswer> => ({
  party: PARTY,
  kind: 'getbill',
  method: 'POST',
  addresses: settings.addresses,
  verify: (request) => {
    const admission = admit(settings, request, { schema: getbillBody, valuesOf: getbillValues });
    return admission.kind === 'refused' ? admission : { kind: 'verified', verifiedBy: admission.verifiedBy };
  },
  read: (bytes) => {
    const body = readBody(getbillBody, bytes);
    return body === null ? null : { reference: referenceIn(body.customer_id), typed: body.customer_id, serviceId: body.service_id };
  },
  reply: (answer, { typed }) => replied(dueResult(answer), settings.status, billReply(answer, typed)),
  fail: (why, reason) => replied(why === 'unverified' ? refusalOf(reason) : FAILURES[why], settings.status),
});
