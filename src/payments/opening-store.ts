import type { Queryable } from '../store/database.js';
import type { FeeRow, OrderData } from './payment-rows.js';

export interface NewPayment {
  readonly reference: string;
  readonly dossierCode: string;
  readonly agencyCode: string;
  readonly client: string;
  readonly gateway: string;
  readonly moneyGoes: 'transit' | 'direct';
  readonly accountId: string;
  readonly amountVnd: number;
  readonly orderData: OrderData;
  /** Under which code at the gateway it is opened. */
  readonly gatewayData: Readonly<Record<string, string>>;
  readonly firstAttempt: string | null;
  readonly keyId: string;
  readonly content: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly askAt: Date | null;
  readonly giveUpAt: Date | null;
}

/** Writes new payments. */
export class OpeningStore {
  /** Durable before the gateway hears of it; `sent_at` is set at once, for a process may die before it could say that it has sent. Items are locked. */
  async insert(client: Queryable, payment: NewPayment, items: readonly Pick<FeeRow, 'id' | 'amountVnd'>[]): Promise<string> {
    const { rows } = await client.query<{ id: string }>({
      name: 'payment-insert',
      text: `WITH put AS (
               INSERT INTO payments (reference, dossier_code, agency_code, client, gateway, money_goes, account_id, amount_vnd, order_data, first_attempt, key_id, content,
                 created_at, sent_at, expires_at, ask_at, give_up_at, gateway_data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16, $17) RETURNING id
             ), listed AS (
               INSERT INTO payment_items (payment_id, fee_item_id, amount_vnd) SELECT put.id, i.id, i.amount FROM put, unnest($18::bigint[], $19::bigint[]) AS i (id, amount)
             ), held AS (
               UPDATE fee_items f SET open_payment = put.id FROM put WHERE f.id = ANY ($18::bigint[])
             ) SELECT id FROM put`,
      values: [payment.reference, payment.dossierCode, payment.agencyCode, payment.client, payment.gateway, payment.moneyGoes, payment.accountId, payment.amountVnd,
        JSON.stringify(payment.orderData), payment.firstAttempt, payment.keyId, payment.content, payment.createdAt, payment.expiresAt, payment.askAt, payment.giveUpAt, JSON.stringify(payment.gatewayData),
        items.map((item) => item.id), items.map(({ amountVnd }) => amountVnd)],
    });
    return rows[0]?.id ?? '';
  }
}
