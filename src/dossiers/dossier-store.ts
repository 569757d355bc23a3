import type { ReadLimits } from '../agencies/agency-scope.js';
import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { DossierRow, ListQuery, StepRow } from './dossier-rows.js';

const NATIONAL_STATE = `CASE WHEN r.acknowledged_version >= d.version THEN 'ACKNOWLEDGED'
  WHEN r.rejected_version >= d.version THEN 'REJECTED' ELSE 'PENDING' END`;
const COLUMNS = `d.code, d.version, d.quality_flags, d.created_at, d.updated_at, v.content, ${NATIONAL_STATE} AS national_state,
  r.acknowledged_version, r.acknowledged_status, r.acknowledged_at, r.rejected_version, r.rejected_at, r.rejected_reason, r.rejected_text`;
const TABLES = `dossiers d JOIN dossier_versions v ON v.id = d.version_id LEFT JOIN dossier_registrations r ON r.dossier_code = d.code`;
/** A dossier has a few dozen steps; what is beyond this is a loop at the sender, and only the newest are shown. */
const MAX_STEPS_SHOWN = 1_000;

/** Reads of dossiers and steps, sealed as stored. */
export class DossierStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async find(code: string, { client, agencyCodes }: ReadLimits): Promise<DossierRow | null> {
    const { rows } = await orUnavailable(this.#database.query<DossierRow>(
      `SELECT ${COLUMNS} FROM ${TABLES} WHERE d.code = $1 AND ($2::text IS NULL OR d.client = $2)
         AND ($3::text[] IS NULL OR d.agency_code = ANY ($3))`, [code, client, agencyCodes]));
    return rows[0] ?? null;
  }

  /** Which of these are stored, whoever sent them. */
  async existing(codes: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await orUnavailable(this.#database.query<{ code: string }>('SELECT code FROM dossiers WHERE code = ANY ($1)', [codes]));
    return new Set(rows.map(({ code }) => code));
  }

  async list({ limits, filter, after, limit }: ListQuery): Promise<readonly (DossierRow & { readonly position: string })[]> {
    const { rows } = await orUnavailable(this.#database.query<DossierRow & { position: string }>(
      `SELECT ${COLUMNS}, d.updated_at::text AS position FROM ${TABLES}
         WHERE ($1::text IS NULL OR d.client = $1) AND ($2::text IS NULL OR d.agency_code = $2) AND ($3::text IS NULL OR d.procedure_code = $3)
           AND ($4::text IS NULL OR d.status = $4) AND ($5::text IS NULL OR ${NATIONAL_STATE} = $5)
           AND ($6::timestamptz IS NULL OR d.updated_at >= $6) AND ($7::boolean IS NULL OR (cardinality(d.quality_flags) > 0) = $7)
           AND ($8::timestamptz IS NULL OR (d.updated_at, d.code) < ($8, $9)) AND ($11::text[] IS NULL OR d.agency_code = ANY ($11))
         ORDER BY d.updated_at DESC, d.code DESC LIMIT $10`,
      [limits.client, filter.agencyCode ?? null, filter.procedureCode ?? null, filter.status ?? null, filter.nationalState ?? null,
        filter.updatedSince ?? null, filter.flagged ?? null, after?.updatedAt ?? null, after?.code ?? null, limit, limits.agencyCodes]));
    return rows;
  }

  /** Steps of many dossiers by dossier code, each dossier's in the order of acceptance. */
  async steps(codes: readonly string[]): Promise<ReadonlyMap<string, readonly StepRow[]>> {
    const { rows } = await orUnavailable(this.#database.query<StepRow>(
      `SELECT s.* FROM unnest($1::text[]) AS wanted (code) CROSS JOIN LATERAL (
         SELECT id, dossier_code, status, processed_at, content, national_state, national_reason, national_text, national_at
           FROM dossier_steps WHERE dossier_code = wanted.code ORDER BY id DESC LIMIT ${String(MAX_STEPS_SHOWN)}) s
         ORDER BY s.dossier_code, s.id`, [codes]));
    const byCode = new Map<string, StepRow[]>(codes.map((code) => [code, []]));
    for (const row of rows) byCode.get(row.dossier_code)?.push(row);
    return byCode;
  }
}
