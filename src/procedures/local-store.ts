import type { Queryable } from '../store/database.js';
import type { LocalRecord } from './local-procedure.js';
import type { MatchCause } from './match.js';

/** Arbitrary, but the same in every process: imports take turns, so that a report says what became of its rows. */
const IMPORT_LOCK = 4_014;

const COLUMNS = `code, agency_code AS "agencyCode", name, field_code AS "fieldCode", level, service_level AS "serviceLevel",
  fee_vnd::float8 AS "feeVnd", time_amount AS "timeAmount", time_unit AS "timeUnit", active`;

/** SQL of the province's own procedures; what writes runs in the caller's transaction. */
export class LocalProcedureStore {
  /** From here to the end of the transaction nobody else imports. */
  async lock(client: Queryable): Promise<void> {
    await client.query('SELECT pg_advisory_xact_lock($1)', [IMPORT_LOCK]);
  }

  async find(client: Queryable, keys: readonly { readonly code: string; readonly agencyCode: string }[]): Promise<readonly LocalRecord[]> {
    const { rows } = await client.query<LocalRecord>({
      text: `SELECT ${COLUMNS} FROM local_procedures l WHERE (l.code, l.agency_code) IN (SELECT code, agency FROM unnest($1::text[], $2::text[]) AS k (code, agency))`,
      values: [keys.map(({ code }) => code), keys.map(({ agencyCode }) => agencyCode)],
    });
    return rows;
  }

  async save(client: Queryable, records: readonly LocalRecord[], foldedNames: readonly string[]): Promise<void> {
    if (records.length === 0) return;
    await client.query({
      text: `INSERT INTO local_procedures (code, agency_code, name, folded_name, field_code, level, service_level, fee_vnd, time_amount, time_unit, active)
             SELECT code, "agencyCode", name, "foldedName", "fieldCode", level, "serviceLevel", "feeVnd", "timeAmount", "timeUnit", active
               FROM jsonb_to_recordset($1) AS r (code text, "agencyCode" text, name text, "foldedName" text, "fieldCode" text, level text, "serviceLevel" text,
                 "feeVnd" bigint, "timeAmount" integer, "timeUnit" text, active boolean)
             ON CONFLICT (code, agency_code) DO UPDATE SET name = excluded.name, folded_name = excluded.folded_name, field_code = excluded.field_code,
               level = excluded.level, service_level = excluded.service_level, fee_vnd = excluded.fee_vnd, time_amount = excluded.time_amount,
               time_unit = excluded.time_unit, active = excluded.active, updated_at = now()`,
      values: [JSON.stringify(records.map((record, index) => ({ ...record, foldedName: foldedNames[index] ?? '' })))],
    });
  }

  /** Retires what these agencies have beside `kept`; returns how many. */
  async retireOthers(client: Queryable, agencyCodes: readonly string[], kept: readonly { readonly code: string; readonly agencyCode: string }[]): Promise<number> {
    const { rowCount } = await client.query({
      text: `UPDATE local_procedures l SET active = false, updated_at = now() WHERE l.active AND l.agency_code = ANY ($1)
               AND NOT EXISTS (SELECT 1 FROM unnest($2::text[], $3::text[]) AS k (code, agency) WHERE k.code = l.code AND k.agency = l.agency_code)`,
      values: [agencyCodes, kept.map(({ code }) => code), kept.map(({ agencyCode }) => agencyCode)],
    });
    return rowCount ?? 0;
  }

  /** Owes a run of the match; returns its id. */
  async requestMatch(client: Queryable, cause: MatchCause, requestedBy: string): Promise<string> {
    const { rows } = await client.query<{ id: string }>('INSERT INTO match_requests (cause, requested_by) VALUES ($1, $2) RETURNING id', [cause, requestedBy]);
    return rows[0]?.id ?? '';
  }
}
