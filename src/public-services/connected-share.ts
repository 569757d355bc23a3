import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { Queryable } from '../store/database.js';
import { ONLINE_LEVELS } from './service-level.js';

export interface ShareCount {
  /** Services of level partial or full at that moment. */
  readonly online: number;
  readonly connected: number;
}

export interface AgencyShare extends ShareCount {
  readonly agencyCode: string;
}

/** How many services were connected at one moment. */
export interface SharePoint extends ShareCount {
  readonly at: Date;
  readonly agencies: readonly AgencyShare[];
}

export interface ShareScope {
  /** Codes whose services may be seen; null lifts the limit. */
  readonly agencyCodes: readonly string[] | null;
  readonly underCodes: readonly string[] | null;
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;
const MAX_MONTHS = 36;
/** Vietnam has one zone and no daylight saving time. */
const OFFSET_MS = 7 * 3_600_000;

/** In percent, with one digit; null where there is nothing to connect. */
export const percentOf = ({ online, connected }: ShareCount): number | null => (online === 0 ? null : Math.floor((connected * 1_000) / online) / 10);

const monthNumber = (field: string, month: string): number => {
  const [, year, part] = MONTH.exec(month) ?? [];
  if (year === undefined || part === undefined) throw new UserInputError([problemAt(field, breach('MONTH', 'Tháng phải có dạng 2026-01', 'A month looks like 2026-01'))]);
  return Number(year) * 12 + Number(part) - 1;
};

export interface ShareMonth {
  /** `yyyy-mm` in Vietnam. */
  readonly month: string;
  /** Its end, or now while it lasts. */
  readonly at: Date;
}

/** Months from one to another, both included, none that lies ahead. Throws `UserInputError`. */
export const monthsBetween = (from: string, until: string, now: Date): readonly ShareMonth[] => {
  const [first, last] = [monthNumber('fromMonth', from), monthNumber('untilMonth', until)];
  if (first > last || last - first >= MAX_MONTHS) {
    throw new UserInputError([problemAt('untilMonth', breach('PERIOD', `Từ 1 đến ${String(MAX_MONTHS)} tháng`, `Between 1 and ${String(MAX_MONTHS)} months`))]);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    .map((number) => ({ month: `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`, start: startOf(number), end: startOf(number + 1) }))
    .filter(({ start }) => start <= now)
    .map(({ month, end }) => ({ month, at: end < now ? end : now }));
};

const startOf = (monthCount: number): Date => new Date(Date.UTC(Math.floor(monthCount / 12), monthCount % 12, 1) - OFFSET_MS);

/** The month in Vietnam that lies so many months before. */
export const monthOf = (now: Date, monthsBefore = 0): string => {
  const local = new Date(now.getTime() + OFFSET_MS);
  return new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - monthsBefore, 1)).toISOString().slice(0, 7);
};

const sumOf = (counts: readonly ShareCount[]): ShareCount =>
  counts.reduce((sum, { online, connected }) => ({ online: sum.online + online, connected: sum.connected + connected }), { online: 0, connected: 0 });

/** Counts from the history alone, so a past figure comes out today as it came out then. In the order of `moments`, which may repeat. */
export const readShares = async (database: Queryable, moments: readonly Date[], { agencyCodes, underCodes }: ShareScope): Promise<readonly SharePoint[]> => {
  const { rows } = await database.query<AgencyShare & { at: Date }>({
    text: `SELECT t.at, s.agency_code AS "agencyCode", count(*)::integer AS online, (count(*) FILTER (WHERE h.to_state = 'CONNECTED'))::integer AS connected
           FROM (SELECT DISTINCT m.at FROM unnest($1::timestamptz[]) AS m (at)) t CROSS JOIN public_services s
           CROSS JOIN LATERAL (SELECT c.to_state, c.service_level FROM public_service_states c WHERE c.service_id = s.id AND c.at < t.at ORDER BY c.at DESC, c.id DESC LIMIT 1) h
           WHERE h.service_level = ANY ($2) AND ($3::text[] IS NULL OR s.agency_code = ANY ($3)) AND ($4::text[] IS NULL OR s.agency_code = ANY ($4))
           GROUP BY t.at, s.agency_code ORDER BY s.agency_code`,
    values: [moments, ONLINE_LEVELS, agencyCodes, underCodes],
  });
  return moments.map((at) => {
    const agencies = rows.filter((row) => row.at.getTime() === at.getTime()).map(({ agencyCode, online, connected }) => ({ agencyCode, online, connected }));
    return { at, agencies, ...sumOf(agencies) };
  });
};
