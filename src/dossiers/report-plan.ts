import type { Refusal } from './dossier-answers.js';
import type { ReportState } from './dossier-acceptance-store.js';
import type { ReportContent } from './parse-status-report.js';
import { breach, problemAt } from './rule-breach.js';
import { checkDossierMove } from './status-rules.js';

const NOT_OURS = breach('DOSSIER_CODE_TAKEN', 'Mã hồ sơ đã thuộc hệ thống khác', 'The dossier code belongs to another client');

/** A report against the one before it; the same status again is an update. */
export const planReport = (report: ReportContent, last: ReportState, client: string): Refusal | null => {
  const { dossierCode } = report;
  if (last.client !== client) return { kind: 'rejected', index: 0, dossierCode, problems: [problemAt('report.dossierCode', NOT_OURS)] };
  const illegal = checkDossierMove('report.status', last.status, report.status);
  return illegal === null ? null : { kind: 'move-refused', index: 0, dossierCode, ...illegal };
};
