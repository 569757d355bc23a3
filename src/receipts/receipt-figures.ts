import type { Queryable } from '../store/database.js';
import { ADJUST_OPERATION, CANCEL_OPERATION, ISSUE_OPERATION } from './receipt.js';
import type { ReceiptState } from './receipt.js';

/** Receipts that a delivery has to carry, one waiting for a person among them. */
export interface OpenReceipts {
  readonly issuer: string;
  readonly state: ReceiptState;
  readonly count: number;
  /** Since the oldest came into its state. */
  readonly oldestSeconds: number;
}

export interface ReceiptFigures {
  readonly open: readonly OpenReceipts[];
  readonly forPersons: readonly { readonly issuer: string; readonly reason: string; readonly count: number }[];
}

/** By indexes of what is open, never over all receipts there ever were. */
export const readReceiptFigures = async (client: Queryable): Promise<ReceiptFigures> => {
  const [open, forPersons] = await Promise.all([
    client.query<OpenReceipts>(
      `SELECT r.issuer, r.state, count(*)::integer AS count, greatest(0, extract(epoch FROM clock_timestamp() - min(r.state_at)))::float8 AS "oldestSeconds"
         FROM deliveries d JOIN receipts r ON r.id = d.subject_id
         WHERE d.state IN ('due', 'leased', 'unknown', 'parked') AND d.operation = ANY ($1) GROUP BY r.issuer, r.state`, [[ISSUE_OPERATION, ADJUST_OPERATION, CANCEL_OPERATION]]),
    client.query<ReceiptFigures['forPersons'][number]>('SELECT issuer, person_reason AS reason, count(*)::integer AS count FROM receipts WHERE person_reason IS NOT NULL GROUP BY issuer, person_reason'),
  ]);
  return { open: open.rows, forPersons: forPersons.rows };
};
