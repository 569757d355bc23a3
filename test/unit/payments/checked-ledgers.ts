import type { CheckedPayment, LedgerEntry, LedgerRecord } from '../../../src/payments/ledger-check-records.js';

export type Step = readonly [kind: string, from: string, to: string, amountVnd: number, refundId?: string];
export type Owner = Omit<CheckedPayment, 'entries'> & { readonly steps: readonly Step[] };

export const TRANSIT = 'TRANSIT/vnpay';
export const AGENCY = 'AGENCY/9';
export const DISPUTED = 'DISPUTED/vnpay';
export const paid: Step = ['PAID', 'CITIZEN', TRANSIT, 100];

export const owner = (id: number, change: Partial<Owner> = {}): Owner => ({
  id: String(id), reference: `OG00000000000${String(id).padStart(2, '0')}`, gateway: 'vnpay', accountId: '9', state: 'PAID', amountVnd: 100, paidVnd: 100, refundedVnd: 0,
  surplus: false, refunds: [], steps: [paid], ...change,
});

const withEntries = ({ id, reference, gateway, accountId, state, amountVnd, paidVnd, refundedVnd, surplus, refunds }: Owner, entries: readonly LedgerEntry[]): CheckedPayment =>
  ({ id, reference, gateway, accountId, state, amountVnd, paidVnd, refundedVnd, surplus, refunds, entries: entries.filter(({ paymentId }) => paymentId === id) });

/** The ledger of these payments, their steps one after the other in turn. */
export const ledgerOf = (owners: readonly Owner[]): { entries: LedgerEntry[]; payments: CheckedPayment[] } => {
  const entries: LedgerEntry[] = [];
  let transaction = 0;
  for (let turn = 0; owners.some(({ steps }) => steps.length > turn); turn += 1) {
    for (const { id: paymentId, steps } of owners) {
      const step = steps[turn];
      if (step === undefined) continue;
      const [kind, from, to, amountVnd, refundId = null] = step;
      transaction += 1;
      for (const [account, signed] of [[from, -amountVnd], [to, amountVnd]] as const) {
        entries.push({ id: String(entries.length + 1), transactionId: String(transaction), kind, account, amountVnd: signed, paymentId, refundId });
      }
    }
  }
  return { entries, payments: owners.map((payment) => withEntries(payment, entries)) };
};

export const recordsOf = ({ entries, payments }: { entries: readonly LedgerEntry[]; payments: readonly CheckedPayment[] }): LedgerRecord[] =>
  [...entries.map((entry) => ({ entry })), ...payments.map((payment) => ({ payment }))];
