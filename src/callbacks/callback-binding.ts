import type { Queryable } from '../store/database.js';
import type { CallbackOutcome, CallbackReceiver, CallbackReply } from './callback-receiver-port.js';

export interface ApplyContext {
  /** The transaction in which the message is marked as applied: effects in it happen once. */
  readonly client: Queryable;
  /** Decimal id of the inbox row. */
  readonly callbackId: string;
  readonly uniqueKey: string;
  readonly receivedAt: Date;
  readonly partyAt: Date | null;
}

export interface ApplyAnswer {
  readonly outcome: 'applied' | 'refused';
  /** Passed to the receiver's `reply`; null where the outcome says it all. */
  readonly code: string | null;
  /** Code of the dossier that the message is about, where it is about one: a legal hold on it then keeps the message, its erasure takes it. */
  readonly dossierCode?: string;
}

export interface Processed {
  readonly outcome: Extract<CallbackOutcome, 'applied' | 'refused' | 'unreadable'>;
  readonly reply: CallbackReply;
  readonly dossierCode: string | null;
}

/** A receiver together with the use case that it feeds; the message's type is known to these two only. */
export interface BoundCallback {
  readonly receiver: Omit<CallbackReceiver<unknown>, 'read'>;
  /** Runs inside the transaction. Rejects when the message cannot be applied now; it is then tried again. */
  process(bytes: Buffer, context: ApplyContext): Promise<Processed>;
}

/** Joins what a party says to what the domain does with it. */
export const bindCallback = <Message>(
  receiver: CallbackReceiver<Message>,
  apply: (message: Message, context: ApplyContext) => Promise<ApplyAnswer>,
): BoundCallback => ({
  receiver,
  process: async (bytes, context) => {
    const message = receiver.read(bytes);
    if (message === null) return { outcome: 'unreadable', reply: receiver.reply('unreadable', null, bytes), dossierCode: null };
    const { outcome, code, dossierCode = null } = await apply(message, context);
    return { outcome, reply: receiver.reply(outcome, code, bytes), dossierCode };
  },
});
