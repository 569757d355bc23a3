import type { DeliveryOperation, Settled } from '../deliveries/delivery-operation.js';
import type { LeasedDelivery } from '../deliveries/delivery.js';
import { PartyError } from '../errors/party-error.js';
import type { Database, Queryable } from '../store/database.js';
import { isTransient } from '../store/database-errors.js';
import type { PaymentGateway, RefundOrder, RefundPort } from './payment-gateway-port.js';
import type { PaymentOrders } from './payment-order.js';
import type { PaymentStore } from './payment-store.js';
import type { RefundSettling } from './refund-settling.js';
import type { RefundStore } from './refund-store.js';
import type { Refund, RefundState } from './refund.js';

export const REFUND_OPERATION = 'refund-payment';
/** A gateway that is away for a week is a matter for a person. */
export const REFUND_MAX_AGE_MS = 7 * 86_400_000;

const SENDABLE: ReadonlySet<RefundState> = new Set(['APPROVED', 'PROCESSING']);

export interface RefundOperationDeps {
  readonly database: Database;
  readonly store: PaymentStore;
  readonly refunds: RefundStore;
  readonly orders: PaymentOrders;
  readonly settling: RefundSettling;
  readonly now: () => Date;
}

export interface OwedRefund {
  readonly refund: Refund;
  readonly order: RefundOrder;
}

/** The order of a refund, the same each time. Null where its payment is gone. */
export const refundOrderOf = async (deps: Pick<RefundOperationDeps, 'database' | 'orders' | 'store'>, refund: Refund): Promise<RefundOrder | null> => {
  const payment = await deps.store.findById(deps.database, refund.paymentId);
  if (payment === null) return null;
  return {
    requestId: refund.requestId, amountVnd: refund.amountVnd, isFull: refund.amountVnd === payment.amountVnd, reason: refund.reason,
    approvedBy: refund.approvedBy ?? refund.requestedBy, createdAt: refund.approvedAt ?? refund.requestedAt, payment: await deps.orders.of(payment), gatewayTransaction: payment.gatewayTransaction,
  };
};

/** Money goes back through the gateway once: a send without a trustworthy answer is asked for, never repeated unasked. */
export const createRefundOperation = (gateway: PaymentGateway, port: RefundPort, deps: RefundOperationDeps): DeliveryOperation<OwedRefund> => {
  const { refunds, database, settling } = deps;
  const keep = (refund: Refund, said: { readonly code: string; readonly text?: string; readonly gatewayTransaction?: string | null; readonly askInMs: number | null }): Promise<void> =>
    refunds.keepAnswer(database, refund.id, {
      code: said.code, text: said.text ?? null, gatewayTransaction: said.gatewayTransaction ?? null, askAt: said.askInMs === null ? null : new Date(deps.now().getTime() + said.askInMs),
    });
  // A database that is away makes a send unknown; before the gateway can have heard, it is surely not sent.
  const markBeforeSend = (refund: Refund): Promise<void> => refunds.markSent(database, refund.id).catch((cause: unknown) => {
    throw isTransient(cause) ? new PartyError('unavailable', { party: gateway.party, operation: REFUND_OPERATION, code: 'database-away', cause }) : cause;
  });
  return {
    party: gateway.party,
    name: REFUND_OPERATION,
    effect: 'unsafe',
    whenUnknown: { act: 'ask', afterMs: gateway.windows.askAfterMs },
    maxAgeMs: REFUND_MAX_AGE_MS,
    async load(deliveries: readonly LeasedDelivery[]) {
      const rows = new Map((await refunds.byIds(database, deliveries.map(({ subjectId }) => subjectId))).map((refund) => [refund.id, refund]));
      const loaded = new Map<string, OwedRefund>();
      for (const { id, subjectId } of deliveries) {
        const refund = rows.get(subjectId);
        // What has ended is never sent, whatever its delivery says.
        if (refund === undefined || !SENDABLE.has(refund.state)) continue;
        const order = await refundOrderOf(deps, refund);
        if (order !== null) loaded.set(id, { refund, order });
      }
      return loaded;
    },
    async send({ refund, order }, call) {
      await markBeforeSend(refund);
      const answer = await port.refund(order, call);
      // Written before the delivery settles: what comes after the settling finds it, and a lost settling finds it by asking.
      await keep(refund, { ...answer, askInMs: answer.kind === 'processing' ? gateway.windows.askAfterMs : null });
      if (answer.kind === 'rejected') return { kind: 'rejected', code: answer.code, text: answer.text };
      return { kind: 'accepted' };
    },
    async ask({ refund, order }, call) {
      const word = await port.askRefund(order, call);
      if (word.says === 'not-found') {
        // Its process may have stood still before it wrote that it sends, and send yet: from now on it counts as sent.
        if (refund.sentAt === null) await refunds.markSent(database, refund.id);
        const isProven = refund.sentAt !== null && refund.sentAt.getTime() + gateway.windows.settleMs <= deps.now().getTime();
        if (!isProven) throw new PartyError('unavailable', { party: gateway.party, operation: REFUND_OPERATION, code: 'not-found-yet' });
        return { kind: 'not-done' };
      }
      // What was refused, or is on its way, has arrived; the watcher asks for its end.
      if (word.says !== 'done') await keep(refund, { code: word.code, askInMs: 0 });
      return { kind: 'done' };
    },
    async settled(client, settled) {
      for (const each of settled) await settleOne(client, each, { refunds, settling, now: deps.now() });
    },
  };
};

const settleOne = async (client: Queryable, { delivery, to, reason }: Settled, { refunds, settling, now }: Pick<RefundOperationDeps, 'refunds' | 'settling'> & { readonly now: Date }): Promise<void> => {
  if (to !== 'accepted' && to !== 'rejected') return;
  const [refund] = await refunds.byIds(client, [delivery.subjectId]);
  if (refund === undefined || (to === 'accepted' && refund.state === 'PROCESSING')) return;
  await settling.end(client, { refundId: refund.id, paymentId: refund.paymentId }, {
    end: { outcome: to === 'accepted' ? 'done' : 'refused', code: reason, text: delivery.reasonText, gatewayTransaction: null, by: 'party' }, now,
  });
};
