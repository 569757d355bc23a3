import type { Queryable } from '../store/database.js';

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

/** In the transaction of the move that it belongs to; a posting of nothing is left out. */
export const postAll = async (client: Queryable, of: { readonly paymentId: string; readonly refundId?: string }, postings: readonly Posting[]): Promise<void> => {
  for (const { kind, from, to, amountVnd } of postings) {
    if (amountVnd > 0) await client.query({ name: 'ledger-post', text: 'SELECT post_ledger($1, $2, $3, $4, $5, $6)', values: [kind, from, to, amountVnd, of.paymentId, of.refundId ?? null] });
  }
};

/** What a payment has on each account but the citizen's, largest first. */
export const holdingsOf = async (client: Queryable, paymentId: string): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await client.query<{ account: string; held: string }>({
    name: 'ledger-holdings',
    text: `SELECT account, sum(amount_vnd) AS held FROM ledger WHERE payment_id = $1 AND account <> 'CITIZEN' GROUP BY account HAVING sum(amount_vnd) > 0 ORDER BY 2 DESC, 1`,
    values: [paymentId],
  });
  return new Map(rows.map(({ account, held }) => [account, Number(held)]));
};

/** Accounts from which a refund took its money when it was decided; none where it was due back already. */
export const takenBy = async (client: Queryable, refundId: string): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await client.query<{ account: string; taken: string }>(
    `SELECT account, -sum(amount_vnd) AS taken FROM ledger WHERE refund_id = $1 AND kind = 'REFUND_DECIDED' AND amount_vnd < 0 GROUP BY account`, [refundId]);
  return new Map(rows.map(({ account, taken }) => [account, Number(taken)]));
};

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
