import type pg from 'pg';
import { reviveDossier, reviveReport, reviveStep } from './content-codec.js';
import type { ContentCodec } from './content-codec.js';
import { mapPersonalFields, mapPersonalReportFields, mapPersonalStepFields } from './personal-fields.js';

/** Stands where a personal field was; sealed like any other, so that everything that reads dossiers goes on. */
export const ERASED = '[đã xoá]';
const erase = (): string => ERASED;

interface ErasedTable {
  readonly name: 'dossier_versions' | 'dossier_steps' | 'status_reports';
  readonly erase: (codec: ContentCodec, code: string, content: never) => string;
}

const TABLES: readonly ErasedTable[] = [
  { name: 'dossier_versions', erase: (codec, _code, content) => codec.sealDossier(mapPersonalFields(reviveDossier(content), erase)) },
  { name: 'dossier_steps', erase: (codec, code, content) => codec.sealStep(code, mapPersonalStepFields(reviveStep(content), erase)) },
  { name: 'status_reports', erase: (codec, _code, content) => codec.sealReport(mapPersonalReportFields(reviveReport(content), erase)) },
];

export type ErasureRefusal = 'OPEN_DELIVERIES' | 'LEGAL_HOLD';

/** Of what the national portal is owed, and of what carriers are. */
const lanesOf = (codes: readonly string[]): readonly string[] => codes.flatMap((code) => [code, `post/${code}`]);

/** Replaces what a dossier tells of people, in the transaction of who decides it. Keys that sealed the old fields are not needed. */
export class DossierErasure {
  readonly #codec: ContentCodec;

  constructor(codec: ContentCodec) {
    this.#codec = codec;
  }

  /** Codes of the dossiers in which the person occurs, sorted. */
  async codesOf(client: pg.ClientBase, personIndex: string): Promise<readonly string[]> {
    const { rows } = await client.query<{ code: string }>(`SELECT dossier_code AS code FROM dossier_persons WHERE person_index = decode($1, 'hex') ORDER BY dossier_code`, [personIndex]);
    return rows.map(({ code }) => code);
  }

  /** Locks the dossiers in the order in which acceptance and the engine lock them, and says which of them may not be erased now. */
  async lock(client: pg.ClientBase, codes: readonly string[]): Promise<readonly { readonly code: string; readonly refusal: ErasureRefusal }[]> {
    await client.query('SELECT 1 FROM dossiers WHERE code = ANY ($1) ORDER BY code FOR UPDATE', [codes]);
    await client.query('SELECT 1 FROM lanes WHERE lane = ANY ($1) ORDER BY party, lane FOR UPDATE', [lanesOf(codes)]);
    const { rows } = await client.query<{ code: string; refusal: ErasureRefusal }>(
      `SELECT DISTINCT dossier_code AS code, 'LEGAL_HOLD' AS refusal FROM held_dossiers WHERE dossier_code = ANY ($1)
       UNION ALL SELECT c.code, 'OPEN_DELIVERIES' FROM unnest($1::text[]) AS c (code) JOIN lanes l ON l.lane IN (c.code, 'post/' || c.code)
         GROUP BY c.code HAVING sum(l.open_count) > 0 ORDER BY 1, 2`, [codes]);
    return rows;
  }

  /** Of dossiers that are locked and not refused. Deletes journal and bodies too, also those of what parties sent about them; digests and the chain of records stay. */
  async erase(client: pg.ClientBase, codes: readonly string[], by: string): Promise<void> {
    for (const table of TABLES) await this.#eraseTable(client, table, codes);
    await client.query('DELETE FROM dossier_persons WHERE dossier_code = ANY ($1)', [codes]);
    // Who paid and from where, and the text of transfers; what was paid stays in the books.
    await client.query('UPDATE payments SET content = NULL, pay_url = NULL WHERE dossier_code = ANY ($1) AND (content IS NOT NULL OR pay_url IS NOT NULL)', [codes]);
    await client.query(
      'UPDATE unmatched_credits SET content_sealed = NULL WHERE resolved_payment IN (SELECT id FROM payments WHERE dossier_code = ANY ($1)) OR reference IN (SELECT reference FROM payments WHERE dossier_code = ANY ($1))', [codes]);
    // Where parcels went; which way and when stays in the figures.
    await client.query('UPDATE shipments SET content = NULL WHERE dossier_code = ANY ($1) AND content IS NOT NULL', [codes]);
    await client.query('UPDATE postal_choices SET recipient = NULL WHERE dossier_code = ANY ($1) AND recipient IS NOT NULL', [codes]);
    await client.query('DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE lane = ANY ($1))', [lanesOf(codes)]);
    await client.query(
      `SELECT delete_evidence_bodies(ARRAY(SELECT e.id FROM evidence e WHERE e.chain = ANY (ARRAY(SELECT 'lane/' || lane FROM unnest($1::text[]) AS lane))))`, [lanesOf(codes)]);
    await client.query(`UPDATE callbacks SET body = NULL WHERE dossier_code = ANY ($1) AND body IS NOT NULL AND state <> 'received'`, [codes]);
    // The digest of the content was made over what is gone; the same content sent again is new.
    await client.query(`UPDATE dossiers SET content_digest = sha256(convert_to(gen_random_uuid()::text, 'UTF8')) WHERE code = ANY ($1)`, [codes]);
    await client.query(`INSERT INTO dossier_erasures (dossier_code, erased_by) SELECT code, $2 FROM unnest($1::text[]) AS code
      ON CONFLICT (dossier_code) DO UPDATE SET erased_by = excluded.erased_by, erased_at = now()`, [codes, by]);
  }

  async #eraseTable(client: pg.ClientBase, { name, erase: eraseContent }: ErasedTable, codes: readonly string[]): Promise<void> {
    const { rows } = await client.query<{ id: string; dossier_code: string; content: never }>(
      `SELECT id, dossier_code, content FROM ${name} WHERE dossier_code = ANY ($1) ORDER BY id FOR UPDATE`, [codes]);
    if (rows.length === 0) return;
    await client.query(
      `UPDATE ${name} t SET content = n.content::json, key_id = $4
         FROM unnest($1::text[], $2::bigint[], $3::text[]) AS n (dossier_code, id, content) WHERE t.dossier_code = n.dossier_code AND t.id = n.id`,
      [rows.map((row) => row.dossier_code), rows.map((row) => row.id), rows.map((row) => eraseContent(this.#codec, row.dossier_code, row.content)), this.#codec.keyId]);
  }
}
