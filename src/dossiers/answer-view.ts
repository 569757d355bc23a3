import type { BilingualText } from '../errors/gateway-error.js';
import type {
  AppendStepsAnswer, DossierItemAnswer, IdempotencyConflict, InputRejected, Refusal, ReportStatusAnswer, StatusMoveRefused, StepItemAnswer,
  UpsertDossiersAnswer,
} from './dossier-answers.js';
import { viewFlags } from './dossier-view.js';

const MOVE_REFUSED: BilingualText = { vi: 'Không được chuyển sang trạng thái này', en: 'The status may not follow the one before it' };
const KEY_CONFLICT: BilingualText = { vi: 'Khoá chống trùng đã dùng cho nội dung khác', en: 'The key was used with other content' };
const NOT_FOUND: BilingualText = { vi: 'Không tìm thấy hồ sơ', en: 'There is no such dossier' };

const viewRejected = ({ index, dossierCode, problems }: InputRejected) =>
  ({ __typename: 'InputRejected' as const, index, dossierCode, problems });

const viewMoveRefused = (refusal: StatusMoveRefused) =>
  ({ __typename: 'StatusMoveRefused' as const, ...refusal, message: MOVE_REFUSED });

const viewRefusal = (refusal: Refusal) => (refusal.kind === 'rejected' ? viewRejected(refusal) : viewMoveRefused(refusal));

const viewConflict = ({ key }: IdempotencyConflict) => ({ __typename: 'IdempotencyConflict' as const, key, message: KEY_CONFLICT });

const viewDossierItem = (item: DossierItemAnswer) => {
  if (item.kind !== 'accepted') return viewRefusal(item);
  return { __typename: 'DossierAccepted' as const, ...item, qualityFlags: viewFlags(item.flags) };
};

const viewStepItem = (item: StepItemAnswer) => {
  if (item.kind !== 'step-accepted') return viewRefusal(item);
  return { __typename: 'StepAccepted' as const, ...item };
};

/** Answers → GraphQL unions; each names its type. */
export const viewUpsertAnswer = (answer: UpsertDossiersAnswer) =>
  answer.kind === 'conflict'
    ? viewConflict(answer)
    : { __typename: 'DossiersAnswered' as const, items: answer.items.map(viewDossierItem), keyExpiresAt: answer.keyExpiresAt };

export const viewAppendAnswer = (answer: AppendStepsAnswer) => {
  if (answer.kind === 'conflict') return viewConflict(answer);
  if (answer.kind === 'not-found') return { __typename: 'DossierNotFound' as const, dossierCode: answer.dossierCode, message: NOT_FOUND };
  const { items, keyExpiresAt, deliveryIds } = answer;
  return { __typename: 'StepsAnswered' as const, items: items.map(viewStepItem), keyExpiresAt, deliveryIds };
};

export const viewReportAnswer = (answer: ReportStatusAnswer) => {
  if (answer.kind === 'conflict') return viewConflict(answer);
  if (answer.kind !== 'report-accepted') return viewRefusal(answer);
  return { __typename: 'StatusReportAccepted' as const, ...answer };
};
