import type { Queryable } from '../store/database.js';
import { ContentCodec, reviveDossier } from '../dossiers/content-codec.js';
import type { FieldCipher } from '../store/field-cipher.js';

/** What a list of papers needs of a dossier. */
export interface HandoverDossier {
  readonly procedure: { readonly code: string; readonly name: string };
  /** Names of its documents that are not withdrawn. */
  readonly documents: readonly string[];
}

/** Onto the dossiers. Null where there is no such dossier. */
export type HandoverSource = (dossierCode: string) => Promise<HandoverDossier | null>;

/** @throws SealedFieldError where no key fits */
export const createHandoverSource = (database: Queryable, cipher: FieldCipher): HandoverSource => {
  const codec = new ContentCodec(cipher);
  return async (dossierCode) => {
    const { rows: [version] } = await database.query<{ content: never }>('SELECT v.content FROM dossiers d JOIN dossier_versions v ON v.id = d.version_id WHERE d.code = $1', [dossierCode]);
    if (version === undefined) return null;
    const { procedureCode, procedureName, documents } = codec.openDossier(reviveDossier(version.content));
    return { procedure: { code: procedureCode, name: procedureName }, documents: documents.filter(({ deleted }) => !deleted).map(({ name }) => name) };
  };
};
