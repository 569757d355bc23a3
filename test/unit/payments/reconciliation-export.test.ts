import { describe, expect, it } from '@jest/globals';
import { strFromU8, unzipSync } from 'fflate';
import { writeReconciliation } from '../../../src/payments/reconciliation-export.js';
import type { KeptDifference } from '../../../src/payments/reconciliation-queries.js';
import type { ReconciliationRun } from '../../../src/payments/reconciliation-run.js';

const RUN: ReconciliationRun = {
  id: '7', gateway: 'vnpay', day: '2026-03-15', statementId: null, cause: 'PERSON', requestedBy: 'an', requestedAt: new Date(0), startedAt: new Date(0), endedAt: new Date(0), failure: null,
  oursCount: 3, oursVnd: 150_001, theirsCount: 4, theirsVnd: 200_002, matched: 2,
};
const WHOLE: KeptDifference = {
  id: '1', runId: '7', class: 'AMOUNT', kind: 'PAYMENT', action: 'PERSON', paymentId: '1', reference: 'OG1', gatewayTransaction: 'T1', oursVnd: 50_000, theirsVnd: 40_000, oursState: 'PAID', theirsState: 'paid',
  resolvedBy: 'binh', resolvedAt: new Date(0), resolution: 'đã hỏi',
} as KeptDifference;
const EMPTY: KeptDifference = { ...WHOLE, class: 'MISSING_HERE', action: 'WAITS', reference: null, gatewayTransaction: null, oursVnd: null, theirsVnd: null, oursState: null, theirsState: null, resolvedBy: null, resolution: null };

const textOf = (contentBase64: string): string => Buffer.from(contentBase64, 'base64').toString('utf8');
const sheetsOf = (run: ReconciliationRun): string => Object.values(unzipSync(Buffer.from(writeReconciliation('XLSX', { run, differences: [WHOLE, EMPTY] }).contentBase64, 'base64'))).map((part) => strFromU8(part)).join('\n');

describe('a run that is taken away as a file', () => {
  it('has its differences in Vietnamese, cell by cell, as CSV', () => {
    const { name, mediaType, contentBase64 } = writeReconciliation('CSV', { run: RUN, differences: [WHOLE, EMPTY] });
    expect([name, mediaType]).toEqual(['doi-soat-vnpay-2026-03-15.csv', 'text/csv; charset=utf-8']);
    expect(textOf(contentBase64)).toBe([
      '\ufeffLoại lệch,Nghiệp vụ,Mã tham chiếu,Số giao dịch của cổng,Số tiền của hệ thống,Số tiền của cổng,Trạng thái của hệ thống,Trạng thái của cổng,Xử lý,Người kết luận,Kết luận',
      'Lệch số tiền,PAYMENT,OG1,T1,50000,40000,PAID,paid,Cần người tìm hiểu,binh,đã hỏi',
      '"Cổng thanh toán có, hệ thống không có",PAYMENT,,,,,,,Đã chuyển cho cơ quan nhưng còn nợ người nộp: chờ quyết định,,', ''].join('\r\n'));
  });

  it('has its figures beside them as XLSX', () => {
    const { name, mediaType } = writeReconciliation('XLSX', { run: RUN, differences: [] });
    expect([name, mediaType]).toEqual(['doi-soat-vnpay-2026-03-15.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet']);
    const text = sheetsOf(RUN);
    for (const word of ['Chênh lệch', 'Tổng hợp', 'Lệch số tiền', 'OG1', 'đã hỏi', 'Cổng thanh toán', 'Ngày', 'Lần đối soát', 'Số lượt của hệ thống', 'Số tiền của hệ thống', 'Số lượt của cổng', 'Số tiền của cổng', 'Số dòng khớp', 'Số dòng lệch', 'Kết quả',
      'vnpay', '2026-03-15', '150001', '200002', 'Hoàn thành']) expect(text).toContain(`>${word}<`.replace(/>(Chênh lệch|Tổng hợp)</, '"$1"'));
  });

  it.each([[{ endedAt: null }, 'Đang chạy'], [{ failure: 'no-statement' }, 'Chưa có sao kê và không hỏi được cổng thanh toán'], [{ failure: 'of-another-release' }, 'of-another-release']])('says how it ended: %j', (over, outcome) => {
    expect(sheetsOf({ ...RUN, ...over, oursCount: null, oursVnd: null, theirsCount: null, theirsVnd: null, matched: null })).toContain(outcome);
  });
});
