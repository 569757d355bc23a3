import type { Queryable } from '../store/database.js';
import { holdingsOf, postAll } from './ledger-store.js';
import type { PayoutStore } from './payout-store.js';
import type { Difference, OurPayment } from './reconciliation-compare.js';
import type { PaymentStore } from './payment-store.js';
import type { StatementLine } from './statement-reader-port.js';

export interface PayoutDeps {
  readonly store: PaymentStore;
  readonly payouts: PayoutStore;
}

const differenceOf = (line: StatementLine, payment: OurPayment | null, over: Pick<Difference, 'class' | 'action' | 'oursVnd'>): Difference => ({
  kind: 'PAYOUT', paymentId: payment?.id ?? null, reference: line.reference, gatewayTransaction: line.gatewayTransaction, theirsVnd: line.amountVnd,
  oursState: payment?.state ?? null, theirsState: line.state, ...over,
});

/** Keeps what the gateway says that it handed on. Gives what cannot be so. */
export const keepPayouts = async (client: Queryable, { payouts }: PayoutDeps, of: { readonly gateway: string; readonly lines: readonly StatementLine[]; readonly payments: ReadonlyMap<string, OurPayment>; readonly at: Date }): Promise<readonly Difference[]> => {
  const wrong: Difference[] = [];
  for (const line of of.lines.filter(({ kind }) => kind === 'PAYOUT')) {
    const payment = line.reference === null ? undefined : of.payments.get(line.reference);
    if (payment?.gateway !== of.gateway || line.amountVnd === null || line.gatewayTransaction === null) {
      wrong.push(differenceOf(line, null, { class: 'MISSING_HERE', action: 'PERSON', oursVnd: null }));
      continue;
    }
    if (line.amountVnd > payment.amountVnd) {
      wrong.push(differenceOf(line, payment, { class: 'AMOUNT', action: 'PERSON', oursVnd: payment.amountVnd }));
      continue;
    }
    const kept = await payouts.keep(client, { gateway: of.gateway, gatewayTransaction: line.gatewayTransaction, paymentId: payment.id, amountVnd: line.amountVnd, at: line.at ?? of.at });
    if (kept !== line.amountVnd) wrong.push(differenceOf(line, payment, { class: 'DUPLICATE', action: 'PERSON', oursVnd: kept }));
  }
  return wrong;
};

/** Moves what a payment's payouts say from transit to the agency's account, as far as it is there, once. Gives those that wait, with what was posted of them. */
export const postPayouts = async (client: Queryable, { store, payouts }: PayoutDeps, of: { readonly gateway: string; readonly paymentId: string }): Promise<readonly Difference[]> => {
  const payment = await store.lockById(client, of.paymentId);
  if (payment === null) return [];
  const transit = `TRANSIT/${of.gateway}`;
  let inTransit = (await holdingsOf(client, payment.id)).get(transit) ?? 0;
  const waiting: Difference[] = [];
  for (const payout of await payouts.ofPayment(client, of.gateway, payment.id)) {
    const part = Math.min(inTransit, payout.amountVnd - payout.postedVnd);
    inTransit -= part;
    await postAll(client, { paymentId: payment.id }, [{ kind: 'PAID_OUT', from: transit, to: `AGENCY/${payment.accountId}`, amountVnd: part }]);
    if (part > 0) await payouts.posted(client, payout, part);
    const postedVnd = payout.postedVnd + part;
    if (postedVnd === payout.amountVnd) continue;
    // The agency has money that is owed back to a citizen, contested, or that no citizen gave as far as we know.
    waiting.push({
      class: 'STATE', kind: 'PAYOUT', action: 'WAITS', paymentId: payment.id, reference: payment.reference, gatewayTransaction: payout.gatewayTransaction,
      oursVnd: postedVnd, theirsVnd: payout.amountVnd, oursState: payment.state, theirsState: 'paid',
    });
  }
  return waiting;
};
