export type LedgerKind = 'PAID' | 'SURPLUS' | 'SURPLUS_KEPT' | 'DISPUTED' | 'DISPUTE_WON' | 'DISPUTE_LOST' | 'REFUND_DECIDED' | 'REFUND_REFUSED' | 'REFUNDED' | 'PAID_OUT';

/** An amount that goes from one account of the ledger to another; the accounts are listed in migration 0022. */
export interface Posting {
  readonly kind: LedgerKind;
  readonly from: string;
  readonly to: string;
  readonly amountVnd: number;
}

export const CITIZEN = 'CITIZEN';
export const REFUND_DUE = 'REFUND_DUE';
export const disputedAt = (gateway: string): string => `DISPUTED/${gateway}`;

/** Where money arrives when a citizen pays. */
export const arrivalOf = ({ moneyGoes, gateway, accountId }: { readonly moneyGoes: 'transit' | 'direct'; readonly gateway: string; readonly accountId: string }): string =>
  (moneyGoes === 'transit' ? `TRANSIT/${gateway}` : `AGENCY/${accountId}`);

/**
 * Takes an amount from the accounts where a payment's money lies: what the gateway paid out goes from the agency's account.
 * Money that is due back or disputed is not touched.
 */
export const takeFrom = (holdings: ReadonlyMap<string, number>, amountVnd: number, to: { readonly kind: LedgerKind; readonly account: string }): readonly Posting[] => {
  const free = [...holdings].filter(([account]) => account.startsWith('AGENCY/') || account.startsWith('TRANSIT/'));
  const postings: Posting[] = [];
  let left = amountVnd;
  for (const [account, held] of free.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const part = Math.min(held, left);
    if (part > 0) postings.push({ kind: to.kind, from: account, to: to.account, amountVnd: part });
    left -= part;
  }
  if (left > 0) throw new RangeError('The ledger holds less of this payment than is taken from it');
  return postings;
};
