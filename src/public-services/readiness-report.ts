import { writeCsv } from '../tables/write-csv.js';
import { writeXlsx } from '../tables/write-xlsx.js';
import { STATE_LABELS } from './public-service.js';
import type { ConditionStatus } from './readiness-check.js';
import { ACTOR_LABELS, CONDITION_CODES, READINESS_CONDITIONS, missingText } from './readiness-conditions.js';
import { summarise } from './readiness-summary.js';
import { LEVEL_LABELS, LEVEL_MEANINGS } from './service-level.js';
import type { AssessedService } from './service-queries.js';

export type ReportFormat = 'CSV' | 'XLSX';

export interface ReportFile {
  readonly fileName: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

const STATUS_TEXTS: Readonly<Record<ConditionStatus, string>> = { PASSED: 'Đạt', FAILED: 'Chưa đạt', NOT_CHECKED: 'Chưa kiểm tra', NOT_NEEDED: 'Không áp dụng' };
const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

type Cells = readonly (string | number)[];

/** A service a row, a condition a column. */
const serviceRows = (assessed: readonly AssessedService[]): readonly Cells[] => [
  ['Mã dịch vụ công', 'Mã thủ tục', 'Tên thủ tục', 'Mã cơ quan', 'Tên cơ quan', 'Mức độ', 'Mức độ (trước 2022)', 'Trạng thái kết nối', 'Đủ điều kiện',
    ...CONDITION_CODES.map((code) => READINESS_CONDITIONS[code].label.vi), 'Còn thiếu', 'Đơn vị xử lý'],
  ...assessed.map(({ service, readiness, agency }) => [
    service.code, service.procedureCode, service.name ?? '', service.agencyCode, agency?.nameVi ?? '',
    LEVEL_LABELS[LEVEL_MEANINGS[service.level].current].vi, String(LEVEL_MEANINGS[service.level].former), STATE_LABELS[service.state].vi, readiness.ready ? 'Có' : 'Chưa',
    ...readiness.conditions.map(({ status }) => STATUS_TEXTS[status]),
    readiness.conditions.filter(({ condition }) => readiness.unmet.includes(condition)).map(({ condition, detail }) => missingText(condition, detail).vi).join(' '),
    [...new Set(readiness.unmet.map((code) => ACTOR_LABELS[READINESS_CONDITIONS[code].actor].vi))].join(', '),
  ]),
];

const agencyRows = (assessed: readonly AssessedService[], at: Date): readonly Cells[] => {
  const { total, agencies } = summarise(assessed, at);
  const row = (code: string, name: string, count: typeof total): Cells =>
    [code, name, count.services, count.ready, ...CONDITION_CODES.map((condition) => count.unmet.find((entry) => entry.condition === condition)?.services ?? 0)];
  return [
    ['Mã cơ quan', 'Tên cơ quan', 'Số dịch vụ', 'Đủ điều kiện', ...CONDITION_CODES.map((code) => `Vướng: ${READINESS_CONDITIONS[code].label.vi}`)],
    ...agencies.map((agency) => row(agency.agencyCode, agency.agencyName ?? '', agency)),
    row('', 'Toàn tỉnh', total),
  ];
};

const conditionRows = (): readonly Cells[] => [
  ['Điều kiện', 'Căn cứ', 'Độ tin cậy của căn cứ', 'Đơn vị xử lý', 'Cần làm khi chưa đạt'],
  ...CONDITION_CODES.map((code) => READINESS_CONDITIONS[code]).map(({ label, source, confidence, actor, missing }) => [label.vi, source.vi, confidence, ACTOR_LABELS[actor].vi, missing.vi]),
];

/** Readiness in Vietnamese: services, and in a workbook also agencies and the conditions with their sources. */
export const writeReadinessReport = (assessed: readonly AssessedService[], format: ReportFormat, at: Date): ReportFile => {
  const fileName = `san-sang-ket-noi-${at.toISOString().slice(0, 10)}.${format.toLowerCase()}`;
  if (format === 'CSV') return { fileName, mediaType: 'text/csv; charset=utf-8', content: writeCsv(serviceRows(assessed).map((row) => row.map(String))) };
  const sheets = [{ name: 'Dịch vụ công', rows: serviceRows(assessed) }, { name: 'Theo cơ quan', rows: agencyRows(assessed, at) }, { name: 'Điều kiện', rows: conditionRows() }];
  return { fileName, mediaType: XLSX_TYPE, content: writeXlsx(sheets) };
};
