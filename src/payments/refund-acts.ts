import type pg from 'pg';
import type { AgencyAccess, AgencyView } from '../agencies/agency-scope.js';
import type { Bell } from '../deliveries/bell-port.js';
import { refuse, runOnce } from './payment-action.js';
import type { ActionAnswer, ActionDeps, PaymentCall } from './payment-action.js';
import type { PaymentRow } from './payment-rows.js';
import type { PaymentStore } from './payment-store.js';
import type { RefundStore } from './refund-store.js';
import type { Refund } from './refund.js';

export interface RefundActsDeps extends ActionDeps {
  readonly store: PaymentStore;
  readonly refunds: RefundStore;
  readonly agencies: AgencyAccess;
  readonly bell: Bell;
}

export interface RefundRef {
  readonly requestId: string;
  readonly reference: string;
}

interface Act {
  readonly action: string;
  readonly input: unknown;
}

export const seesPayment = (view: AgencyView, payment: PaymentRow): boolean => (view.client === null || view.client === payment.client) && view.sees(payment.agencyCode);

/** Number of a bank under which a person gave money back. */
export const isBankNumber = (text: string): boolean => /^[A-Za-z0-9./-]{1,64}$/.test(text);

const COUNTS_NOT: ReadonlySet<string> = new Set(['DECLINED', 'REFUSED']);

/** What persons do about refunds runs here: once, under the lock of a payment that they may see. */
export class RefundActs {
  readonly #deps: RefundActsDeps;

  constructor(deps: RefundActsDeps) {
    this.#deps = deps;
  }

  /** The gateway is told of new work after the commit. */
  async onPayment<Result>(call: PaymentCall, of: Act & { readonly reference: string }, work: (client: pg.PoolClient, payment: PaymentRow) => Promise<Result>): Promise<ActionAnswer<Result>> {
    const { agencies, store, bell } = this.#deps;
    const view = await agencies.scope.viewOf(call.caller);
    let party: string | null = null;
    const answer = await runOnce(this.#deps, call, {
      action: of.action, input: of.input,
      work: async (client) => {
        const payment = await store.lock(client, of.reference);
        if (payment === null || !seesPayment(view, payment)) return refuse('NOT_FOUND');
        party = payment.gateway;
        return work(client, payment);
      },
    });
    if (answer.kind === 'done' && party !== null) bell.ring(party);
    return answer;
  }

  async onRefund(call: PaymentCall, of: Act & { readonly requestId: string }, work: (client: pg.PoolClient, payment: PaymentRow, refund: Refund) => Promise<void>): Promise<ActionAnswer<RefundRef>> {
    const { refunds, store, database } = this.#deps;
    const found = await refunds.find(database, of.requestId);
    const payment = found === null ? null : await store.findById(database, found.paymentId);
    return this.onPayment(call, { ...of, reference: payment?.reference ?? '' }, async (client, locked) => {
      // Read again under the payment's lock.
      const refund = await refunds.find(client, of.requestId);
      if (refund === null) return refuse('NOT_FOUND');
      await work(client, locked, refund);
      return { requestId: refund.requestId, reference: locked.reference };
    });
  }
}

/** What may still be asked back: what was paid, less what went back, is going, or is asked for. */
export const leftToRefund = ({ paidVnd }: Pick<PaymentRow, 'paidVnd'>, refunds: readonly Pick<Refund, 'state' | 'amountVnd'>[]): number =>
  paidVnd - refunds.filter(({ state }) => !COUNTS_NOT.has(state)).reduce((sum, { amountVnd }) => sum + amountVnd, 0);
