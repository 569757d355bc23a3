import type { Logger } from 'pino';
import type { Exchange } from '../deliveries/delivery.js';
import type { PartyCall } from '../deliveries/party-call.js';
import { PartyError } from '../errors/party-error.js';
import type { PaymentGateway, RefundPort } from './payment-gateway-port.js';
import { refundOrderOf } from './refund-operation.js';
import type { RefundOperationDeps } from './refund-operation.js';
import type { Refund } from './refund.js';

export interface RefundTurn {
  readonly limit: number;
  readonly callOf: (journal: (exchange: Exchange) => void) => PartyCall;
}

/** Asks for refunds that a gateway took and has not ended. */
export class RefundWatch {
  readonly #deps: RefundOperationDeps & { readonly logger: Logger };

  constructor(deps: RefundOperationDeps & { readonly logger: Logger }) {
    this.#deps = deps;
  }

  async turn(gateway: PaymentGateway, { limit, callOf }: RefundTurn): Promise<number> {
    if (gateway.refunds === null) return 0;
    const { refunds, database } = this.#deps;
    const due = await refunds.claimDue(database, { gateway: gateway.party, everyMs: gateway.windows.askEveryMs, limit });
    for (const refund of due) await this.#look(gateway.refunds, refund, callOf);
    return due.length;
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
