import type { Database } from '../store/database.js';
import { reviveDossier, reviveReport, reviveStep } from './content-codec.js';
import type { ContentCodec } from './content-codec.js';

/** Small enough that a batch's row locks are short, large enough that a million rows take minutes. */
const BATCH_SIZE = 200;

interface SealedRow {
  readonly id: string;
  readonly dossier_code: string;
  readonly content: never;
}

interface SealedTable {
  readonly name: 'dossier_versions' | 'dossier_steps' | 'status_reports';
  readonly reseal: (codec: ContentCodec, row: SealedRow) => string;
}

const TABLES: readonly SealedTable[] = [
  { name: 'dossier_versions', reseal: (codec, row) => codec.sealDossier(codec.openDossier(reviveDossier(row.content))) },
  { name: 'dossier_steps', reseal: (codec, row) => codec.sealStep(row.dossier_code, codec.openStep(row.dossier_code, reviveStep(row.content))) },
  { name: 'status_reports', reseal: (codec, row) => codec.sealReport(codec.openReport(reviveReport(row.content))) },
];

/**
 * Brings every row under the current field key, so that older keys can be withdrawn. Safe to stop and start again, and beside a
 * running gateway. Rejects with `SealedFieldError` at the first row that no configured key opens.
 */
export class DossierReseal {
  readonly #database: Database;
  readonly #codec: ContentCodec;

  constructor(database: Database, codec: ContentCodec) {
    this.#database = database;
    this.#codec = codec;
  }

  /** `onProgress` is told how many rows are done so far. Gives the total. */
  async run(onProgress: (rows: number) => void = () => undefined): Promise<number> {
    let total = 0;
    for (const table of TABLES) {
      for (let after = '0'; ;) {
        const batch = await this.#batch(table, after);
        if (batch.count === 0) break;
        after = batch.last;
        total += batch.count;
        onProgress(total);
      }
    }
    return total;
  }

  #batch({ name, reseal }: SealedTable, after: string): Promise<{ count: number; last: string }> {
    return this.#database.transaction(async (client) => {
      const { rows } = await client.query<SealedRow>(
        `SELECT id, dossier_code, content FROM ${name} WHERE id > $1 AND key_id <> $2 ORDER BY id LIMIT ${String(BATCH_SIZE)} FOR UPDATE`,
        [after, this.#codec.keyId]);
      if (rows.length > 0) {
        await client.query(
          `UPDATE ${name} t SET content = n.content::json, key_id = $4
             FROM unnest($1::text[], $2::bigint[], $3::text[]) AS n (dossier_code, id, content) WHERE t.dossier_code = n.dossier_code AND t.id = n.id`,
          [rows.map((row) => row.dossier_code), rows.map((row) => row.id), rows.map((row) => reseal(this.#codec, row)), this.#codec.keyId]);
      }
      return { count: rows.length, last: rows.at(-1)?.id ?? after };
    });
  }
}
