import type { Logger } from 'pino';
import type { Exchange } from '../deliveries/delivery.js';
import type { PartyCall } from '../deliveries/party-call.js';
import { PartyError } from '../errors/party-error.js';
import type { PaymentGateway, RefundPort } from './payment-gateway-port.js';
import type { PaymentBook } from './payment-words.js';
import { refundOrderOf } from './refund-operation.js';
import type { RefundOperationDeps } from './refund-operation.js';
import { REFUND_STUCK } from './refund.js';
import type { Refund } from './refund.js';

export interface RefundTurn {
  readonly limit: number;
  readonly callOf: (journal: (exchange: Exchange) => void) => PartyCall;
}

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

  async turn(gateway: PaymentGateway, { limit, callOf }: RefundTurn): Promise<number> {
    if (gateway.refunds === null) return 0;
    const { refunds, database } = this.#deps;
    const due = await refunds.claimDue(database, { gateway: gateway.party, everyMs: gateway.windows.askEveryMs, limit });
    for (const refund of due) await this.#look(gateway.refunds, refund, callOf);
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

  async #look(port: RefundPort, refund: Refund, callOf: RefundTurn['callOf']): Promise<void> {
    const { logger, database, settling, now } = this.#deps;
    const exchanges: Exchange[] = [];
    try {
      const order = await refundOrderOf(this.#deps, refund);
      if (order === null) return;
      const word = await port.askRefund(order, callOf((exchange) => exchanges.push(exchange)));
      // It was taken before: "not found" is no proof of anything, and is asked again.
      if (word.says !== 'done' && word.says !== 'refused') return;
      const outcome = word.says;
      await database.transaction((client) => settling.end(client, { refundId: refund.id, paymentId: refund.paymentId }, {
        end: { outcome, code: word.code, text: word.text, gatewayTransaction: null, by: 'party' }, now: now(),
      }));
    } catch (error) {
      logger.warn({ ...(error instanceof PartyError ? { code: error.code } : { err: error }), refund: refund.requestId }, 'a refund could not be asked for');
    }
  }
}
