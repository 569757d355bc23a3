import type { CallbackReply } from './callback-receiver-port.js';
import type { QuestionReceiver } from './question-port.js';

export interface Answered {
  readonly outcome: 'answered' | 'unreadable';
  readonly reply: CallbackReply;
}

/** A receiver together with what answers it; question and answer are known to these two only. */
export interface BoundQuestion {
  readonly receiver: Omit<QuestionReceiver<unknown, unknown>, 'read' | 'reply'>;
  /** After this the party is told that we cannot answer now. */
  readonly withinMs: number;
  /** Rejects when it cannot be answered now. `signal` ends when nobody waits any more. */
  answer(bytes: Buffer, signal: AbortSignal): Promise<Answered>;
}

const ANSWER_WITHIN_MS = 5_000;

/** Joins what a party asks to what answers it from our rows; `answer` has no effect. */
export const bindQuestion = <Question, Answer>(
  receiver: QuestionReceiver<Question, Answer>,
  answer: (question: Question, signal: AbortSignal) => Promise<Answer>,
  withinMs = ANSWER_WITHIN_MS,
): BoundQuestion => ({
  receiver,
  withinMs,
  answer: async (bytes, signal) => {
    const question = receiver.read(bytes);
    if (question === null) return { outcome: 'unreadable', reply: receiver.fail('unreadable') };
    return { outcome: 'answered', reply: receiver.reply(await answer(question, signal), question) };
  },
});
