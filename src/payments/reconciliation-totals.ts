import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { Page, PageOf } from './payment-queries.js';
import { dayAfter, isDay, vietnamMidnight } from './reconciliation-day.js';

/** Money of payments that were paid on one day, for one agency, into one account, by one gateway; where it is now. VND. */
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

export interface TotalsFilter {
  readonly from: string;
  readonly to: string;
  readonly gateway: string | null;
}

type StoredTotal = { readonly [Key in keyof PaymentTotal]: PaymentTotal[Key] extends number ? string : PaymentTotal[Key] };

const MAX_DAYS = 366;
const MAX_PAGE = 200;

const invalid = (field: string, code: string, text: { readonly vi: string; readonly en: string }): never => {
  throw new UserInputError([problemAt(field, breach(code, text.vi, text.en))]);
};

const cursorOf = ({ day, gateway, agencyCode, accountId }: PaymentTotal): string => Buffer.from(JSON.stringify([day, gateway, agencyCode, accountId])).toString('base64url');

const placeOf = (after: string | null): readonly (string | null)[] => {
  if (after === null) return [null, null, null, null];
  try {
    const parts: unknown = JSON.parse(Buffer.from(after, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === 4 && parts.every((part) => typeof part === 'string' && !part.includes('\0')) && isDay(String(parts[0])) && /^\d{1,18}$/.test(String(parts[3]))) return parts as string[];
  } catch {
    // Refused below, like any other text.
  }
  return invalid('after', 'CURSOR', { vi: 'Con trỏ không hợp lệ', en: 'This is no cursor of this list' });
};

const checkTotals = ({ from, to }: TotalsFilter, { first }: PageOf): void => {
  if (!isDay(from) || !isDay(to) || to < from || dayAfter(from, MAX_DAYS) <= to) invalid('from', 'DAYS', { vi: 'Khoảng ngày phải hợp lệ, dài nhất 366 ngày', en: 'The days must be in order, at most 366 of them' });
  if (first < 1 || first > MAX_PAGE) invalid('first', 'PAGE_SIZE', { vi: `Từ 1 đến ${String(MAX_PAGE)}`, en: `Between 1 and ${String(MAX_PAGE)}` });
};

/** Totals by day, gateway, agency and account, from the ledger, within what the caller may see. */
export class PaymentTotals {
  readonly #deps: { readonly database: Database; readonly agencies: AgencyAccess };

  constructor(deps: { readonly database: Database; readonly agencies: AgencyAccess }) {
    this.#deps = deps;
  }

  async list(call: AttemptedCall, filter: TotalsFilter, page: PageOf): Promise<Page<PaymentTotal>> {
    checkTotals(filter, page);
    const { client, agencyCodes } = await this.#deps.agencies.scope.viewOf(call.caller);
    const { rows } = await orUnavailable(this.#deps.database.query<StoredTotal>(
      `WITH paid AS (
         SELECT p.id, to_char(p.paid_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD') AS day, p.gateway, p.agency_code, p.account_id FROM payments p
           WHERE p.paid_at >= $1 AND p.paid_at < $2 AND ($3::text IS NULL OR p.gateway = $3) AND ($4::text IS NULL OR p.client = $4) AND ($5::text[] IS NULL OR p.agency_code = ANY ($5)))
       SELECT d.day, d.gateway, d.agency_code AS "agencyCode", d.account_id AS "accountId", count(DISTINCT d.id) AS payments,
           coalesce(-sum(l.amount_vnd) FILTER (WHERE l.account = 'CITIZEN' AND l.amount_vnd < 0), 0) AS "paidVnd",
           coalesce(sum(l.amount_vnd) FILTER (WHERE l.account LIKE 'AGENCY/%'), 0) AS "settledVnd", coalesce(sum(l.amount_vnd) FILTER (WHERE l.account LIKE 'TRANSIT/%'), 0) AS "inTransitVnd",
           coalesce(sum(l.amount_vnd) FILTER (WHERE l.account = 'REFUND_DUE'), 0) AS "refundDueVnd", coalesce(sum(l.amount_vnd) FILTER (WHERE l.account LIKE 'DISPUTED/%'), 0) AS "disputedVnd",
           coalesce(sum(l.amount_vnd) FILTER (WHERE l.account = 'CITIZEN' AND l.amount_vnd > 0), 0) AS "refundedVnd"
         FROM paid d LEFT JOIN ledger l ON l.payment_id = d.id
         WHERE $6::text IS NULL OR (d.day, d.gateway, d.agency_code, d.account_id) > ($6::text, $7::text, $8::text, $9::bigint)
         GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, d.account_id LIMIT $10`,
      [vietnamMidnight(filter.from), vietnamMidnight(dayAfter(filter.to)), filter.gateway, client, agencyCodes, ...placeOf(page.after), page.first + 1]));
    const shown = rows.slice(0, page.first).map(toTotal);
    const last = shown.at(-1);
    return { rows: shown, hasNextPage: rows.length > page.first, endCursor: last === undefined ? null : cursorOf(last) };
  }
}

const toTotal = (row: StoredTotal): PaymentTotal => ({
  ...row, payments: Number(row.payments), paidVnd: Number(row.paidVnd), settledVnd: Number(row.settledVnd), inTransitVnd: Number(row.inTransitVnd),
  refundDueVnd: Number(row.refundDueVnd), disputedVnd: Number(row.disputedVnd), refundedVnd: Number(row.refundedVnd),
});
