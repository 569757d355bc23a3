import type { Queryable } from '../store/database.js';
import { foldText } from '../agencies/fold-text.js';
import { diffRecords } from './catalogue-diff.js';
import type { RecordDiff } from './catalogue-diff.js';
import type { ChangeKind } from './catalogue-entry.js';
import type { NationalProcedure } from './procedure.js';
import { searchTermsOf } from './search-terms.js';

/** A record as it was read, and how the list named it. */
export interface ReadRecord {
  readonly procedure: NationalProcedure;
  readonly original: unknown;
  readonly reference: string;
  readonly listedVersion: string | null;
  readonly listedName: string;
}

interface Held {
  readonly code: string;
  readonly version: number;
  readonly content: NationalProcedure;
  readonly withdrawn: boolean;
}

interface Change {
  readonly kind: ChangeKind;
  readonly diff: RecordDiff;
}

/** Null: it says what we hold already. Pure. */
export const changeOf = (held: { readonly content: NationalProcedure; readonly withdrawn: boolean } | undefined, procedure: NationalProcedure): Change | null => {
  if (held === undefined) return { kind: 'added', diff: {} };
  const diff = diffRecords(held.content, procedure);
  if (held.withdrawn) return { kind: 'returned', diff };
  if (Object.keys(diff).length === 0) return null;
  if (held.content.isPublic === procedure.isPublic) return { kind: 'changed', diff };
  return { kind: procedure.isPublic ? 'published' : 'unpublished', diff };
};

const agencyCodesOf = ({ publishingAgency, executingAgencies, competentAgencies, delegatedAgencies, coordinatingAgencies }: NationalProcedure): readonly string[] =>
  codesOf([...(publishingAgency === null ? [] : [publishingAgency]), ...executingAgencies, ...competentAgencies, ...delegatedAgencies, ...coordinatingAgencies]);

const codesOf = (named: readonly { readonly code: string | null }[]): readonly string[] => [...new Set(named.flatMap(({ code }) => (code === null ? [] : [code])))];

const rowOf = ({ procedure, original, reference, listedVersion, listedName }: ReadRecord, version: number) => ({
  code: procedure.code, reference, name: procedure.name, folded_name: foldText(procedure.name), is_public: procedure.isPublic,
  listed_version: listedVersion, listed_name: listedName, version, content: procedure, original: original ?? null,
  field_codes: codesOf(procedure.fields), agency_codes: agencyCodesOf(procedure), levels: procedure.levels, terms: searchTermsOf(procedure),
});

const UPSERT = `INSERT INTO national_procedures AS n (code, reference, name, folded_name, is_public, listed_version, listed_name, version, content, original, field_codes, agency_codes, levels, search)
  SELECT code, reference, name, folded_name, is_public, listed_version, listed_name, version, content, original, field_codes, agency_codes, levels, array_to_tsvector(terms)
  FROM jsonb_to_recordset($1::jsonb) AS r (code text, reference text, name text, folded_name text, is_public boolean, listed_version text, listed_name text,
    version integer, content jsonb, original jsonb, field_codes text[], agency_codes text[], levels text[], terms text[])
  ON CONFLICT (code) DO UPDATE SET reference = excluded.reference, name = excluded.name, folded_name = excluded.folded_name, is_public = excluded.is_public,
    listed_version = excluded.listed_version, listed_name = excluded.listed_name, version = excluded.version, content = excluded.content, original = excluded.original,
    field_codes = excluded.field_codes, agency_codes = excluded.agency_codes, levels = excluded.levels, search = excluded.search,
    changed_at = now(), read_at = now(), absences = 0, withdrawn_at = NULL`;

/** Writes what a sync read, and what changed by it, in the transaction that also moves the sync on. */
export class CatalogueWriter {
  /** Returns how many records are new or say something new. */
  async apply(client: Queryable, syncId: string, records: readonly ReadRecord[]): Promise<number> {
    const byCode = new Map(records.map((record) => [record.procedure.code, record]));
    const held = await this.#held(client, [...byCode.keys()]);
    const fresh: { readonly record: ReadRecord; readonly version: number; readonly change: Change }[] = [];
    const same: ReadRecord[] = [];
    for (const [code, record] of byCode) {
      // Through JSON, as it will come back: what jsonb drops is no difference.
      const procedure = JSON.parse(JSON.stringify(record.procedure)) as NationalProcedure;
      const change = changeOf(held.get(code), procedure);
      if (change === null) same.push(record);
      else fresh.push({ record, change, version: (held.get(code)?.version ?? 0) + 1 });
    }
    if (fresh.length > 0) {
      await client.query({ text: UPSERT, values: [JSON.stringify(fresh.map(({ record, version }) => rowOf(record, version)))] });
      await client.query({
        text: `INSERT INTO procedure_changes (code, version, kind, diff, sync_id)
               SELECT code, version, kind, diff, $2 FROM jsonb_to_recordset($1::jsonb) AS r (code text, version integer, kind text, diff jsonb)`,
        values: [JSON.stringify(fresh.map(({ record, version, change }) => ({ code: record.procedure.code, version, ...change }))), syncId],
      });
    }
    if (same.length > 0) await this.#touch(client, same);
    return fresh.length;
  }

  /** After a complete listing: who was in it starts from zero, who was missing for the second time is withdrawn; returns how many are. */
  async countAbsences(client: Queryable, syncId: string): Promise<number> {
    const present = `SELECT code FROM procedure_sync_items WHERE sync_id = $1 AND state <> 'gone'`;
    await client.query({ text: `UPDATE national_procedures SET absences = 0 WHERE absences > 0 AND code IN (${present})`, values: [syncId] });
    const { rowCount } = await client.query({
      text: `WITH absent AS (
               UPDATE national_procedures SET absences = absences + 1, withdrawn_at = CASE WHEN absences >= 1 THEN now() END,
                 version = version + CASE WHEN absences >= 1 THEN 1 ELSE 0 END, changed_at = CASE WHEN absences >= 1 THEN now() ELSE changed_at END
               WHERE withdrawn_at IS NULL AND code NOT IN (${present}) RETURNING code, version, withdrawn_at)
             INSERT INTO procedure_changes (code, version, kind, diff, sync_id)
             SELECT code, version, 'withdrawn', '{}', $1 FROM absent WHERE withdrawn_at IS NOT NULL`,
      values: [syncId],
    });
    return rowCount ?? 0;
  }

  /** Share of the procedures in force that the listing lacks, 0 to 1. */
  async absentShare(client: Queryable, syncId: string): Promise<number> {
    const { rows } = await client.query<{ share: number }>({
      text: `SELECT coalesce(avg(CASE WHEN i.code IS NULL THEN 1 ELSE 0 END), 0)::float8 AS share FROM national_procedures n
             LEFT JOIN (SELECT DISTINCT code FROM procedure_sync_items WHERE sync_id = $1 AND state <> 'gone') i ON i.code = n.code WHERE n.withdrawn_at IS NULL`,
      values: [syncId],
    });
    return rows[0]?.share ?? 0;
  }

  async #held(client: Queryable, codes: readonly string[]): Promise<ReadonlyMap<string, Held>> {
    const { rows } = await client.query<Held>({
      text: 'SELECT code, version, content, withdrawn_at IS NOT NULL AS withdrawn FROM national_procedures WHERE code = ANY ($1::text[])', values: [codes],
    });
    return new Map(rows.map((row) => [row.code, row]));
  }

  async #touch(client: Queryable, records: readonly ReadRecord[]): Promise<void> {
    const rows = records.map(({ procedure, reference, listedVersion, listedName, original }) => ({ code: procedure.code, reference, version: listedVersion, name: listedName, original: original ?? null }));
    await client.query({
      text: `UPDATE national_procedures n SET read_at = now(), reference = r.reference, listed_version = r.version, listed_name = r.name, original = r.original
             FROM jsonb_to_recordset($1::jsonb) AS r (code text, reference text, version text, name text, original jsonb) WHERE n.code = r.code`,
      values: [JSON.stringify(rows)],
    });
  }
}
