import { viewAgency } from '../agencies/agency-view.js';
import { percentOf } from './connected-share.js';
import type { ShareCount, SharePoint } from './connected-share.js';
import type { StateChange } from './public-service.js';
import { STATE_LABELS } from './public-service.js';
import type { Readiness } from './readiness-check.js';
import { READINESS_CONDITIONS, missingText } from './readiness-conditions.js';
import type { ConditionCode } from './readiness-conditions.js';
import type { ReportFile } from './readiness-report.js';
import type { ReadinessCount, ReadinessSummary } from './readiness-summary.js';
import { LEVEL_LABELS, LEVEL_MEANINGS, LEVEL_NAMES } from './service-level.js';
import type { RegisteredLevel } from './service-level.js';
import type { AssessedService } from './service-queries.js';
import type { ServiceAnswer, ServiceImportReport } from './service-register.js';

const KEY_CONFLICT = { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' };

const viewCondition = (code: ConditionCode, detail: string | null = null) => {
  const { label, source, confidence, actor } = READINESS_CONDITIONS[code];
  return { code, label, source, confidence, actor, missing: missingText(code, detail) };
};

const viewReadiness = ({ ready, conditions, unmet }: Readiness) => ({
  ready, unmet,
  conditions: conditions.map(({ condition, status, detail, checkedAt }) => {
    const viewed = viewCondition(condition, detail);
    return { ...viewed, status, detail, checkedAt, missing: unmet.includes(condition) ? viewed.missing : null };
  }),
});

const viewLevel = (level: RegisteredLevel) => {
  const { current, former, wireCode } = LEVEL_MEANINGS[level];
  return { current, former, registered: LEVEL_NAMES[level], wireCode, label: LEVEL_LABELS[current] };
};

export const viewService = ({ service, readiness, agency }: AssessedService) => {
  const { id, code, procedureCode, agencyCode, name, level, state, link, deepLink, localFeeVnd, updatedAt } = service;
  const { electronicForm, onlinePayment, electronicResult, postalResult, officials } = service;
  return {
    id, code, procedureCode, agencyCode, name, state, deepLink, updatedAt, electronicForm, onlinePayment, electronicResult, postalResult, officials,
    level: viewLevel(level), stateLabel: STATE_LABELS[state], feeVnd: localFeeVnd, agency: agency === null ? null : viewAgency(agency), readiness: viewReadiness(readiness),
    nationalCode: service.national?.code ?? null,
    linkLook: link === null ? null : { at: link.at, status: link.status, problem: link.problem, answered: link.problem === null },
  };
};
export type ServiceShape = ReturnType<typeof viewService>;

export const viewHistory = ({ fromState, toState, level, at, actor, reason, overridden }: StateChange) => ({ fromState, toState, level: viewLevel(level), at, actor, reason, overridden });

const viewCount = ({ services, ready, unmet }: ReadinessCount) => ({ services, ready, unmet: unmet.map(({ condition, services: held }) => ({ condition: viewCondition(condition), services: held })) });

export const viewSummary = ({ at, total, agencies }: ReadinessSummary) => ({
  at, total: viewCount(total), agencies: agencies.map(({ agencyCode, agencyName, ...count }) => ({ agencyCode, agencyName, count: viewCount(count) })),
});

const viewShareCount = (count: ShareCount, targetPercent: number) => {
  const percent = percentOf(count);
  return { online: count.online, connected: count.connected, percent, meetsTarget: percent === null ? null : percent >= targetPercent };
};

export const viewShare = ({ at, agencies, online, connected, month }: SharePoint & { readonly month: string | null }, targetPercent: number) => ({
  month, at, total: viewShareCount({ online, connected }, targetPercent),
  agencies: agencies.map((agency) => ({ agencyCode: agency.agencyCode, share: viewShareCount(agency, targetPercent) })),
});

export const viewFile = ({ fileName, mediaType, content }: ReportFile) => ({ name: fileName, mediaType, contentBase64: Buffer.from(content).toString('base64') });

const viewRefused = (answer: Exclude<ServiceAnswer<unknown>, { kind: 'done' }>) =>
  (answer.kind === 'conflict'
    ? { __typename: 'IdempotencyConflict' as const, key: answer.key, message: KEY_CONFLICT }
    : { __typename: 'PublicServiceRefused' as const, problems: answer.problems, unmet: answer.unmet.map(({ condition, detail }) => viewCondition(condition, detail)) });

export const viewImport = (answer: ServiceAnswer<ServiceImportReport>) => (answer.kind === 'done' ? { __typename: 'PublicServicesImported' as const, ...answer.result } : viewRefused(answer));

/** The service as it is after the change. */
export const viewChange = (answer: ServiceAnswer<unknown>, service: AssessedService | null) => {
  if (answer.kind !== 'done') return viewRefused(answer);
  return service === null ? null : { __typename: 'PublicServiceSaved' as const, service: viewService(service) };
};
