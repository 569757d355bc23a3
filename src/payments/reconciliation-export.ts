import { writeCsv } from '../tables/write-csv.js';
import { writeXlsx } from '../tables/write-xlsx.js';
import { ACTION_LABELS, CLASS_LABELS, FAILURE_LABELS } from './reconciliation-labels.js';
import type { KeptDifference } from './reconciliation-queries.js';
import type { ReconciliationRun } from './reconciliation-run.js';

export type ReportFormat = 'CSV' | 'XLSX';

const DIFFERENCE_HEADING = ['Loại lệch', 'Nghiệp vụ', 'Mã tham chiếu', 'Số giao dịch của cổng', 'Số tiền của hệ thống', 'Số tiền của cổng', 'Trạng thái của hệ thống', 'Trạng thái của cổng', 'Xử lý', 'Người kết luận', 'Kết luận'];
const FIGURE_HEADING = ['Cổng thanh toán', 'Ngày', 'Lần đối soát', 'Số lượt của hệ thống', 'Số tiền của hệ thống', 'Số lượt của cổng', 'Số tiền của cổng', 'Số dòng khớp', 'Số dòng lệch', 'Kết quả'];
const MEDIA_TYPES: Readonly<Record<ReportFormat, string>> = { CSV: 'text/csv; charset=utf-8', XLSX: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' };

const differenceRow = (found: KeptDifference): readonly (string | number)[] => [
  CLASS_LABELS[found.class].vi, found.kind, found.reference ?? '', found.gatewayTransaction ?? '', found.oursVnd ?? '', found.theirsVnd ?? '', found.oursState ?? '', found.theirsState ?? '',
  ACTION_LABELS[found.action].vi, found.resolvedBy ?? '', found.resolution ?? '',
];

const outcomeOf = ({ endedAt, failure }: ReconciliationRun): string => {
  if (failure !== null) return FAILURE_LABELS[failure]?.vi ?? failure;
  return endedAt === null ? 'Đang chạy' : 'Hoàn thành';
};

/** A run in Vietnamese: CSV holds the differences, XLSX a sheet of figures beside them. */
export const writeReconciliation = (format: ReportFormat, { run, differences }: { readonly run: ReconciliationRun; readonly differences: readonly KeptDifference[] }) => {
  const rows = [DIFFERENCE_HEADING, ...differences.map(differenceRow)];
  const figures = [run.gateway, run.day, run.id, run.oursCount ?? '', run.oursVnd ?? '', run.theirsCount ?? '', run.theirsVnd ?? '', run.matched ?? '', differences.length, outcomeOf(run)];
  const content = format === 'CSV'
    ? writeCsv(rows.map((row) => row.map(String)))
    : writeXlsx([{ name: 'Chênh lệch', rows }, { name: 'Tổng hợp', rows: [FIGURE_HEADING, figures] }]);
  return { name: `doi-soat-${run.gateway}-${run.day}.${format.toLowerCase()}`, mediaType: MEDIA_TYPES[format], contentBase64: Buffer.from(content).toString('base64') };
};
