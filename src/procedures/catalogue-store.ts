import type { Queryable } from '../store/database.js';
import { orUnavailable } from '../store/database-errors.js';
import type { CatalogueFilter, CatalogueMark, ProcedureChange } from './catalogue-entry.js';
import type { NationalProcedure } from './procedure.js';

/** A row with its content as the party gave it. */
export type StoredProcedure = CatalogueMark & { readonly content: NationalProcedure };

const MARK = `code, name, version, is_public AS "isPublic", first_seen_at AS "firstSeenAt", changed_at AS "changedAt", read_at AS "readAt", withdrawn_at AS "withdrawnAt"`;
const CHANGE = `id, code, version, kind, diff, seen_at AS "seenAt"`;

type Condition = readonly [value: unknown, sql: (parameter: string) => string];

const conditionsOf = (filter: CatalogueFilter): readonly Condition[] => [
  [filter.search, (parameter) => `search @@ ${parameter}::tsquery`],
  [filter.fieldCode, (parameter) => `field_codes @> ARRAY[${parameter}::text]`],
  [filter.agencyCode, (parameter) => `agency_codes @> ARRAY[${parameter}::text]`],
  [filter.level, (parameter) => `levels @> ARRAY[${parameter}::text]`],
  [filter.isPublic, (parameter) => `is_public = ${parameter}`],
  [filter.withdrawn, (parameter) => `(withdrawn_at IS NOT NULL) = ${parameter}`],
];

/** SQL that reads the catalogue. */
export class CatalogueStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** In the order of codes, after `after`. */
  async list(filter: CatalogueFilter, page: { readonly after: string; readonly limit: number }): Promise<readonly CatalogueMark[]> {
    const values: unknown[] = [page.after, page.limit];
    const where = conditionsOf(filter).flatMap(([value, sql]) => (value === undefined ? [] : [` AND ${sql(`$${String(values.push(value))}`)}`]));
    const text = `SELECT ${MARK} FROM national_procedures WHERE code > $1${where.join('')} ORDER BY code LIMIT $2`;
    return (await orUnavailable(this.#database.query<CatalogueMark>({ text, values }))).rows;
  }

  async marks(codes: readonly string[]): Promise<readonly CatalogueMark[]> {
    return (await orUnavailable(this.#database.query<CatalogueMark>({
      name: 'catalogue-marks', text: `SELECT ${MARK} FROM national_procedures WHERE code = ANY ($1::text[])`, values: [codes],
    }))).rows;
  }

  /** Rows with their content, which may be newer than the marks that were read before. */
  async records(codes: readonly string[]): Promise<readonly StoredProcedure[]> {
    return (await orUnavailable(this.#database.query<StoredProcedure>({
      name: 'catalogue-records', text: `SELECT ${MARK}, content FROM national_procedures WHERE code = ANY ($1::text[])`, values: [codes],
    }))).rows;
  }

  /** Moves with every committed change of what readers see. */
  async version(): Promise<string> {
    const { rows } = await orUnavailable(this.#database.query<{ version: string }>({ name: 'catalogue-version', text: 'SELECT version FROM catalogue_version' }));
    return rows[0]?.version ?? '';
  }

  /** Newest first, before `before`; null code: of all procedures. */
  async changes(code: string | null, page: { readonly before: string | null; readonly limit: number }): Promise<readonly ProcedureChange[]> {
    return (await orUnavailable(this.#database.query<ProcedureChange>({
      text: `SELECT ${CHANGE} FROM procedure_changes WHERE ($1::text IS NULL OR code = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      values: [code, page.before, page.limit],
    }))).rows;
  }

  /** Newest changes of each code, in one statement. */
  async latestChanges(codes: readonly string[], limit: number): Promise<readonly ProcedureChange[]> {
    return (await orUnavailable(this.#database.query<ProcedureChange>({
      text: `SELECT c.* FROM unnest($1::text[]) AS wanted (code),
               LATERAL (SELECT ${CHANGE} FROM procedure_changes WHERE code = wanted.code ORDER BY id DESC LIMIT $2) c`,
      values: [codes, limit],
    }))).rows;
  }
}
