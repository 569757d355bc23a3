import { z } from 'zod';
import { looseList, looseText } from './wire.js';

/** Shapes of the new portal's interface. Source: national-portal.md §5.3, one source. */

export const g3Envelope = z.object({ code: z.union([z.string(), z.number()]).transform(String), data: z.unknown().optional() });

const named = z.object({ name: looseText, code: looseText });

const listedItem = z.object({
  id: looseText, code: looseText, name: looseText, type: looseText, categories: z.unknown().optional(), departments: z.unknown().optional(),
});
export type G3ListedItem = z.infer<typeof listedItem>;

export const g3List = z.object({ items: z.array(listedItem), lastId: looseText, total: z.coerce.number().int().min(0).nullish() });

/** Categories of listed items, from which the fields are gathered: no list of fields is public on this wire. */
export const g3Categories = z.object({ items: z.array(z.object({ categories: looseList(named) })) });

export const g3Departments = z.object({ rows: z.array(z.object({ id: looseText, code: looseText, name: looseText })), lastId: looseText });

/** A flag that may come as text or be left out. */
const flag = z.union([z.boolean(), z.string(), z.number(), z.null()]).optional().transform((value) => value === true || value === 1 || value === 'true' || value === '1');

const fee = z.object({ name: looseText, amount: looseText });
const method = z.object({
  submissionMethod: looseText, processingTime: looseText, processingTimeUnit: looseText, fees: looseList(fee), description: looseText,
});
const component = z.object({
  code: looseText, name: looseText, originalQty: looseText, copyQty: looseText, attachments: looseList(z.object({ fileName: looseText })),
});
/** One text, or several; an entry may be an object with a name. */
const texts = z.union([z.array(z.union([looseText, named.transform((entry) => entry.name)])), looseText.transform((one) => [one])])
  .transform((list) => list.filter((text) => text !== null));

/** The detail record. A record without code or name is none. */
export const g3Record = z.object({
  id: looseText,
  code: looseText.pipe(z.string()),
  name: looseText.pipe(z.string()),
  formalityType: looseText,
  procedureProposal: z.object({ proposalNumber: looseText }).nullish(),
  isWard: flag,
  isProvince: flag,
  isMinistry: flag,
  categoriesDetails: looseList(named),
  subjectTypesDetails: looseList(named),
  departmentsAuthority: looseList(named),
  departmentsAuthorized: looseList(named),
  departmentsCoordinating: looseList(named),
  departmentsExecuting: looseList(named),
  dossierReceivingAddresses: texts,
  executionSteps: looseList(z.object({ name: looseText, description: looseText })),
  executionMethods: looseList(method),
  executionCases: looseList(z.object({ name: looseText, profileComponents: looseList(component) })),
  legalBasisesDetails: looseList(named),
  requirementsAndConditions: texts,
  resultsDetails: looseList(named),
  keywords: texts,
  description: looseText,
});
export type G3Record = z.infer<typeof g3Record>;
