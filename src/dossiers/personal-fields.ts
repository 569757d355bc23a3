import type { DossierContent, DossierOwner, DossierStep, OtherAttachment, Supplement } from './dossier.js';
import type { ReportContent } from './parse-status-report.js';

/** Replaces one text; `path` names its field from the content's root, such as `documents[0].name`. */
export type TextTransform = (text: string, path: string) => string;

const orNull = (text: string | null, path: string, transform: TextTransform): string | null =>
  text === null ? null : transform(text, path);

const mapOwner = (owner: DossierOwner, transform: TextTransform): DossierOwner => ({
  kind: owner.kind,
  name: transform(owner.name, 'owner.name'),
  idNumber: transform(owner.idNumber, 'owner.idNumber'),
  technicalId: orNull(owner.technicalId, 'owner.technicalId', transform),
  phone: orNull(owner.phone, 'owner.phone', transform),
  email: orNull(owner.email, 'owner.email', transform),
  fax: orNull(owner.fax, 'owner.fax', transform),
  otherInfo: orNull(owner.otherInfo, 'owner.otherInfo', transform),
});

const mapAttachments = (attachments: readonly OtherAttachment[], path: string, transform: TextTransform): readonly OtherAttachment[] =>
  attachments.map((attachment, index) => ({ ...attachment, name: transform(attachment.name, `${path}[${String(index)}].name`) }));

const mapSupplement = (supplement: Supplement, path: string, transform: TextTransform): Supplement => ({
  ...supplement,
  requestedBy: transform(supplement.requestedBy, `${path}.requestedBy`),
  content: transform(supplement.content, `${path}.content`),
  receivedBy: orNull(supplement.receivedBy, `${path}.receivedBy`, transform),
  receivedInfo: orNull(supplement.receivedInfo, `${path}.receivedInfo`, transform),
  documents: mapAttachments(supplement.documents, `${path}.documents`, transform),
});

/**
 * The one list of a dossier's personal fields: sealing, opening, masking and re-sealing all go through it. Free texts count, since
 * officials write names into them, and so do names of files.
 */
export const mapPersonalFields = (content: DossierContent, transform: TextTransform): DossierContent => ({
  ...content,
  owner: mapOwner(content.owner, transform),
  subject: transform(content.subject, 'subject'),
  note: orNull(content.note, 'note', transform),
  returnInfo: orNull(content.returnInfo, 'returnInfo', transform),
  documents: content.documents.map((document, index) => ({
    ...document,
    name: transform(document.name, `documents[${String(index)}].name`),
    fileReference: transform(document.fileReference, `documents[${String(index)}].fileReference`),
  })),
  otherAttachments: mapAttachments(content.otherAttachments, 'otherAttachments', transform),
  supplements: content.supplements.map((supplement, index) => mapSupplement(supplement, `supplements[${String(index)}]`, transform)),
  results: content.results.map((result, index) => ({
    ...result,
    name: transform(result.name, `results[${String(index)}].name`),
    fileReference: orNull(result.fileReference, `results[${String(index)}].fileReference`, transform),
  })),
});

/** What a step holds beyond its own columns. */
export type StepContent = Omit<DossierStep, 'id' | 'dossierCode' | 'status' | 'processedAt'>;

export const mapPersonalStepFields = (step: StepContent, transform: TextTransform): StepContent => ({
  ...step,
  officialName: transform(step.officialName, 'step.officialName'),
  content: transform(step.content, 'step.content'),
});

export const mapPersonalReportFields = (report: ReportContent, transform: TextTransform): ReportContent => ({
  ...report,
  ownerTechnicalId: orNull(report.ownerTechnicalId, 'report.ownerTechnicalId', transform),
  content: transform(report.content, 'report.content'),
  documents: report.documents.map((document, index) => ({
    ...document,
    name: transform(document.name, `report.documents[${String(index)}].name`),
    fileReference: transform(document.fileReference, `report.documents[${String(index)}].fileReference`),
  })),
});
