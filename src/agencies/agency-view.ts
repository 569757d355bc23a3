import { epochOf } from './agency-code.js';
import type { Agency } from './agency.js';
import type { AgencyRefusal, Answered, ImportReport } from './agency-service.js';

const KEY_CONFLICT = { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' };

/** Agency → GraphQL `Agency`; the parent is a field of its own. */
export const viewAgency = (agency: Agency) => ({
  code: agency.code,
  codes: agency.codes.map(({ code, from, until, confidence }) => ({ code, epoch: epochOf(code), validFrom: from, validUntil: until, confidence })),
  nameVi: agency.nameVi,
  nameEn: agency.nameEn,
  kind: agency.kind,
  level: agency.level,
  parentCode: agency.parentCode,
  address: agency.address,
  phone: agency.phone,
  email: agency.email,
  activeFrom: agency.active.from,
  activeUntil: agency.active.until,
  successors: agency.successors,
});
export type AgencyShape = ReturnType<typeof viewAgency>;

const viewConflict = (key: string) => ({ __typename: 'IdempotencyConflict' as const, key, message: KEY_CONFLICT });
const viewRefusal = ({ problems }: AgencyRefusal) => ({ __typename: 'AgencyChangeRefused' as const, problems });

export const viewImport = (answer: Answered<ImportReport>) => {
  if (answer.kind === 'conflict') return viewConflict(answer.key);
  return answer.kind === 'refused' ? viewRefusal(answer) : { __typename: 'AgenciesImported' as const, ...answer.result };
};

/** The agency as it is after the change; `outcome` is CHANGED for a successor. */
export const viewChange = (answer: Answered<unknown>, agency: Agency | null, outcome: string) => {
  if (answer.kind === 'conflict') return viewConflict(answer.key);
  if (answer.kind === 'refused') return viewRefusal(answer);
  return agency === null ? null : { __typename: 'AgencySaved' as const, agency: viewAgency(agency), outcome };
};
