import type { Database } from '../store/database.js';
import type { VisibleTo } from './payment-read-store.js';

/** Money of payments that were paid, or taken and held back, on one day, for one agency, into one account, by one gateway; where it is now. VND. */
export interface PaymentTotal {
  readonly day: string;
  readonly gateway: string;
  readonly agencyCode: string;
  readonly accountId: string;
  readonly payments: number;
  readonly paidVnd: number;
  readonly settledVnd: number;
  readonly inTransitVnd: number;
  readonly refundDueVnd: number;
  readonly disputedVnd: number;
  readonly refundedVnd: number;
}

type StoredTotal = { readonly [Key in keyof PaymentTotal]: PaymentTotal[Key] extends number ? string : PaymentTotal[Key] };

/** Day, gateway, agency and account of the last total of the page before. */
export type TotalsPlace = readonly [day: string, gateway: string, agencyCode: string, accountId: string];

/** Statement that adds up the ledger. */
export class TotalsStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(of: { readonly from: Date; readonly to: Date; readonly gateway: string | null }, { client, agencyCodes }: VisibleTo, page: { readonly after: TotalsPlace | null; readonly limit: number }): Promise<readonly PaymentTotal[]> {
    const { rows } = await this.#database.query<StoredTotal>(
      `WITH paid AS (
         SELECT p.id, to_char(coalesce(p.paid_at, p.state_at) AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD') AS day, p.gateway, p.agency_code, p.account_id FROM payments p
           WHERE ((p.paid_at >= $1 AND p.paid_at < $2) OR (p.paid_at IS NULL AND p.state = 'DISPUTED' AND p.state_at >= $1 AND p.state_at < $2)) AND ($3::text IS NULL OR p.gateway = $3) AND ($4::text IS NULL OR p.client = $4) AND ($5::text[] IS NULL OR p.agency_code = ANY ($5)))
       SELECT d.day, d.gateway, d.agency_code AS "agencyCode", d.account_id AS "accountId", count(DISTINCT d.id) AS payments,
           coalesce(-sum(l.amount_vnd) FILTER (WHERE l.account = 'CITIZEN' AND l.amount_vnd < 0), 0) AS "paidVnd",
           coalesce(sum(l.amount_vnd) FILTER (WHERE l.account LIKE 'AGENCY/%'), 0) AS "settledVnd", coalesce(sum(l.amount_vnd) FILTER (WHERE l.account LIKE 'TRANSIT/%'), 0) AS "inTransitVnd",
           coalesce(sum(l.amount_vnd) FILTER (WHERE l.account = 'REFUND_DUE'), 0) AS "refundDueVnd", coalesce(sum(l.amount_vnd) FILTER (WHERE l.account LIKE 'DISPUTED/%'), 0) AS "disputedVnd",
           coalesce(sum(l.amount_vnd) FILTER (WHERE l.account = 'CITIZEN' AND l.amount_vnd > 0), 0) AS "refundedVnd"
         FROM paid d LEFT JOIN ledger l ON l.payment_id = d.id
         WHERE $6::text IS NULL OR (d.day, d.gateway, d.agency_code, d.account_id) > ($6::text, $7::text, $8::text, $9::bigint)
         GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, d.account_id LIMIT $10`,
      [of.from, of.to, of.gateway, client, agencyCodes, ...(page.after ?? [null, null, null, null]), page.limit]);
    return rows.map(toTotal);
  }
}

const toTotal = (row: StoredTotal): PaymentTotal => ({
  ...row, payments: Number(row.payments), paidVnd: Number(row.paidVnd), settledVnd: Number(row.settledVnd), inTransitVnd: Number(row.inTransitVnd),
  refundDueVnd: Number(row.refundDueVnd), disputedVnd: Number(row.disputedVnd), refundedVnd: Number(row.refundedVnd),
});
