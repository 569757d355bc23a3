import type { AccountDirectory } from '../bank-accounts/account-directory-port.js';
import type { Queryable } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import { openContent } from './payment-content.js';
import { itemsOf } from './payment-item-store.js';
import type { PaymentOrder } from './payment-gateway-port.js';
import type { PaymentRow } from './payment-rows.js';

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
