import type { Queryable } from '../store/database.js';
import type { Posting } from './ledger.js';

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
