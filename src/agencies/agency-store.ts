import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { Agency, AgencyCode, AgencyKind, AgencyLevel } from './agency.js';

interface AgencyRow {
  readonly code: string;
  readonly parent_code: string | null;
  readonly name_vi: string;
  readonly name_en: string | null;
  readonly kind: AgencyKind;
  readonly level: AgencyLevel;
  readonly address: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly active_from: string | null;
  readonly active_until: string | null;
  readonly codes: readonly AgencyCode[];
  readonly successors: readonly { readonly code: string; readonly since: string }[];
}

/** JSON of a date is its text; the driver's Date would move it by the time zone. */
const ALL = `SELECT code, parent_code, name_vi, name_en, kind, level, address, phone, email, active_from::text, active_until::text,
  (SELECT jsonb_agg(jsonb_build_object('code', c.code, 'from', c.valid_from, 'until', c.valid_until, 'confidence', c.confidence) ORDER BY c.code)
     FROM agency_codes c WHERE c.agency_code = a.code) AS codes,
  coalesce((SELECT jsonb_agg(jsonb_build_object('code', s.successor_code, 'since', s.since) ORDER BY s.successor_code)
     FROM agency_successions s WHERE s.predecessor_code = a.code), '[]') AS successors
  FROM agencies a ORDER BY code`;

const toAgency = (row: AgencyRow): Agency => ({
  code: row.code, codes: row.codes, nameVi: row.name_vi, nameEn: row.name_en, kind: row.kind, level: row.level, parentCode: row.parent_code,
  address: row.address, phone: row.phone, email: row.email, active: { from: row.active_from, until: row.active_until }, successors: row.successors,
});

/** SQL of the tree; what writes runs in the caller's transaction, after `lock`. */
export class AgencyStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async version(): Promise<string> {
    const { rows } = await orUnavailable(this.#database.query<{ version: string }>({ name: 'agency-tree-version', text: 'SELECT version FROM agency_tree' }));
    return rows[0]?.version ?? '0';
  }

  /** The version belongs to this very content: both come from one snapshot. */
  async load(client: Queryable = this.#database): Promise<{ readonly version: string; readonly agencies: readonly Agency[] }> {
    const { rows } = await orUnavailable(client.query<{ version: string; tree: readonly AgencyRow[] | null }>(
      `SELECT version, (SELECT jsonb_agg(t) FROM (${ALL}) t) AS tree FROM agency_tree`));
    return { version: rows[0]?.version ?? '0', agencies: (rows[0]?.tree ?? []).map(toAgency) };
  }

  /** From here to the end of the transaction nobody else changes the tree. */
  async lock(client: Queryable): Promise<void> {
    await client.query('SELECT version FROM agency_tree FOR UPDATE');
  }

  /** Writes these agencies as they are here, with their codes and successors; codes and successors are only ever added or changed. */
  async save(client: Queryable, agencies: readonly Agency[]): Promise<void> {
    await client.query({
      text: `INSERT INTO agencies (code, parent_code, name_vi, name_en, kind, level, address, phone, email, active_from, active_until)
             SELECT code, "parentCode", "nameVi", "nameEn", kind, level, address, phone, email, (active->>'from')::date, (active->>'until')::date
               FROM jsonb_to_recordset($1) AS r (code text, "parentCode" text, "nameVi" text, "nameEn" text, kind text, level text,
                 address text, phone text, email text, active jsonb)
             ON CONFLICT (code) DO UPDATE SET parent_code = excluded.parent_code, name_vi = excluded.name_vi, name_en = excluded.name_en,
               kind = excluded.kind, level = excluded.level, address = excluded.address, phone = excluded.phone, email = excluded.email,
               active_from = excluded.active_from, active_until = excluded.active_until, updated_at = now()`,
      values: [JSON.stringify(agencies)],
    });
    await client.query({
      text: `INSERT INTO agency_codes (agency_code, code, valid_from, valid_until, confidence)
             SELECT agency, code, "from", until, confidence
               FROM jsonb_to_recordset($1) AS r (agency text, code text, "from" date, until date, confidence text)
             ON CONFLICT (agency_code, code) DO UPDATE SET valid_from = excluded.valid_from, valid_until = excluded.valid_until, confidence = excluded.confidence`,
      values: [JSON.stringify(agencies.flatMap(({ code, codes }) => codes.map((entry) => ({ agency: code, ...entry }))))],
    });
    const successions = agencies.flatMap(({ code, successors }) => successors.map((successor) => ({ from: code, to: successor.code, since: successor.since })));
    if (successions.length === 0) return;
    await client.query({
      text: `INSERT INTO agency_successions (predecessor_code, successor_code, since)
             SELECT "from", "to", since FROM jsonb_to_recordset($1) AS r ("from" text, "to" text, since date)
             ON CONFLICT (predecessor_code, successor_code) DO UPDATE SET since = excluded.since`,
      values: [JSON.stringify(successions)],
    });
  }
}
