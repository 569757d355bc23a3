import type { Queryable } from '../store/database.js';
import type { PaymentGateway } from './payment-gateway-port.js';
import type { PaymentRow } from './payment-rows.js';

/**
 * Whether a bank's or gateway's number stands already for the money of another payment: a person who types it in a second time books money
 * that came once. Numbers of banks are one set over all direct transfers; those of a gateway are its own. Two persons at once wait for each other.
 */
export const isNumberTaken = async (client: Queryable, gateways: ReadonlyMap<string, PaymentGateway>, of: { readonly payment: PaymentRow; readonly number: string }): Promise<boolean> => {
  const { id, gateway, moneyGoes } = of.payment;
  const direct = [...gateways.values()].filter((each) => each.moneyGoes === 'direct').map(({ party }) => party);
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('money/' || $1, 21))`, [of.number]);
  const { rowCount } = await client.query('SELECT FROM payments WHERE gateway = ANY ($1) AND gateway_transaction = $2 AND paid_vnd > 0 AND id <> $3 LIMIT 1',
    [moneyGoes === 'direct' ? [gateway, ...direct] : [gateway], of.number, id]);
  return rowCount !== 0;
};
