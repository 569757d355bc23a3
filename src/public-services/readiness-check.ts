import { readProcedureCode } from '../procedures/match-code.js';
import { faultOfDeepLink } from './deep-link.js';
import type { PublicService } from './public-service.js';
import { CONDITION_CODES, READINESS_CONDITIONS } from './readiness-conditions.js';
import type { ConditionCode } from './readiness-conditions.js';
import { LEVEL_MEANINGS } from './service-level.js';

/** NOT_NEEDED: it does not concern this service, such as payment of what is free. */
export type ConditionStatus = 'PASSED' | 'FAILED' | 'NOT_CHECKED' | 'NOT_NEEDED';

export interface ConditionResult {
  readonly condition: ConditionCode;
  readonly status: ConditionStatus;
  /** Code of what exactly is wrong, where there is more than one possibility. */
  readonly detail: string | null;
  /** When it was looked at, where that is not now. */
  readonly checkedAt: Date | null;
}

export interface Readiness {
  readonly ready: boolean;
  readonly conditions: readonly ConditionResult[];
  /** What keeps it from being ready. */
  readonly unmet: readonly ConditionCode[];
}

export interface ReadinessContext {
  readonly now: Date;
  /** Level-1 codes of the province; a procedure code with another one in its suffix is another province's. */
  readonly tenantAgencyCodes: readonly string[];
  /** Every code that an agency has or had. */
  readonly codesOfAgency: (agencyCode: string) => readonly string[];
  /** False where no portal is configured: then no link is ever looked at. */
  readonly looksAtLinks: boolean;
  /** Agencies of the services at hand that have an active account; null while no accounts are kept. */
  readonly agenciesWithAccount: ReadonlySet<string> | null;
}

type Finding = readonly [status: ConditionStatus, detail?: string | null, checkedAt?: Date | null];

/** A link that answered longer ago proves nothing today. */
export const LINK_FRESH_MS = 7 * 86_400_000;

const met = (isMet: boolean, detail: string | null = null): Finding => (isMet ? ['PASSED'] : ['FAILED', detail]);

const checkCode = ({ procedureCode, national, catalogueComplete }: PublicService, { tenantAgencyCodes }: ReadinessContext): Finding => {
  const code = readProcedureCode(procedureCode);
  if (code === null || !code.wellFormed) return ['FAILED', 'SHAPE'];
  if (code.levelOne !== null && !tenantAgencyCodes.includes(code.levelOne)) return ['FAILED', 'OTHER_PROVINCE'];
  if (national !== null) return met(national.usable, 'NOT_PUBLIC');
  return catalogueComplete ? ['FAILED', 'UNKNOWN'] : ['NOT_CHECKED', 'NO_CATALOGUE'];
};

/** The highest that a citizen may have to pay; null where nothing is known. The province's own figure goes first. */
const feeOf = ({ localFeeVnd, national }: PublicService): number | null => {
  if (localFeeVnd !== null) return localFeeVnd;
  return national === null || national.feesVnd.length === 0 ? null : Math.max(...national.feesVnd);
};

const checkPayable = (service: PublicService, whenCharged: () => Finding): Finding => {
  const fee = feeOf(service);
  if (fee === null) return ['NOT_CHECKED', 'FEE_UNKNOWN'];
  return fee === 0 ? ['NOT_NEEDED'] : whenCharged();
};

const linkFault = (service: PublicService, { codesOfAgency }: ReadinessContext) =>
  faultOfDeepLink(service.deepLink, { procedureCode: service.procedureCode, serviceCode: service.code, agencyCodes: codesOfAgency(service.agencyCode) });

const checkAccount = ({ agencyCode }: PublicService, { agenciesWithAccount }: ReadinessContext): Finding =>
  // What nobody looked at has not passed.
  (agenciesWithAccount === null ? ['NOT_CHECKED', 'NO_ACCOUNT_REGISTER'] : met(agenciesWithAccount.has(agencyCode)));

const checkAnswer = ({ link }: PublicService, { now, looksAtLinks }: ReadinessContext): Finding => {
  if (link === null) return ['NOT_CHECKED', looksAtLinks ? null : 'NO_PORTAL_ORIGINS'];
  if (now.getTime() - link.at.getTime() > LINK_FRESH_MS) return ['NOT_CHECKED', looksAtLinks ? 'TOO_LONG_AGO' : 'NO_PORTAL_ORIGINS', link.at];
  return link.problem === null ? ['PASSED', null, link.at] : ['FAILED', link.problem, link.at];
};

const CHECKS: Readonly<Record<ConditionCode, (service: PublicService, context: ReadinessContext) => Finding>> = {
  PROCEDURE_CODE: checkCode,
  SERVICE_LEVEL: ({ level }) => met(LEVEL_MEANINGS[level].current !== 'INFORMATION'),
  ELECTRONIC_FORM: ({ electronicForm }) => met(electronicForm),
  FEE_SET: (service) => met(feeOf(service) !== null),
  ONLINE_PAYMENT: (service) => checkPayable(service, () => met(service.onlinePayment)),
  BANK_ACCOUNT: (service, context) => checkPayable(service, () => checkAccount(service, context)),
  RESULT_RETURN: ({ electronicResult, postalResult }) => met(electronicResult || postalResult),
  OFFICIALS: ({ officials }) => met(officials > 0),
  TIME_LIMIT: ({ hasLocalTimeLimit, national }) => met(hasLocalTimeLimit || national?.hasTimeLimit === true),
  DEEP_LINK_SHAPE: (service, context) => {
    const fault = linkFault(service, context);
    return met(fault === null, fault);
  },
  DEEP_LINK_ANSWERS: checkAnswer,
};

const isUnmet = ({ condition, status }: ConditionResult): boolean =>
  status === 'FAILED' || (status === 'NOT_CHECKED' && READINESS_CONDITIONS[condition].waitsForCheck);

/** Every condition of one service, in the order of `CONDITION_CODES`. */
export const checkReadiness = (service: PublicService, context: ReadinessContext): Readiness => {
  const conditions = CONDITION_CODES.map((condition): ConditionResult => {
    const [status, detail = null, checkedAt = null] = CHECKS[condition](service, context);
    return { condition, status, detail, checkedAt };
  });
  const unmet = conditions.filter(isUnmet).map(({ condition }) => condition);
  return { ready: unmet.length === 0, conditions, unmet };
};
