import { writeCsv } from '../tables/write-csv.js';
import { writeXlsx } from '../tables/write-xlsx.js';
import type { AgencyFigure } from './match-engine.js';
import type { Correction } from './match-corrections.js';
import type { MatchEntry } from './match-queries.js';
import { CLASS_TEXTS } from './match.js';
import type { DifferenceAspect, MatchDifference } from './match.js';

export type FileFormat = 'CSV' | 'XLSX';

const ASPECTS: Readonly<Record<DifferenceAspect, string>> = {
  CODE_SHAPE: 'Dạng mã', STEM: 'Mã', SUFFIX: 'Đuôi mã', NAME: 'Tên', FIELD: 'Lĩnh vực', LEVEL: 'Cấp thực hiện', TIME_LIMIT: 'Thời hạn', FEE: 'Phí, lệ phí', AGENCY: 'Cơ quan',
};

const CORRECTION_HEADING = ['Mã cơ quan', 'Mã thủ tục hiện tại', 'Mã thủ tục đúng', 'Tên thủ tục', 'Người chấp nhận', 'Thời điểm chấp nhận'];
const ENTRY_HEADING = ['Mã cơ quan', 'Kết quả', 'Mã của tỉnh', 'Tên của tỉnh', 'Mã quốc gia', 'Tên quốc gia', 'Mã gợi ý', 'Tên gợi ý', 'Độ tin cậy', 'Khác biệt (tỉnh → quốc gia)', 'Việc cần làm'];
const FIGURE_HEADING = ['Mã cơ quan', 'Số thủ tục', 'Số khớp mã', 'Tỷ lệ (%)', 'Sai mã', 'Không có', 'Bãi bỏ', 'Trùng', 'Còn thiếu'];

/** One decimal, rounded down: 99.96 % is not yet the 100 % that is demanded. Null without procedures. */
export const percentOf = ({ total, matched }: { readonly total: number; readonly matched: number }): number | null => (total === 0 ? null : Math.floor((matched * 1_000) / total) / 10);

const VIETNAM_OFFSET_MS = 7 * 3_600_000;
const localTime = (at: Date): string => new Date(at.getTime() + VIETNAM_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');

const differenceText = ({ aspect, local, national }: MatchDifference): string => `${ASPECTS[aspect]}: ${local} → ${national}`;

const entryRow = (entry: MatchEntry): readonly string[] => [
  entry.agencyCode, CLASS_TEXTS[entry.class].label.vi, entry.localCode ?? '', entry.localName ?? '', entry.nationalCode ?? '', entry.nationalName ?? '', entry.suggestedCode ?? '', entry.suggestedName ?? '',
  entry.score === null ? '' : entry.score.toFixed(2), entry.differences.map(differenceText).join('; '), CLASS_TEXTS[entry.class].action.vi,
];

const figureRow = (figure: AgencyFigure): readonly (string | number)[] => {
  const { agencyCode, total, matched, counts } = figure;
  return [agencyCode, total, matched, percentOf(figure) ?? '', counts.CODE_WRONG ?? 0, counts.UNKNOWN ?? 0, counts.WITHDRAWN ?? 0, counts.DUPLICATE ?? 0, counts.MISSING_LOCALLY ?? 0];
};

/** A run in Vietnamese, with what to do about each entry: CSV holds the entries, XLSX a sheet of figures beside them. */
export const writeMatchReport = (format: FileFormat, report: { readonly entries: readonly MatchEntry[]; readonly figures: readonly AgencyFigure[] }): Uint8Array => {
  const entries = [ENTRY_HEADING, ...report.entries.map(entryRow)];
  if (format === 'CSV') return writeCsv(entries);
  return writeXlsx([{ name: 'Chi tiết', rows: entries }, { name: 'Tỷ lệ theo cơ quan', rows: [FIGURE_HEADING, ...report.figures.map(figureRow)] }]);
};

/** What the provincial portal replaces. */
export const writeCorrections = (format: FileFormat, corrections: readonly Correction[]): Uint8Array => {
  const rows = [CORRECTION_HEADING, ...corrections.map(({ agencyCode, fromCode, toCode, name, acceptedBy, acceptedAt }) => [agencyCode, fromCode, toCode, name, acceptedBy, localTime(acceptedAt)])];
  return format === 'CSV' ? writeCsv(rows) : writeXlsx([{ name: 'Sửa mã thủ tục', rows }]);
};
