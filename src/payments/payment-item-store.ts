import type { Queryable } from '../store/database.js';
import type { FeeItem } from './payment.js';

type StoredItem = Omit<FeeItem, 'amountVnd'> & { readonly amountVnd: string };

const FEES = 'f.key, f.kind, f.name, i.amount_vnd AS "amountVnd" FROM payment_items i JOIN fee_items f ON f.id = i.fee_item_id';

const toItem = ({ key, kind, name, amountVnd }: StoredItem): FeeItem => ({ key, kind, name, amountVnd: Number(amountVnd) });

/** What the fees of payments were when they were opened; in the order asked for. */
export const itemsOfAll = async (client: Queryable, paymentIds: readonly string[]): Promise<readonly (readonly FeeItem[])[]> => {
  const { rows } = await client.query<StoredItem & { readonly paymentId: string }>({
    name: 'payments-items', text: `SELECT i.payment_id AS "paymentId", ${FEES} WHERE i.payment_id = ANY ($1::bigint[]) ORDER BY f.id`, values: [paymentIds],
  });
  return paymentIds.map((id) => rows.filter(({ paymentId }) => paymentId === id).map(toItem));
};

/** A statement of its own: a list, however short, is planned anew each time. */
export const itemsOf = async (client: Queryable, paymentId: string): Promise<readonly FeeItem[]> => {
  const { rows } = await client.query<StoredItem>({ name: 'payment-items', text: `SELECT ${FEES} WHERE i.payment_id = $1 ORDER BY f.id`, values: [paymentId] });
  return rows.map(toItem);
};
