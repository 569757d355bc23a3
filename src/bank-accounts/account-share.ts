import { vietnamDay } from '../agencies/agency.js';
import type { Queryable } from '../store/database.js';

/** Agencies in office at one moment, and those of them with an active account. */
export interface AccountSharePoint {
  readonly at: Date;
  readonly agencies: number;
  readonly withAccount: number;
}

/** In percent, rounded down to one digit; null where there is no agency. */
export const accountPercentOf = ({ agencies, withAccount }: Pick<AccountSharePoint, 'agencies' | 'withAccount'>): number | null =>
  (agencies === 0 ? null : Math.floor((withAccount * 1_000) / agencies) / 10);

/** Counted from the history alone, so that a past figure stays what it was. `agencyCodes`: identities of the agencies that count; null for all. In the order of `moments`. */
export const readAccountShares = async (database: Queryable, moments: readonly Date[], agencyCodes: readonly string[] | null): Promise<readonly AccountSharePoint[]> => {
  const { rows } = await database.query<{ at: Date; agencies: number; withAccount: number }>({
    text: `SELECT t.at, count(*)::integer AS agencies, (count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM bank_accounts b CROSS JOIN LATERAL (
                 SELECT h.to_state FROM bank_account_history h WHERE h.account_id = b.id AND h.at < t.at ORDER BY h.id DESC LIMIT 1) last
               WHERE b.agency_code = a.code AND last.to_state = 'ACTIVE')))::integer AS "withAccount"
           FROM unnest($1::timestamptz[], $2::date[]) AS t (at, day) JOIN agencies a
             ON (a.active_from IS NULL OR a.active_from <= t.day) AND (a.active_until IS NULL OR a.active_until >= t.day)
           WHERE $3::text[] IS NULL OR a.code = ANY ($3) GROUP BY t.at`,
    values: [moments, moments.map(vietnamDay), agencyCodes],
  });
  return moments.map((at) => rows.find((row) => row.at.getTime() === at.getTime()) ?? { at, agencies: 0, withAccount: 0 });
};
