import { vietnamDay } from '../agencies/agency.js';
import type { Queryable } from '../store/database.js';

/** Of these codes, the agencies that have an account into which fees can be paid at this moment. An agency goes by any of its codes. */
export const findActiveAccountAgencies = async (database: Queryable, agencyCodes: readonly string[], at: Date): Promise<ReadonlySet<string>> => {
  const { rows } = await database.query<{ code: string }>({
    text: `SELECT w.code FROM unnest($1::text[]) AS w (code) WHERE EXISTS (
             SELECT 1 FROM bank_accounts a WHERE a.agency_code IN (SELECT w.code UNION SELECT c.agency_code FROM agency_codes c WHERE c.code = w.code)
               AND a.state = 'ACTIVE' AND a.usable_at <= $2 AND a.valid_from <= $3::date AND (a.valid_to IS NULL OR a.valid_to >= $3::date))`,
    values: [agencyCodes, at, vietnamDay(at)],
  });
  return new Set(rows.map(({ code }) => code));
};
