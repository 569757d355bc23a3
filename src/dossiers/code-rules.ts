import { levelOneOf } from '../agencies/agency-code.js';
import type { AgencyRules } from './dossier-rules.js';
import { dayNumber, localDayOf } from './local-time.js';
import type { RuleBreach } from './rule-breach.js';
import { breach } from './rule-breach.js';

const PROCEDURE = /^\d\.\d{6}(?:\.(?:\d{3}\.\d{2}\.\d{2}\.)?([A-Z]\d{2}))?$/;
const DOSSIER = /^(.+)-(\d{6}|\d{8})-\d{4,7}$/;
/** Reception after hours is dated the next day, or the one before (§6.3). */
const MAX_DAYS_FROM_RECEPTION = 1;

export const checkAgencyCode = (code: string, tenant: readonly string[]): RuleBreach | null => {
  const levelOne = levelOneOf(code);
  if (levelOne === null) return breach('AGENCY_CODE_SHAPE', 'Mã cơ quan phải có dạng 000.00.00.H42 hoặc H42.14', 'An agency code looks like 000.00.00.H42 or H42.14');
  return tenant.includes(levelOne) ? null : foreignAgency(tenant);
};

const foreignAgency = (tenant: readonly string[]): RuleBreach =>
  ({ ...breach('AGENCY_NOT_OF_TENANT', 'Cơ quan không thuộc tỉnh này', 'The agency does not belong to this province'), allowed: tenant });

/** With or without suffix; a suffix names the province's copy, so it must be one of ours. */
export const checkProcedureCode = (code: string, tenant: readonly string[]): RuleBreach | null => {
  const match = PROCEDURE.exec(code);
  if (match === null) return breach('PROCEDURE_CODE_SHAPE', 'Mã thủ tục phải có dạng 1.001193 hoặc 1.001193.000.00.00.H42', 'A procedure code looks like 1.001193 or 1.001193.000.00.00.H42');
  const suffix = match[1];
  if (suffix === undefined || tenant.includes(suffix)) return null;
  return {
    ...breach('PROCEDURE_NOT_OF_TENANT', 'Đuôi mã thủ tục không phải của tỉnh này', 'The suffix of the procedure code is not of this province'),
    allowed: tenant,
  };
};

const codeDay = (digits: string): number | null => {
  const short = digits.length === 6;
  const year = short ? 2000 + Number(digits.slice(0, 2)) : Number(digits.slice(0, 4));
  const rest = short ? digits.slice(2) : digits.slice(4);
  return dayNumber(year, Number(rest.slice(0, 2)), Number(rest.slice(2)));
};

export interface DossierCodeContext {
  readonly tenant: readonly string[];
  readonly now: Date;
  /** Reception of the dossier; null where only the code is known. */
  readonly receivedAt: Date | null;
  readonly agencies?: AgencyRules | null | undefined;
}

/** Agency part of a dossier code; null when it is no dossier code. */
export const agencyPartOf = (dossierCode: string): string | null => DOSSIER.exec(dossierCode)?.[1] ?? null;

const checkCodeDay = (digits: string, context: DossierCodeContext): RuleBreach | null => {
  const day = codeDay(digits);
  if (day === null) return breach('DOSSIER_CODE_DATE', 'Ngày trong mã hồ sơ không có thật', 'The date in the dossier code does not exist');
  if (day > localDayOf(context.now)) return breach('DOSSIER_CODE_FUTURE', 'Ngày trong mã hồ sơ ở tương lai', 'The date in the dossier code is in the future');
  if (context.receivedAt === null || Math.abs(day - localDayOf(context.receivedAt)) <= MAX_DAYS_FROM_RECEPTION) return null;
  return breach('DOSSIER_CODE_NOT_RECEPTION_DATE', 'Ngày trong mã hồ sơ khác ngày tiếp nhận', 'The date in the dossier code is not that of reception');
};

/** Both shapes of §6.3: agency, date of 6 or 8 digits, running number. The code is never invented or completed here. */
export const checkDossierCode = (code: string, context: DossierCodeContext): RuleBreach | null => {
  const [, agency = '', digits = ''] = DOSSIER.exec(code) ?? [];
  const levelOne = levelOneOf(agency);
  if (levelOne === null) return breach('DOSSIER_CODE_SHAPE', 'Mã hồ sơ phải có dạng 000.12.34.H42-260315-0007 hoặc H42.14-20260315-0000007', 'A dossier code looks like 000.12.34.H42-260315-0007 or H42.14-20260315-0000007');
  if (!context.tenant.includes(levelOne)) return foreignAgency(context.tenant);
  return checkCodeDay(digits, context) ?? context.agencies?.checkCodePart(agency, context.now) ?? null;
};
