import type { DossierInput, StepInput } from '../../src/dossiers/dossier-input.js';
import type { DossierRules } from '../../src/dossiers/dossier-rules.js';

/** The clock of these tests: 17:00 on 15 March 2026 in Vietnam. */
export const NOW = new Date('2026-03-15T10:00:00Z');

export const RULES: DossierRules = {
  tenantAgencyCodes: ['H42', 'H25', 'H40'],
  fieldLimits: { officialName: 50, subject: 1000, documentName: 4000, attachmentName: 2000, code: 50 },
};

/** Valid input in every field that a real dossier has; persons are invented. */
export const dossierInput = (over: Partial<DossierInput> = {}): DossierInput => ({
  code: '000.12.34.H42-260315-0007',
  agencyCode: '000.12.34.H42',
  procedureCode: '1.001193.000.00.00.H42',
  procedureName: 'Thủ tục đăng ký khai sinh',
  fieldCode: 'G15-HT01',
  fieldName: 'Hộ tịch',
  channel: 'IN_PERSON',
  owner: { kind: 'CITIZEN', name: 'Nguyễn Văn Thử', idNumber: '037203004567', phone: '0912345678' },
  subject: 'Đăng ký khai sinh cho con',
  submittedAt: new Date('2026-03-15T01:30:00Z'),
  receivedAt: new Date('2026-03-15T01:30:00Z'),
  dueAt: new Date('2026-03-16T10:00:00Z'),
  status: 'RECEIVED',
  returnMethod: 'IN_PERSON',
  processingUnit: 'UBND phường Hoa Lư',
  submissionPlace: 'LOCAL',
  hasDigitisedComponents: true,
  ownerVerifiedByVneid: false,
  onlinePayment: 'NOT_REQUIRED',
  documents: [{
    id: 'TL-1', name: 'to-khai.pdf', componentCode: '000.00.00.G15-KQ0001', fileReference: '2026/03/to-khai.pdf',
    deleted: false, digitised: true, reuse: 'NONE', fromNationalStore: false,
  }],
  fees: [{ name: 'Lệ phí hộ tịch', code: '2', amountVnd: 8_000 }],
  ...over,
});

export const stepInput = (over: Partial<StepInput> = {}): StepInput => ({
  officialName: 'Trần Thị Mẫu',
  department: 'Bộ phận một cửa',
  processedAt: new Date('2026-03-15T02:00:00Z'),
  content: 'Tiếp nhận hồ sơ',
  status: 'RECEIVED',
  ...over,
});

/** A dossier code of the day before NOW's with this running number. */
export const codeNumber = (number: number): string => `000.12.34.H42-260315-${String(number).padStart(4, '0')}`;
