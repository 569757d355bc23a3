import { joinedValues } from './signature.js';
import { QUERY_REPLY_ORDER, REFUND_REPLY_ORDER } from './wire.js';
import type { ApiReply } from './wire.js';

const ORDERS = { query: QUERY_REPLY_ORDER, refund: REFUND_REPLY_ORDER } as const;
export type ReplyForm = keyof typeof ORDERS;

/** Whom and what a reply must be about. */
export interface Expected {
  readonly tmnCode: string;
  readonly reference: string;
}

/** The text of which the reply's hash must be. One that leaves out our terminal code was signed with it (seen in one client). */
export const signedTextOf = (reply: ApiReply, form: ReplyForm, { tmnCode }: Expected): string =>
  joinedValues(ORDERS[form], { ...reply, vnp_TmnCode: reply.vnp_TmnCode === '' ? tmnCode : reply.vnp_TmnCode });

/** A refusal may leave out what it is about; nothing may name another order. A success must name ours. */
export const isAbout = (reply: ApiReply, { tmnCode, reference }: Expected, isSuccess: boolean): boolean =>
  (reply.vnp_TmnCode === '' || reply.vnp_TmnCode === tmnCode) && (reply.vnp_TxnRef === reference || (!isSuccess && reply.vnp_TxnRef === ''));

export const hashOf = (reply: ApiReply): string => reply.vnp_SecureHash;
export const codeOf = (reply: ApiReply): string => reply.vnp_ResponseCode;
