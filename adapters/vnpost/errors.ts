import { SignalError, unreadable } from '../support/signals.js';
import { readStatus } from './mapping-reply.js';

/** `accepted` and `already`: it is there. `no`: the party refused, with its code and words. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly already: boolean }
  | { readonly kind: 'no'; readonly code: string; readonly text: string };

/** 100 accepted, 101 exists already; of creating and announcing only. Of cancelling nothing but 100 is known for a yes. */
const ACCEPTED = 100;
const EXISTS = 101;

/** No code of the party's is known here. A gateway that maps its own exceptions to "500" does not know whether the order arrived. */
const LOCAL_FAILURE = 500;

/**
 * Success predicate of each writing operation.
 * @throws SignalError where it is no answer to be believed: a refusal must say its reason
 */
export const judge = (operation: 'create' | 'cancel' | 'announce', body: unknown): Verdict => {
  const reply = readStatus(body);
  if (reply === null) throw unreadable('status-shape', body);
  const { status, message } = reply;
  if (status === ACCEPTED) return { kind: 'accepted', already: false };
  if (status === EXISTS && operation !== 'cancel') return { kind: 'accepted', already: true };
  if (status === LOCAL_FAILURE) throw new SignalError({ kind: 'busy' }, { body });
  if (message === null) throw unreadable('refusal-without-words', body);
  return { kind: 'no', code: String(status), text: message };
};
