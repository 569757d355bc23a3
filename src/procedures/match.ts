import type { BilingualText } from '../errors/gateway-error.js';
import type { AdministrativeLevel, TimeUnit } from './procedure.js';

export const MATCH_CLASSES = ['MATCHED', 'MATCHED_WITH_DIFFERENCES', 'CODE_WRONG', 'UNKNOWN', 'WITHDRAWN', 'DUPLICATE', 'MISSING_LOCALLY'] as const;
export type MatchClass = (typeof MATCH_CLASSES)[number];
export type MatchCause = 'sync' | 'import' | 'nightly' | 'request';
export type DifferenceAspect = 'CODE_SHAPE' | 'STEM' | 'SUFFIX' | 'NAME' | 'FIELD' | 'LEVEL' | 'TIME_LIMIT' | 'FEE' | 'AGENCY';

/** Where both sides say something and it is not the same. */
export interface MatchDifference {
  readonly aspect: DifferenceAspect;
  readonly local: string;
  readonly national: string;
}

/** A procedure as the province lists it; null: it says nothing of it, and nothing is compared. */
export interface LocalProcedure {
  readonly id: string;
  readonly code: string;
  readonly agencyCode: string;
  readonly name: string;
  readonly fieldCode: string | null;
  readonly level: AdministrativeLevel | null;
  readonly feeVnd: number | null;
  readonly timeAmount: number | null;
  readonly timeUnit: TimeUnit | null;
}

/** What of a national procedure decides about a match. */
export interface MatchableProcedure {
  readonly code: string;
  readonly name: string;
  /** Public, and not withdrawn. */
  readonly usable: boolean;
  readonly fieldCodes: readonly string[];
  readonly levels: readonly AdministrativeLevel[];
  /** Fees that could be read; empty: not known. */
  readonly feesVnd: readonly number[];
  readonly times: readonly { readonly amount: number; readonly unit: TimeUnit | null }[];
  readonly agencies: readonly { readonly code: string | null; readonly name: string }[];
}

export interface MatchResult {
  readonly local: LocalProcedure | null;
  readonly agencyCode: string;
  readonly class: MatchClass;
  readonly national: MatchableProcedure | null;
  /** Code to use instead, in the form that the local code has. */
  readonly suggestedCode: string | null;
  readonly suggestedName: string | null;
  /** How sure the suggestion is, 0 to 1; null without one. */
  readonly score: number | null;
  readonly differences: readonly MatchDifference[];
}

/** A code counts as matched when the nation knows it and it is public; other differences are corrected, but are no wrong code. */
export const COUNTS_AS_MATCHED: ReadonlySet<MatchClass> = new Set(['MATCHED', 'MATCHED_WITH_DIFFERENCES']);

/** Each class, and what the person who keeps the list does about it. */
export const CLASS_TEXTS: Readonly<Record<MatchClass, { readonly label: BilingualText; readonly action: BilingualText }>> = {
  MATCHED: {
    label: { vi: 'Khớp', en: 'Matched' }, action: { vi: 'Không cần xử lý.', en: 'Nothing to do.' },
  },
  MATCHED_WITH_DIFFERENCES: {
    label: { vi: 'Khớp mã, khác nội dung', en: 'Matched, with differences' },
    action: { vi: 'Sửa các nội dung khác biệt trên hệ thống của tỉnh theo Cơ sở dữ liệu quốc gia.', en: 'Correct what differs in the provincial system after the national record.' },
  },
  CODE_WRONG: {
    label: { vi: 'Sai mã, tìm thấy theo tên', en: 'Code wrong, name found' },
    action: { vi: 'Kiểm tra mã gợi ý; nếu đúng thì chấp nhận và thay mã trên hệ thống của tỉnh.', en: 'Check the suggested code; if it is right, accept it and replace the code in the provincial system.' },
  },
  UNKNOWN: {
    label: { vi: 'Không có trong Cơ sở dữ liệu quốc gia', en: 'Unknown nationally' },
    action: { vi: 'Tra lại quyết định công bố; đề nghị công khai thủ tục trên Cơ sở dữ liệu quốc gia hoặc ngừng sử dụng.', en: 'Look up the decision that published it; have it published nationally, or stop using it.' },
  },
  WITHDRAWN: {
    label: { vi: 'Đã bãi bỏ hoặc không còn công khai', en: 'Withdrawn nationally' },
    action: { vi: 'Ngừng tiếp nhận hồ sơ mới; chuyển sang thủ tục thay thế nếu có gợi ý.', en: 'Stop taking new dossiers; move to the procedure that replaces it, where one is suggested.' },
  },
  DUPLICATE: {
    label: { vi: 'Trùng', en: 'Duplicate' },
    action: { vi: 'Cơ quan đã có thủ tục này dưới một mã khác; giữ một bản và ngừng bản trùng.', en: 'The agency lists this procedure under another code too; keep one and retire the duplicate.' },
  },
  MISSING_LOCALLY: {
    label: { vi: 'Tỉnh còn thiếu', en: 'Missing locally' },
    action: { vi: 'Bổ sung thủ tục vào danh mục của cơ quan, hoặc xác nhận cơ quan không thực hiện.', en: 'Add the procedure to the agency\'s list, or confirm that the agency does not carry it out.' },
  },
};
