import { AttachmentParser } from './parse-attachments.js';
import { checkAgencyCode, checkDossierCode, checkProcedureCode } from './code-rules.js';
import type { ConsultedDatabase, DossierContent, DossierOwner } from './dossier.js';
import type { DossierInput, OwnerInput } from './dossier-input.js';
import type { DossierRules } from './dossier-rules.js';
import { InputReader } from './input-reader.js';
import type { Truncation } from './input-reader.js';
import { checkOwnerId } from './owner-id-rules.js';
import type { ParseContext, ParseOutcome } from './parse-context.js';
import { parseSteps } from './parse-steps.js';
import type { ParsedStep } from './parse-steps.js';
import { breach } from './rule-breach.js';

export interface ParsedDossier {
  readonly content: DossierContent;
  readonly steps: readonly ParsedStep[];
  readonly truncations: readonly Truncation[];
}

const EMAIL = /^[^\s@]+@[^\s@]+$/;
const PHONE = /^\+?[\d .()-]{6,20}$/;

const parseOwner = (reader: InputReader, input: OwnerInput, path: string): DossierOwner => {
  const owner: DossierOwner = {
    kind: input.kind,
    name: reader.text(`${path}.name`, input.name),
    idNumber: reader.text(`${path}.idNumber`, input.idNumber),
    technicalId: reader.optionalText(`${path}.technicalId`, input.technicalId, { max: 100 }),
    phone: reader.optionalText(`${path}.phone`, input.phone),
    email: reader.optionalText(`${path}.email`, input.email),
    fax: reader.optionalText(`${path}.fax`, input.fax, { max: 50 }),
    otherInfo: reader.optionalText(`${path}.otherInfo`, input.otherInfo, { multiline: true }),
  };
  reader.refuse(`${path}.idNumber`, checkOwnerId(owner.kind, owner.idNumber));
  if (owner.phone !== null && !PHONE.test(owner.phone)) reader.refuse(`${path}.phone`, breach('PHONE_SHAPE', 'Số điện thoại không hợp lệ', 'This is no phone number'));
  if (owner.email !== null && !EMAIL.test(owner.email)) reader.refuse(`${path}.email`, breach('EMAIL_SHAPE', 'Địa chỉ thư điện tử không hợp lệ', 'This is no e-mail address'));
  return owner;
};

const parseConsulted = (reader: InputReader, rules: DossierRules) =>
  (input: { readonly code: string; readonly consultedAt: Date }, path: string): ConsultedDatabase => ({
    code: reader.text(`${path}.code`, input.code, { max: rules.fieldLimits.code }),
    consultedAt: reader.instant(`${path}.consultedAt`, input.consultedAt, 'past'),
  });

const parseCodes = (reader: InputReader, input: DossierInput, { path, rules, now }: ParseContext) => {
  const { tenantAgencyCodes: tenant, fieldLimits: { code: max }, agencies } = rules;
  const code = reader.text(`${path}.code`, input.code, { max });
  const agencyCode = reader.text(`${path}.agencyCode`, input.agencyCode, { max });
  const procedureCode = reader.text(`${path}.procedureCode`, input.procedureCode, { max });
  reader.refuse(`${path}.code`, checkDossierCode(code, { tenant, now, receivedAt: input.receivedAt, agencies }));
  reader.refuse(`${path}.agencyCode`, checkAgencyCode(agencyCode, tenant) ?? agencies?.checkAgency(agencyCode, input.receivedAt) ?? null);
  reader.refuse(`${path}.procedureCode`, checkProcedureCode(procedureCode, tenant));
  return { code, agencyCode, procedureCode };
};

const parseTimes = (reader: InputReader, input: DossierInput, path: string) => ({
  submittedAt: reader.instant(`${path}.submittedAt`, input.submittedAt, 'past'),
  receivedAt: reader.instant(`${path}.receivedAt`, input.receivedAt, 'past'),
  dueAt: reader.optionalInstant(`${path}.dueAt`, input.dueAt, 'any'),
  returnedAt: reader.optionalInstant(`${path}.returnedAt`, input.returnedAt, 'past'),
  finishedAt: reader.optionalInstant(`${path}.finishedAt`, input.finishedAt, 'past'),
  refusedAt: reader.optionalInstant(`${path}.refusedAt`, input.refusedAt, 'past'),
});

const parseAttachments = (reader: InputReader, input: DossierInput, { path, rules }: ParseContext) => {
  const parser = new AttachmentParser(reader, rules.fieldLimits);
  return {
    consultedDatabases: reader.list(`${path}.consultedDatabases`, input.consultedDatabases, parseConsulted(reader, rules)),
    documents: reader.list(`${path}.documents`, input.documents, (member, at) => parser.document(member, at)),
    fees: reader.list(`${path}.fees`, input.fees, (member, at) => parser.fee(member, at)),
    otherAttachments: reader.list(`${path}.otherAttachments`, input.otherAttachments, (member, at) => parser.otherAttachment(member, at)),
    supplements: reader.list(`${path}.supplements`, input.supplements, (member, at) => parser.supplement(member, at)),
    results: reader.list(`${path}.results`, input.results, (member, at) => parser.result(member, at)),
  };
};

/** Ids name files in links, so documents and results share one space; a result is never a file that the citizen handed in. */
const checkFiles = (reader: InputReader, content: DossierContent, path: string): void => {
  const ids = new Set<string>();
  const submitted = new Set(content.documents.map((document) => document.fileReference));
  const claim = (id: string, at: string): void => {
    if (ids.has(id)) reader.refuse(`${at}.id`, breach('DUPLICATE_ID', 'Mã giấy tờ bị trùng', 'Two documents or results share this id'));
    ids.add(id);
  };
  content.documents.forEach((document, index) => { claim(document.id, `${path}.documents[${String(index)}]`); });
  content.results.forEach((result, index) => {
    const at = `${path}.results[${String(index)}]`;
    claim(result.id, at);
    if (result.fileReference !== null && submitted.has(result.fileReference)) {
      reader.refuse(`${at}.fileReference`, breach('RESULT_IS_SUBMITTED_DOCUMENT', 'Kết quả trùng với giấy tờ công dân đã nộp', 'The result is a document that the citizen handed in'));
    }
  });
};

const parseContent = (reader: InputReader, input: DossierInput, context: ParseContext): DossierContent => {
  const { path, rules: { fieldLimits } } = context;
  const content: DossierContent = {
    ...parseCodes(reader, input, context),
    procedureName: reader.text(`${path}.procedureName`, input.procedureName),
    fieldCode: reader.text(`${path}.fieldCode`, input.fieldCode, { max: fieldLimits.code }),
    fieldName: reader.text(`${path}.fieldName`, input.fieldName),
    receiptNumber: reader.optionalText(`${path}.receiptNumber`, input.receiptNumber, { max: fieldLimits.code }),
    channel: input.channel,
    owner: parseOwner(reader, input.owner, `${path}.owner`),
    subject: reader.text(`${path}.subject`, input.subject, { multiline: true, cutAt: fieldLimits.subject }),
    note: reader.optionalText(`${path}.note`, input.note, { multiline: true }),
    ...parseTimes(reader, input, path),
    status: input.status,
    returnInfo: reader.optionalText(`${path}.returnInfo`, input.returnInfo, { multiline: true }),
    returnMethod: input.returnMethod,
    processingUnit: reader.text(`${path}.processingUnit`, input.processingUnit),
    submissionPlace: input.submissionPlace,
    hasDigitisedComponents: input.hasDigitisedComponents,
    ownerVerifiedByVneid: input.ownerVerifiedByVneid,
    onlinePayment: input.onlinePayment,
    ...parseAttachments(reader, input, context),
  };
  checkFiles(reader, content, path);
  return content;
};

/** GraphQL input → content that keeps every rule which needs no look at what is stored. Fields come in a fixed order. */
export const parseDossier = (input: DossierInput, context: ParseContext): ParseOutcome<ParsedDossier> => {
  const reader = new InputReader(context.now);
  const content = parseContent(reader, input, context);
  const steps = parseSteps(input.steps ?? [], { ...context, path: `${context.path}.steps`, dossierCode: content.code });
  const problems = [...reader.problems, ...steps.flatMap((step) => (step.ok ? [] : step.problems))];
  if (problems.length > 0) {
    const named = !problems.some((problem) => problem.field === `${context.path}.code`);
    return { ok: false, code: named ? content.code : null, problems };
  }
  const parsedSteps = steps.flatMap((step) => (step.ok ? [step.parsed] : []));
  return {
    ok: true,
    parsed: { content, steps: parsedSteps, truncations: [...reader.truncations, ...parsedSteps.flatMap((step) => step.truncations)] },
  };
};
