import type { FileReference, FileTarget } from '../files/file-target.js';
import type { Queryable } from '../store/database.js';
import type { ContentCodec, Stored } from './content-codec.js';
import type { DossierContent } from './dossier.js';
import type { ReportContent } from './parse-status-report.js';

interface NamedFile {
  readonly name: string;
  readonly fileReference: string | null;
}

const LISTS = {
  'dossier-document': 'documents',
  'dossier-result': 'results',
  'report-document': 'report.documents',
} as const satisfies Partial<Record<FileTarget['source'], string>>;

const isOwn = (source: FileTarget['source']): source is keyof typeof LISTS => Object.hasOwn(LISTS, source);

/** Finds what a verified link stands for in the rows that the link names. */
export class DossierFileSource {
  readonly #database: Queryable;
  readonly #codec: ContentCodec;

  constructor(database: Queryable, codec: ContentCodec) {
    this.#database = database;
    this.#codec = codec;
  }

  /** Null when the row or its member is gone. Opens the two fields of this file only. */
  async find(target: FileTarget): Promise<FileReference | null> {
    const { source } = target;
    if (!isOwn(source)) return null;
    const found = source === 'report-document' ? await this.#report(target.rowId) : await this.#version(target);
    const file = found?.files[target.index];
    if (found === null || file === undefined || file.fileReference === null) return null;
    const open = this.#codec.opening(found.code);
    const path = `${LISTS[source]}[${String(target.index)}]`;
    return { reference: open(file.fileReference, `${path}.fileReference`), name: open(file.name, `${path}.name`) };
  }

  async #version({ rowId, source }: FileTarget): Promise<{ code: string; files: readonly NamedFile[] } | null> {
    const { rows: [row] } = await this.#database.query<{ content: Stored<DossierContent> }>(
      'SELECT content FROM dossier_versions WHERE id = $1', [rowId]);
    if (row === undefined) return null;
    return { code: row.content.code, files: source === 'dossier-result' ? row.content.results : row.content.documents };
  }

  async #report(rowId: string): Promise<{ code: string; files: readonly NamedFile[] } | null> {
    const { rows: [row] } = await this.#database.query<{ content: Stored<ReportContent> }>(
      'SELECT content FROM status_reports WHERE id = $1', [rowId]);
    return row === undefined ? null : { code: row.content.dossierCode, files: row.content.documents };
  }
}
