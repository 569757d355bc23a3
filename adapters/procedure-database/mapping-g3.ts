import { createHash } from 'node:crypto';
import type { AdministrativeLevel, NationalProcedure, ProcedureMethod, ProcessingTime, SubmissionMethod } from '../../src/procedures/procedure.js';
import type { ListedProcedure } from '../../src/procedures/procedure-database-port.js';
import { codedNames } from './mapping.js';
import { parseAmount, parseCount, parseDuration, parseKeywords, parseUnit, Quirks, stemOf } from './mapping-values.js';
import type { G3ListedItem, G3Record } from './wire-g3.js';

/** Where a dossier may be handed in (national-portal.md §5.3). */
const METHODS: Readonly<Record<string, SubmissionMethod>> = { DIRECT: 'IN_PERSON', ONLINE: 'ONLINE', POSTAL: 'PUBLIC_POST' };

type Method = NonNullable<G3Record['executionMethods']>[number];

const toTime = (entry: Method, quirks: Quirks): ProcessingTime => ({
  amount: parseDuration(entry.processingTime, quirks),
  unit: parseUnit(entry.processingTimeUnit, quirks),
  original: [entry.processingTime, entry.processingTimeUnit].filter((text) => text !== null).join(' '),
  description: entry.description,
  fees: quirks.list(entry.fees, 'FEES_NULL').map((fee) => ({
    code: null, amountVnd: parseAmount(fee.amount, null, quirks), description: fee.name, original: fee.amount ?? '',
  })),
});

/** The wire lists one entry per method and time; a method comes once, with all its times. */
const toMethods = (record: G3Record, quirks: Quirks): readonly ProcedureMethod[] => {
  const times = new Map<SubmissionMethod, ProcessingTime[]>();
  for (const entry of quirks.list(record.executionMethods, 'METHODS_NULL')) {
    const name = entry.submissionMethod?.toUpperCase() ?? '';
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (method === undefined) quirks.add('METHOD_UNKNOWN');
    else times.set(method, [...(times.get(method) ?? []), toTime(entry, quirks)]);
  }
  return [...times].map(([method, entries]) => ({ method, times: entries }));
};

const toLevels = (record: G3Record): readonly AdministrativeLevel[] => [
  ...(record.isMinistry ? ['MINISTRY' as const] : []),
  ...(record.isProvince ? ['PROVINCE' as const] : []),
  ...(record.isWard ? ['COMMUNE' as const] : []),
];

const joined = (texts: readonly (string | null)[]): string | null => {
  const text = texts.filter((part) => part !== null).join('\n');
  return text === '' ? null : text;
};

const toHead = (record: G3Record, quirks: Quirks) => {
  const code = stemOf(record.code);
  if (record.id === null) quirks.add('ID_MISSING');
  return {
    code,
    partyId: record.id ?? code,
    name: record.name,
    publishingAgency: null,
    kind: record.formalityType,
    // This interface shows public procedures only; one that is no longer public answers as unknown.
    isPublic: true,
    decisionNumber: record.procedureProposal?.proposalNumber ?? null,
    decisionId: null,
  };
};

const toFiling = (record: G3Record, quirks: Quirks) => ({
  methods: toMethods(record, quirks),
  steps: [{ name: null, steps: quirks.list(record.executionSteps, 'STEPS_NULL').flatMap((step) => joined([step.name, step.description]) ?? []) }]
    .filter(({ steps }) => steps.length > 0),
  components: quirks.list(record.executionCases, 'COMPONENTS_NULL').map((entry) => ({
    name: entry.name,
    components: quirks.list(entry.profileComponents, 'COMPONENTS_NULL').map((component) => ({
      code: component.code,
      name: component.name ?? component.code ?? '',
      originals: parseCount(component.originalQty, quirks),
      copies: parseCount(component.copyQty, quirks),
      formName: component.attachments?.[0]?.fileName ?? null,
      // Forms are fetched by POST with a file id, so there is no link that could be shown.
      formUrl: null,
      replacedByResultCode: null,
    })),
  })),
});

/** A detail record of the new portal (national-portal.md §5.3) as a procedure. Pure. */
export const toG3Procedure = (record: G3Record): NationalProcedure => {
  const quirks = new Quirks();
  const parsed = {
    ...toHead(record, quirks),
    fields: codedNames(quirks.list(record.categoriesDetails, 'FIELDS_NULL'), quirks),
    levels: toLevels(record),
    subjects: codedNames(quirks.list(record.subjectTypesDetails, 'SUBJECTS_NULL'), quirks),
    ...toFiling(record, quirks),
    results: codedNames(quirks.list(record.resultsDetails, 'RESULTS_NULL'), quirks),
    legalBases: codedNames(quirks.list(record.legalBasisesDetails, 'LEGAL_BASES_NULL'), quirks)
      .map(({ code, name }) => ({ number: code, name, issuer: null, issuedOn: null, effectiveOn: null, url: null })),
    executingAgencies: codedNames(quirks.list(record.departmentsExecuting, 'EXECUTING_AGENCIES_NULL'), quirks),
    competentAgencies: codedNames(quirks.list(record.departmentsAuthority, 'COMPETENT_AGENCIES_NULL'), quirks),
    delegatedAgencies: codedNames(record.departmentsAuthorized ?? [], quirks),
    coordinatingAgencies: codedNames(record.departmentsCoordinating ?? [], quirks),
    requirements: joined(record.requirementsAndConditions),
    receivingAddress: joined(record.dossierReceivingAddresses),
    keywords: record.keywords.flatMap(parseKeywords),
    description: record.description,
  };
  return { ...parsed, quirks: quirks.all() };
};

/**
 * A listed item. The wire gives no version; a digest of the listed line stands for it, so that a moved field or agency is seen at the
 * next listing. An equal mark says nothing of what only the record holds. Null where there is no code or no id to read it by.
 */
export const toListed = (item: G3ListedItem): ListedProcedure | null => {
  if (item.id === null || item.code === null) return null;
  const line = JSON.stringify([item.code, item.name, item.type, item.categories ?? null, item.departments ?? null]);
  return { reference: item.id, code: stemOf(item.code), name: item.name ?? '', version: createHash('sha256').update(line).digest('hex').slice(0, 16) };
};
