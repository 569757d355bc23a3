import { breach, problemAt } from '../dossiers/rule-breach.js';
import { UserInputError } from '../errors/gateway-error.js';
import type { LocalDraft, LocalServiceLevel } from './local-procedure.js';
import type { SuggestionOrder } from './match-corrections.js';
import type { AdministrativeLevel, TimeUnit } from './procedure.js';

export interface LocalProcedureInput {
  readonly code: string;
  readonly agencyCode: string;
  readonly name: string;
  readonly fieldCode?: string | null;
  readonly level?: AdministrativeLevel | null;
  readonly serviceLevel?: keyof typeof SERVICE_LEVELS | null;
  readonly feeVnd?: number | null;
  readonly timeAmount?: number | null;
  readonly timeUnit?: TimeUnit | null;
  readonly active?: boolean | null;
}

export interface AcceptArgs {
  readonly entryIds?: readonly string[] | null;
  readonly minimumScore?: number | null;
  readonly agencyCode?: string | null;
}

/** GraphQL names begin with a letter. */
const SERVICE_LEVELS = { LEVEL_2: '2', LEVEL_3: '3', LEVEL_4: '4', PARTIAL: 'PARTIAL', FULL: 'FULL', INFORMATION: 'INFORMATION' } as const satisfies Record<string, LocalServiceLevel>;
const ENTRY = /^([1-9]\d{0,17})-(\d{1,9})$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const MAX_ENTRIES = 5_000;
/** No suggestion is made below it. */
const LEAST_SCORE = 0.72;

const refuse = (field: string, code: string, text: { readonly vi: string; readonly en: string }): never => {
  throw new UserInputError([problemAt(field, breach(code, text.vi, text.en))]);
};

export const draftOf = ({ serviceLevel, active, ...rest }: LocalProcedureInput): LocalDraft => ({
  ...rest, active: active ?? undefined, serviceLevel: serviceLevel == null ? serviceLevel : SERVICE_LEVELS[serviceLevel],
});

/** Throws `UserInputError` for what is no base64. */
export const fileOf = (contentBase64: string): Uint8Array =>
  BASE64.test(contentBase64) ? Buffer.from(contentBase64, 'base64') : refuse('contentBase64', 'BASE64', { vi: 'Nội dung phải ở dạng base64', en: 'The content must be base64' });

const positionsOf = (entryIds: readonly string[]): { readonly runId: string; readonly positions: readonly number[] } => {
  if (entryIds.length < 1 || entryIds.length > MAX_ENTRIES) refuse('entryIds', 'COUNT', { vi: `Cần từ 1 đến ${String(MAX_ENTRIES)} mục`, en: `Between 1 and ${String(MAX_ENTRIES)} members are needed` });
  const parts = entryIds.map((id) => ENTRY.exec(id) ?? refuse('entryIds', 'ENTRY_ID', { vi: 'Mã dòng không hợp lệ', en: 'This is no id of an entry' }));
  const runs = new Set(parts.map(([, run = '']) => run));
  if (runs.size > 1) refuse('entryIds', 'ENTRY_RUNS', { vi: 'Các dòng phải cùng một lần đối soát', en: 'All entries must be of one run' });
  return { runId: [...runs][0] ?? '', positions: parts.map(([, , position]) => Number(position)) };
};

/** Throws `UserInputError` unless either entries or a score is given. */
export const suggestionOrderOf = ({ entryIds = null, minimumScore = null, agencyCode = null }: AcceptArgs): SuggestionOrder => {
  if ((entryIds === null) === (minimumScore === null)) refuse('entryIds', 'ENTRIES_OR_SCORE', { vi: 'Chọn các dòng hoặc độ tin cậy tối thiểu, không chọn cả hai', en: 'Give entries or a score, not both' });
  if (minimumScore !== null && (minimumScore < LEAST_SCORE || minimumScore > 1)) refuse('minimumScore', 'RANGE', { vi: `Từ ${String(LEAST_SCORE)} đến 1`, en: `Between ${String(LEAST_SCORE)} and 1` });
  return { ...(entryIds === null ? { runId: null, positions: null } : positionsOf(entryIds)), minimumScore, agencyCode };
};
