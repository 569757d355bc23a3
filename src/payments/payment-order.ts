import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { Queryable } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { openContent } from './payment-content.js';
import type { PaymentOrder } from './payment-gateway-port.js';
import type { FeeItem } from './payment.js';
import type { PaymentRow } from './payment-rows.js';

/** What the fees of a payment were when it was opened. */
export const itemsOf = async (client: Queryable, paymentId: string): Promise<readonly FeeItem[]> => {
  const { rows } = await client.query<Omit<FeeItem, 'amountVnd'> & { amountVnd: string }>(
    `SELECT f.key, f.kind, f.name, i.amount_vnd AS "amountVnd" FROM payment_items i JOIN fee_items f ON f.id = i.fee_item_id WHERE i.payment_id = $1 ORDER BY f.id`, [paymentId]);
  return rows.map((row) => ({ ...row, amountVnd: Number(row.amountVnd) }));
};

/** Makes the order of a stored payment, the same each time. */
export class PaymentOrders {
  readonly #deps: { readonly database: Queryable; readonly accounts: AccountDirectory; readonly cipher: FieldCipher };

  constructor(deps: { readonly database: Queryable; readonly accounts: AccountDirectory; readonly cipher: FieldCipher }) {
    this.#deps = deps;
  }

  /** Throws RangeError where the account is gone, which no row allows. */
  async of(payment: PaymentRow): Promise<PaymentOrder> {
    const { database, accounts, cipher } = this.#deps;
    const [account, items] = await Promise.all([accounts.byId(payment.accountId), itemsOf(database, payment.id)]);
    if (account === null) throw new RangeError(`Payment ${payment.reference} names no account`);
    const { payer, clientIp, returnUrl } = openContent(cipher, payment);
    return {
      reference: payment.reference, amountVnd: payment.amountVnd, dossierCode: payment.dossierCode, createdAt: payment.createdAt, expiresAt: payment.expiresAt,
      ...payment.orderData, clientIp, returnUrl, account: account.account, items, payer, gatewayData: payment.gatewayData,
    };
  }
}
