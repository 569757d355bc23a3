import type { ParseContext, ParseOutcome } from './parse-context.js';
import type { DossierStatus } from './dossier.js';
import type { StatusReportInput } from './dossier-input.js';
import { checkDossierCode } from './code-rules.js';
import { InputReader } from './input-reader.js';
import { breach } from './rule-breach.js';

/** A status report as stored: files by reference, links are made when it is sent. */
export interface ReportContent {
  readonly nationalCode: string;
  readonly dossierCode: string;
  readonly ownerTechnicalId: string | null;
  readonly status: DossierStatus;
  readonly content: string;
  readonly processedAt: Date;
  readonly documents: readonly ReportDocument[];
}

export interface ReportDocument {
  readonly id: string;
  readonly name: string;
  readonly componentCode: string | null;
  readonly deleted: boolean;
  readonly fileReference: string;
}

const parseDocuments = (reader: InputReader, input: StatusReportInput, { path, rules: { fieldLimits } }: ParseContext): readonly ReportDocument[] => {
  const ids = new Set<string>();
  return reader.list(`${path}.documents`, input.documents, (document, at) => {
    const id = reader.text(`${at}.id`, document.id, { max: fieldLimits.code });
    if (ids.has(id)) reader.refuse(`${at}.id`, breach('DUPLICATE_ID', 'Mã giấy tờ bị trùng', 'Two documents share this id'));
    ids.add(id);
    return {
      id,
      name: reader.text(`${at}.name`, document.name, { cutAt: fieldLimits.documentName }),
      componentCode: reader.optionalText(`${at}.componentCode`, document.componentCode, { max: fieldLimits.code }),
      deleted: document.deleted,
      fileReference: reader.fileReference(`${at}.fileReference`, document.fileReference),
    };
  });
};

export const parseStatusReport = (input: StatusReportInput, context: ParseContext): ParseOutcome<ReportContent> => {
  const { path, now, rules: { fieldLimits, tenantAgencyCodes: tenant, agencies } } = context;
  const reader = new InputReader(now);
  const parsed: ReportContent = {
    // The national portal's own code: its shape is its business.
    nationalCode: reader.text(`${path}.nationalCode`, input.nationalCode, { max: fieldLimits.code }),
    dossierCode: reader.text(`${path}.dossierCode`, input.dossierCode, { max: fieldLimits.code }),
    ownerTechnicalId: reader.optionalText(`${path}.ownerTechnicalId`, input.ownerTechnicalId, { max: 100 }),
    status: input.status,
    content: reader.text(`${path}.content`, input.content, { multiline: true }),
    processedAt: reader.instant(`${path}.processedAt`, input.processedAt, 'past'),
    documents: parseDocuments(reader, input, context),
  };
  const shape = checkDossierCode(parsed.dossierCode, { tenant, now, receivedAt: null, agencies });
  reader.refuse(`${path}.dossierCode`, shape);
  if (reader.problems.length === 0) return { ok: true, parsed };
  return { ok: false, code: shape === null ? parsed.dossierCode : null, problems: reader.problems };
};
