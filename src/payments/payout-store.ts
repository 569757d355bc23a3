import type { Queryable } from '../store/database.js';

export interface Payout {
  readonly gateway: string;
  readonly gatewayTransaction: string;
  readonly paymentId: string;
  readonly amountVnd: number;
  readonly at: Date;
}

export interface OpenPayout extends Omit<Payout, 'at'> {
  readonly postedVnd: number;
}

/** Statements on money that gateways handed on. */
export class PayoutStore {
  /** Once under the gateway's number. Gives the amount that is kept under it, which is another where two files disagree. */
  async keep(client: Queryable, { gateway, gatewayTransaction, paymentId, amountVnd, at }: Payout): Promise<number> {
    await client.query('INSERT INTO payouts (gateway, gateway_transaction, payment_id, amount_vnd, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [gateway, gatewayTransaction, paymentId, amountVnd, at]);
    const { rows } = await client.query<{ amount: string }>('SELECT amount_vnd AS amount FROM payouts WHERE gateway = $1 AND gateway_transaction = $2 AND payment_id = $3', [gateway, gatewayTransaction, paymentId]);
    return Number(rows[0]?.amount ?? 0);
  }

  async unposted(client: Queryable, gateway: string): Promise<readonly { readonly paymentId: string }[]> {
    const { rows } = await client.query<{ paymentId: string }>('SELECT DISTINCT payment_id AS "paymentId" FROM payouts WHERE gateway = $1 AND posted_vnd < amount_vnd ORDER BY 1', [gateway]);
    return rows;
  }

  /** Under the payment's lock, oldest first. */
  async ofPayment(client: Queryable, gateway: string, paymentId: string): Promise<readonly OpenPayout[]> {
    const { rows } = await client.query<Omit<OpenPayout, 'amountVnd' | 'postedVnd'> & { amountVnd: string; postedVnd: string }>(
      `SELECT gateway, gateway_transaction AS "gatewayTransaction", payment_id AS "paymentId", amount_vnd AS "amountVnd", posted_vnd AS "postedVnd" FROM payouts
         WHERE gateway = $1 AND payment_id = $2 AND posted_vnd < amount_vnd ORDER BY at, gateway_transaction`, [gateway, paymentId]);
    return rows.map((row) => ({ ...row, amountVnd: Number(row.amountVnd), postedVnd: Number(row.postedVnd) }));
  }

  async posted(client: Queryable, { gateway, gatewayTransaction, paymentId }: OpenPayout, addedVnd: number): Promise<void> {
    await client.query('UPDATE payouts SET posted_vnd = posted_vnd + $4 WHERE gateway = $1 AND gateway_transaction = $2 AND payment_id = $3', [gateway, gatewayTransaction, paymentId, addedVnd]);
  }
}
