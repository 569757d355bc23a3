import type { Logger } from 'pino';
import type { Exchange } from '../deliveries/delivery.js';
import type { PartyCall } from '../deliveries/party-call.js';
import { PartyError } from '../errors/party-error.js';
import type { PaymentGateway, RefundPort, RefundWord } from './payment-gateway-port.js';
import { LATE_EVERY_MS } from './payment-limits.js';
import type { PaymentBook } from './payment-words.js';
import { refundOrderOf } from './refund-operation.js';
import type { RefundOperationDeps } from './refund-operation.js';
import { REFUND_STUCK, isEndedByHand } from './refund.js';
import type { Refund } from './refund.js';

export interface RefundTurn {
  readonly limit: number;
  readonly callOf: (journal: (exchange: Exchange) => void) => PartyCall;
  /** The gateway told us to wait with everything. */
  readonly hold: (until: Date) => void;
}

/** So long the gateway is asked for what persons have ended; its statements are compared for ever. */
const ENDED_FOR_DAYS = 30;

export interface RefundWatchDeps extends RefundOperationDeps {
  readonly book: PaymentBook;
  readonly logger: Logger;
  /** Approved for longer, and not ended, it is a person's. */
  readonly stuckAfterMs: number;
}

/** Asks for refunds that a gateway took and has not ended, and tells a person of those that do not end. */
export class RefundWatch {
  readonly #deps: RefundWatchDeps;

  constructor(deps: RefundWatchDeps) {
    this.#deps = deps;
  }

  async turn(gateway: PaymentGateway, turn: RefundTurn): Promise<number> {
    if (gateway.refunds === null) return 0;
    const { refunds, database } = this.#deps;
    const { askEveryMs: everyMs } = gateway.windows;
    const due = await refunds.claimDue(database, { gateway: gateway.party, everyMs, endedEveryMs: Math.max(everyMs, LATE_EVERY_MS), endedForDays: ENDED_FOR_DAYS, limit: turn.limit });
    for (const refund of due) {
      // The others stay put off.
      if (await this.#look(gateway.refunds, refund, { turn, everyMs }) === 'held') break;
    }
    return due.length;
  }

  /** Moves no money: the gateway may have given it back, or do so yet, and is asked on. */
  async tellStuck(limit: number): Promise<number> {
    const { refunds, database, store, book, stuckAfterMs, now } = this.#deps;
    const stuck = await refunds.stuck(database, { olderThanMs: stuckAfterMs, limit });
    for (const { id, paymentId } of stuck) {
      await database.transaction(async (client) => {
        const payment = await store.lockById(client, paymentId);
        const [refund] = await refunds.byIds(client, [id]);
        if (payment?.state !== 'REFUNDING' || (refund?.state !== 'APPROVED' && refund?.state !== 'PROCESSING')) return;
        await book.note(client, payment, { reason: REFUND_STUCK, personReason: REFUND_STUCK, hearing: { source: 'clock', actor: 'gateway', now: now() } });
      });
    }
    return stuck.length;
  }

  async #look(port: RefundPort, refund: Refund, { turn, everyMs }: { readonly turn: RefundTurn; readonly everyMs: number }): Promise<'looked' | 'held'> {
    const { logger } = this.#deps;
    try {
      const order = await refundOrderOf(this.#deps, refund);
      if (order !== null) await this.#hear(refund, await port.askRefund(order, turn.callOf(() => undefined)));
      return 'looked';
    } catch (error) {
      logger.warn({ ...(error instanceof PartyError ? { code: error.code } : { err: error }), refund: refund.requestId }, 'a refund could not be asked for');
      return error instanceof PartyError && error.kind === 'rate-limited' ? await this.#wait(refund, error, { turn, everyMs }) : 'looked';
    }
  }

  async #wait(refund: Refund, { retryAfterMs, isOfOne }: PartyError, { turn, everyMs }: { readonly turn: RefundTurn; readonly everyMs: number }): Promise<'looked' | 'held'> {
    const { refunds, database, now } = this.#deps;
    const until = new Date(now().getTime() + (retryAfterMs ?? everyMs));
    await refunds.putOff(database, refund.id, until);
    if (isOfOne) return 'looked';
    turn.hold(until);
    return 'held';
  }

  /** It was taken before: "not found" is no proof of anything, and is asked again. */
  async #hear(refund: Refund, word: RefundWord): Promise<void> {
    const { database, settling, refunds, now } = this.#deps;
    if (word.says !== 'done' && word.says !== 'refused') return;
    const of = { refundId: refund.id, paymentId: refund.paymentId };
    const end = { outcome: word.says, code: word.code, text: word.text, gatewayTransaction: null, by: 'party' } as const;
    await database.transaction(async (client) => {
      if (!isEndedByHand(refund)) await settling.end(client, of, { end, now: now() });
      else if (word.says === 'refused' || await settling.gatewayDid(client, of, { end, now: now() })) await refunds.putOff(client, refund.id, null);
    });
  }
}
