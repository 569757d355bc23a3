import type { CatalogueEntry } from './sandbox-catalogue.js';
import { executingOf, factsOf, papersOf, resultOf, spelled, stepsOf } from './sandbox-record.js';

/** The record of `LayThuTuc` (national-portal.md §5.1). @param code as it was asked for, with or without suffix */
export const serviceRecord = (entry: CatalogueEntry, code: string, provinceCode: string): object => {
  const facts = factsOf(entry);
  const executing = executingOf(entry, provinceCode).map((agency) => ({ MADONVI: agency.code, TENDONVI: agency.name }));
  const fee = { MAPHILEPHI: facts.feeCode, SOTIEN: facts.feeText, DONVI: 'Đồng', MOTA: '<p>Thu khi nộp hồ sơ</p>', TENTEP: '', URL: '' };
  const time = { THOIGIANGIAIQUYET: facts.days, DONVITINH: facts.unit, MOTA: '<p>Kể từ ngày nhận đủ hồ sơ hợp lệ</p>', PHILEPHI: facts.nulls.fees ? null : [fee] };
  const result = resultOf(entry);
  return {
    ID: entry.index + 1, MATTHC: code, TENTTHC: spelled(entry, entry.name), MACOQUANCONGBO: entry.field.ministry[0], LOAITTHC: 'TTHC được luật giao quy định chi tiết',
    MOTADOITUONGTHUCHIEN: '', DIACHITIEPNHAN: 'Trung tâm Phục vụ hành chính công', QUYETDINH: facts.decisionNumber,
    YEUCAU: facts.nulls.requirements ? null : '<ul><li>Hồ sơ đầy đủ, hợp lệ theo quy định.</li></ul>', TUKHOA: entry.field.name.toLowerCase(),
    IDQUYETDINHCONGBO: facts.decisionId, TRANGTHAI: entry.state === 'public' ? '1' : '0', MOTACOQUANTHUCHIEN: '', MOTACOQUANTHAMQUYEN: '', MOTA: `<p>${spelled(entry, entry.name)}</p>`,
    TRINHTUTHUCHIEN: [{ TRUONGHOP: '', TRINHTU: stepsOf(entry).map((step) => ({ TENTRINHTU: spelled(entry, step) })) }],
    CAPTHUCHIEN: facts.levels.map((level) => ({ CAPTHUCHIEN: String(level), TENCAP: ['Cấp Bộ', 'Cấp Tỉnh', 'Cấp Huyện', 'Cấp Xã'][level] })),
    LINHVUCTHUCHIEN: [{ MALINHVUC: entry.field.code, TENLINHVUC: entry.field.name }],
    CACHTHUCTHUCHIEN: facts.nulls.methods ? null : ['1', '2', '3'].map((channel) => ({ KENH: channel, THOIGIAN: [time] })),
    DOITUONGTHUCHIEN: [{ MADOITUONG: '1', TENDOITUONG: 'Công dân Việt Nam' }],
    THANHPHANHOSO: [{
      TRUONGHOP: 'Hồ sơ gồm', GIAYTO: papersOf(entry).map((paper) => ({
        MAGIAYTO: paper.code, MA_KQ_THAYTHE: '', SOBANCHINH: paper.originals, SOBANSAO: paper.copies, TENGIAYTO: paper.name, TENMAUDON: '', URL: '',
      })),
    }],
    KETQUATHUCHIEN: [{ MAKETQUA: result.code, TENKETQUA: result.name, TENTEP: '', URL: '' }],
    CANCUPHAPLY: facts.nulls.legal ? null : [{ SOVANBAN: facts.legalNumber, TENVANBAN: `Nghị định ${facts.legalNumber}`, COQUANBANHANH: 'Chính phủ', NGAYBANHANH: '15/03/2025', NGAYHIEULUC: '01/07/2025', DIACHITRUYCAP: '' }],
    TTHCLIENQUAN: [], TTHCLIENTHONG: [],
    COQUANTHUCHIEN: executing, COQUANCOTHAMQUYEN: executing, COQUANDUOCUYQUYEN: null, COQUANPHOIHOP: null,
  };
};

const UNITS: Readonly<Record<string, string>> = { 'ngày làm việc': 'WORKING_DAY', 'ngày': 'DAY', 'giờ': 'HOUR', 'tháng': 'MONTH' };

/** An item of the new portal's list (national-portal.md §5.3). */
export const portalItem = (entry: CatalogueEntry): object => ({
  id: entry.id, code: entry.code, codeNotation: entry.code, name: spelled(entry, entry.name), type: 'STANDARD',
  categories: [{ id: entry.field.code, code: entry.field.code, name: entry.field.name }],
  departments: [{ name: entry.field.ministry[1] }],
});

/** The detail record of the new portal (national-portal.md §5.3). */
export const portalRecord = (entry: CatalogueEntry, provinceCode: string): object => {
  const facts = factsOf(entry);
  const unit = UNITS[facts.unit.toLowerCase().replace(/\s+/g, ' ').trim()] ?? 'DAY';
  const executing = executingOf(entry, provinceCode).map(({ code, name }) => (code === '' ? { name } : { code, name }));
  const method = { processingTime: facts.days, processingTimeUnit: unit, fees: facts.nulls.fees ? null : [{ name: 'Lệ phí', amount: facts.feeText }], description: '<p>Kể từ ngày nhận đủ hồ sơ hợp lệ</p>' };
  return {
    id: entry.id, code: entry.code, codeNotation: entry.code, name: spelled(entry, entry.name), formalityType: 'STANDARD',
    procedureProposal: { proposalNumber: facts.decisionNumber },
    isWard: facts.levels.includes(3), isProvince: facts.levels.includes(1), isMinistry: facts.levels.includes(0), isOtherAgency: false,
    categoriesDetails: [{ code: entry.field.code, name: entry.field.name }],
    subjectTypesDetails: [{ name: 'Công dân Việt Nam' }],
    departmentsAuthority: executing, departmentsAuthorized: [], departmentsCoordinating: null, departmentsExecuting: executing,
    dossierReceivingAddresses: ['Trung tâm Phục vụ hành chính công'], procedureRelatedGroup: [],
    executionSteps: stepsOf(entry).map((description, position) => ({ name: `Bước ${position + 1}`, description: spelled(entry, description) })),
    executionMethods: facts.nulls.methods ? null : ['DIRECT', 'ONLINE', 'POSTAL'].map((submissionMethod) => ({ submissionMethod, ...method })),
    executionCases: [{
      name: 'Hồ sơ gồm',
      profileComponents: papersOf(entry).map((paper) => ({ code: paper.code, name: paper.name, originalQty: Number(paper.originals), copyQty: Number(paper.copies), attachments: [] })),
    }],
    legalBasisesDetails: facts.nulls.legal ? null : [{ code: facts.legalNumber, name: `Nghị định ${facts.legalNumber}` }],
    requirementsAndConditions: facts.nulls.requirements ? null : '<ul><li>Hồ sơ đầy đủ, hợp lệ theo quy định.</li></ul>',
    resultsDetails: [resultOf(entry)],
    keywords: entry.field.name.toLowerCase(), description: `<p>${spelled(entry, entry.name)}</p>`,
  };
};
