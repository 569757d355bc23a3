import type { AttemptedCall } from '../agencies/access-attempt-store.js';
import type { AgencyAccess } from '../agencies/agency-scope.js';
import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import { unreadableText } from '../readable-text.js';
import { dayAfter, vietnamMidnight } from '../payments/reconciliation-day.js';
import type { Database } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import { codesUnder } from './shipment-queries.js';
import type { FailureReason } from './shipment.js';

/** The post of one agency in one month of Vietnam. */
export interface PostalMonth {
  readonly agencyCode: string;
  /** First day. */
  readonly month: string;
  readonly dossiers: number;
  readonly sentByPost: number;
  readonly returnedByPost: number;
  readonly shipments: number;
  readonly delivered: number;
  readonly medianHours: number | null;
  readonly p90Hours: number | null;
  readonly failures: readonly { readonly failure: FailureReason; readonly count: number }[];
}

const MAX_DAYS = 800;
const ZONE = 'Asia/Ho_Chi_Minh';

/** A parcel that the carrier refused, or that was called off, carried nothing. */
const CARRIED = `s.state NOT IN ('REFUSED', 'CANCELLED')`;
const MONTH_OF = (column: string): string => `to_char(date_trunc('month', ${column} AT TIME ZONE '${ZONE}'), 'YYYY-MM-DD')`;

const STATEMENT = `
  WITH scope AS (SELECT $1::timestamptz AS since, $2::timestamptz AS before),
  filed AS (
    SELECT d.agency_code, ${MONTH_OF('d.created_at')} AS month, count(*)::integer AS dossiers,
        count(*) FILTER (WHERE EXISTS (SELECT 1 FROM shipments s WHERE s.dossier_code = d.code AND s.direction = 'PICKUP' AND ${CARRIED}))::integer AS sent,
        count(*) FILTER (WHERE EXISTS (SELECT 1 FROM shipments s WHERE s.dossier_code = d.code AND s.direction = 'RETURN' AND ${CARRIED}))::integer AS returned
      FROM dossiers d, scope WHERE d.created_at >= scope.since AND d.created_at < scope.before
        AND ($3::text[] IS NULL OR d.agency_code = ANY ($3)) AND ($4::text[] IS NULL OR d.agency_code = ANY ($4)) AND ($5::text IS NULL OR d.client = $5) GROUP BY 1, 2
  ), posted AS (
    SELECT s.id, s.agency_code, ${MONTH_OF('s.created_at')} AS month, s.state, extract(epoch FROM s.ended_at - coalesce(s.ordered_at, s.created_at)) / 3600 AS hours
      FROM shipments s, scope WHERE s.created_at >= scope.since AND s.created_at < scope.before
        AND ($3::text[] IS NULL OR s.agency_code = ANY ($3)) AND ($4::text[] IS NULL OR s.agency_code = ANY ($4)) AND ($5::text IS NULL OR s.client = $5)
  ), timed AS (
    SELECT agency_code, month, count(*)::integer AS shipments, count(*) FILTER (WHERE state = 'DELIVERED')::integer AS delivered,
        (percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) FILTER (WHERE state = 'DELIVERED'))::float8 AS median, (percentile_cont(0.9) WITHIN GROUP (ORDER BY hours) FILTER (WHERE state = 'DELIVERED'))::float8 AS p90
      FROM posted GROUP BY 1, 2
  ), failed AS (
    SELECT agency_code, month, jsonb_agg(jsonb_build_object('failure', failure, 'count', n) ORDER BY n DESC, failure) AS failures
      FROM (SELECT p.agency_code, p.month, coalesce(e.failure, 'OTHER') AS failure, count(*)::integer AS n
              FROM posted p JOIN shipment_events e ON e.shipment_id = p.id WHERE e.means = 'FAILED' AND e.source <> 'CLAIM' GROUP BY 1, 2, 3) AS counted GROUP BY 1, 2
  )
  SELECT agency_code AS "agencyCode", month, coalesce(dossiers, 0) AS dossiers, coalesce(sent, 0) AS "sentByPost", coalesce(returned, 0) AS "returnedByPost",
      coalesce(shipments, 0) AS shipments, coalesce(delivered, 0) AS delivered, median AS "medianHours", p90 AS "p90Hours", coalesce(failures, '[]') AS failures
    FROM filed FULL JOIN timed USING (agency_code, month) LEFT JOIN failed USING (agency_code, month) ORDER BY month, agency_code`;

/** Figures of the post for agencies and leaders. */
export class PostalMonths {
  readonly #deps: { readonly database: Database; readonly agencies: AgencyAccess };

  constructor(deps: { readonly database: Database; readonly agencies: AgencyAccess }) {
    this.#deps = deps;
  }

  /** Days in Vietnam, the last not among them. */
  async of(call: AttemptedCall, { from, to, agencyCode }: { readonly from: string; readonly to: string; readonly agencyCode: string | null }): Promise<readonly PostalMonth[]> {
    if (to <= from || to > dayAfter(from, MAX_DAYS)) {
      throw new UserInputError([problemAt('to', breach('PERIOD', `Từ 1 đến ${String(MAX_DAYS)} ngày sau ngày đầu`, `Between 1 and ${String(MAX_DAYS)} days after the first`))]);
    }
    if (agencyCode !== null && unreadableText(agencyCode, false) !== null) return [];
    const view = await this.#deps.agencies.scope.viewOf(call.caller);
    const { rows } = await orUnavailable(this.#deps.database.query<PostalMonth>(STATEMENT, [vietnamMidnight(from), vietnamMidnight(to), view.agencyCodes, codesUnder(view, agencyCode), view.client]));
    return rows;
  }
}
