import type { CallbackReply, CallbackRequest } from './callback-receiver-port.js';

export type QuestionVerification = { readonly kind: 'verified'; readonly verifiedBy: string } | { readonly kind: 'refused'; readonly reason: string };

export type QuestionFailure = 'unverified' | 'unreadable' | 'unavailable' | 'too-large';

/**
 * A question that a party asks us over HTTP (what a dossier owes, a bank's getbill, a token): answered from our rows, without effect, so
 * it needs no inbox. Route `/callbacks/<party>/<kind>`, behind the same door as callbacks; each exchange leaves an evidence record.
 */
export interface QuestionReceiver<Question, Answer> {
  readonly party: string;
  readonly kind: string;
  readonly method: 'GET' | 'POST';
  readonly addresses: readonly string[] | null;
  /** Must compare secrets in constant time and must not throw. */
  verify(request: CallbackRequest): QuestionVerification;
  /** Parses verified bytes. @returns null where they are not what was agreed */
  read(bytes: Buffer): Question | null;
  reply(answer: Answer, question: Question): CallbackReply;
  /** `reason` is that of `verify`, where it refused. */
  fail(why: QuestionFailure, reason?: string): CallbackReply;
}
