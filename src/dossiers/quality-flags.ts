import type { BilingualText } from '../errors/gateway-error.js';
import type { DossierContent, DossierStatus } from './dossier.js';

/** Habits that distort the nation's figures (national-portal.md §4.5) and that cannot be refused, since they may be true. */
export const QUALITY_FLAGS = {
  PAUSE_REPORTED_AS_COMPLETED: {
    vi: 'Hồ sơ đang tạm dừng (bổ sung hoặc chờ nộp phí) được báo là đã xử lý xong mà không qua bước xử lý',
    en: 'A paused dossier (supplement or payment awaited) was reported as completed without being processed again',
  },
  COMPLETED_AT_RECEPTION: {
    vi: 'Hồ sơ không có hạn trả và được báo xong đúng lúc tiếp nhận',
    en: 'A dossier without a due date was reported as completed at the instant of reception',
  },
  STATUS_DIFFERS_FROM_LAST_STEP: {
    vi: 'Trạng thái hồ sơ khác trạng thái của bước xử lý cuối cùng',
    en: 'The status of the dossier differs from that of its last step',
  },
} as const satisfies Record<string, BilingualText>;
export type QualityFlag = keyof typeof QUALITY_FLAGS;

const PAUSED: readonly DossierStatus[] = ['SUPPLEMENT_REQUESTED', 'PAYMENT_REQUIRED'];
const DONE: readonly DossierStatus[] = ['COMPLETED', 'RESULT_RETURNED'];

const hidesPause = (from: DossierStatus | null, to: DossierStatus): boolean => from !== null && PAUSED.includes(from) && to === 'COMPLETED';

const completedAtReception = ({ status, finishedAt, receivedAt, dueAt }: DossierContent): boolean =>
  DONE.includes(status) && dueAt === null && finishedAt?.getTime() === receivedAt.getTime();

/** One change of a dossier, old against new; `content` is null when only steps came. */
export interface QualityChange {
  readonly previousFlags: readonly QualityFlag[];
  readonly previousStatus: DossierStatus | null;
  readonly status: DossierStatus;
  readonly content: DossierContent | null;
  /** Status of the last step before the change, then of each step that came with it. */
  readonly stepTrack: readonly (DossierStatus | null)[];
}

/** A hidden pause stays on the dossier: it is a fact of its history. The others follow its present state. */
export const qualityFlagsOf = (change: QualityChange): readonly QualityFlag[] => {
  const { previousFlags, content, stepTrack } = change;
  const flags: QualityFlag[] = [];
  const hidden = hidesPause(change.previousStatus, change.status) || stepTrack.some((status, index) => status !== null && hidesPause(stepTrack[index - 1] ?? null, status));
  if (hidden || previousFlags.includes('PAUSE_REPORTED_AS_COMPLETED')) flags.push('PAUSE_REPORTED_AS_COMPLETED');
  if (content === null ? previousFlags.includes('COMPLETED_AT_RECEPTION') : completedAtReception(content)) flags.push('COMPLETED_AT_RECEPTION');
  const lastStepStatus = stepTrack.at(-1) ?? null;
  if (lastStepStatus !== null && lastStepStatus !== change.status) flags.push('STATUS_DIFFERS_FROM_LAST_STEP');
  return flags;
};
