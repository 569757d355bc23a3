import type {
  Channel, DossierDocument, DossierFee, DossierOwner, DossierResult, DossierStatus, DossierStep, OnlinePayment, OtherAttachment,
  OwnerKind, ReturnMethod, ReuseOfDigitised, SubmissionPlace, Supplement,
} from '../../src/dossiers/dossier.js';
import type { DossierSubmission, StatusReport } from '../../src/dossiers/dossier-registry-port.js';
import { cutByCodePoint } from '../support/vietnamese-text.js';
import { toWallClock } from '../support/wall-clock.js';
import { WIRE_LIMITS } from './wire-limits.js';
import type { AttachmentItem, DocumentItem, DossierItem, FeeItem, ResultItem, StatusItem, StepItem, SupplementItem } from './wire.js';

/** Code lists of G1 and G2. Source: national-portal.md §4.1, §4.3, §4.4. */
export const STATUS_CODES: Readonly<Record<DossierStatus, string>> = {
  SUBMITTED: '1', RECEIVED: '2', REFUSED_AT_INTAKE: '3', PROCESSING: '4', SUPPLEMENT_REQUESTED: '5',
  PAYMENT_REQUIRED: '6', WITHDRAWN: '7', STOPPED: '8', COMPLETED: '9', RESULT_RETURNED: '10',
};
const CHANNEL_CODES: Readonly<Record<Channel, string>> = { IN_PERSON: '1', ONLINE: '2', PUBLIC_POST: '3' };
const OWNER_CODES: Readonly<Record<OwnerKind, string>> = { CITIZEN: '1', BUSINESS: '2', STATE_AGENCY: '3', ORGANISATION: '4' };
const RETURN_CODES: Readonly<Record<ReturnMethod, string>> = { IN_PERSON: '0', PUBLIC_POST: '1' };
const PAYMENT_CODES: Readonly<Record<OnlinePayment, string>> = {
  NOT_REQUIRED: '0', PAID_ON_NATIONAL_PORTAL: '1', PAID_ON_LOCAL_PORTAL: '2', NOT_PAID_ONLINE: '3',
};
const REUSE_CODES: Readonly<Record<ReuseOfDigitised, string>> = { NONE: '0', REUSED_LEVEL_1: '1', REUSED_LEVEL_2: '2' };
/** `1` for the national portal is an inference (§4.1, low confidence); `2` was seen. */
const PLACE_CODES: Readonly<Record<SubmissionPlace, string>> = { NATIONAL_PORTAL: '1', LOCAL: '2' };

const bit = (value: boolean): string => (value ? '1' : '0');
const trueFalse = (value: boolean): string => (value ? 'True' : 'False');
const moment = (value: Date | null): string => (value === null ? '' : toWallClock(value));

const toFee = (fee: DossierFee): FeeItem => ({
  TenPhiLePhi: fee.name,
  MaPhiLePhi: fee.code,
  HinhThucThu: fee.collectionCode ?? '',
  Gia: String(fee.amountVnd),
  LoaiPhiLePhi: fee.kindCode ?? '',
});

const toAttachment = (attachment: OtherAttachment): AttachmentItem => ({
  TenGiayTo: cutByCodePoint(attachment.name, WIRE_LIMITS.documentName),
  SoLuong: String(attachment.quantity),
  LoaiGiayTo: attachment.kindCode,
});

const toDocument = (document: DossierDocument, links: ReadonlyMap<string, string>): DocumentItem => ({
  TepDinhKemId: document.id,
  TenTepDinhKem: cutByCodePoint(document.name, WIRE_LIMITS.attachmentName),
  IsDeleted: trueFalse(document.deleted),
  MaThanhPhanHoSo: document.componentCode ?? '',
  DuongDanTaiTepTin: links.get(document.id) ?? '',
  DuocSoHoa: bit(document.digitised),
  DuocTaiSuDung: REUSE_CODES[document.reuse],
  DuocLayTuKhoDMQG: bit(document.fromNationalStore),
  MaKetQuaThayThe: document.replacesResultCode ?? '',
});

const toSupplement = (supplement: Supplement): SupplementItem => ({
  HoSoBoSungId: supplement.id,
  NguoiYeuCauBoSung: cutByCodePoint(supplement.requestedBy, WIRE_LIMITS.officialName),
  NoiDungBoSung: supplement.content,
  NgayBoSung: moment(supplement.requestedAt),
  NguoiTiepNhanBoSung: cutByCodePoint(supplement.receivedBy ?? '', WIRE_LIMITS.officialName),
  ThongTinTiepNhan: supplement.receivedInfo ?? '',
  NgayTiepNhanBoSung: moment(supplement.receivedAt),
  // ASSUMPTION: no list of TrangThaiBoSung is public; 0/1 follows the other yes/no fields.
  TrangThaiBoSung: bit(supplement.completed),
  DanhSachGiayToBoSung: supplement.documents.map(toAttachment),
  DanhSachLePhiBoSung: supplement.fees.map(toFee),
  NgayHenTraTruoc: moment(supplement.previousDueAt),
  NgayHenTraMoi: moment(supplement.newDueAt),
});

const toResult = (result: DossierResult, links: ReadonlyMap<string, string>): ResultItem => ({
  TenGiayTo: cutByCodePoint(result.name, WIRE_LIMITS.documentName),
  MaThanhPhanHoSo: result.componentCode ?? '',
  GiayToId: result.id,
  DuongDanTepTinKetQua: links.get(result.id) ?? '',
  MaGiayToKetQua: result.resultCode ?? '',
});

/** 12 digits → 1, 9 digits → 2. A tax code or passport has no code (§6.4), so nothing is claimed. */
const toIdentities = (owner: DossierOwner): DossierItem['DinhDanhCHS'] => {
  if (/^\d{12}$/.test(owner.idNumber)) return [{ LoaiDinhDanh: '1', SoDinhDanh: owner.idNumber }];
  if (/^\d{9}$/.test(owner.idNumber)) return [{ LoaiDinhDanh: '2', SoDinhDanh: owner.idNumber }];
  return [];
};

type OwnerPart = Pick<DossierItem, 'SoGiayToChuHoSo' | 'ChuHoSo' | 'LoaiDoiTuong' | 'MaDoiTuong' | 'ThongTinKhac' | 'Email' | 'Fax' | 'SoDienThoai' | 'DinhDanhCHS'>;

const toOwner = (owner: DossierOwner): OwnerPart => ({
  SoGiayToChuHoSo: owner.idNumber,
  ChuHoSo: owner.name,
  LoaiDoiTuong: OWNER_CODES[owner.kind],
  MaDoiTuong: owner.technicalId ?? '',
  ThongTinKhac: owner.otherInfo ?? '',
  Email: owner.email ?? '',
  Fax: owner.fax ?? '',
  SoDienThoai: owner.phone ?? '',
  DinhDanhCHS: toIdentities(owner),
});

/** One `DongBoHoSoMC` item. It claims nothing that the portal did not state: no default database, result, status or id (§4.5). */
export const toDossierItem = ({ content, fileLinks }: DossierSubmission): DossierItem => ({
  MaHoSo: content.code,
  MaTTHC: content.procedureCode,
  TenTTHC: content.procedureName,
  MaLinhVuc: content.fieldCode,
  TenLinhVuc: content.fieldName,
  SoBienNhan: content.receiptNumber ?? '',
  KenhThucHien: CHANNEL_CODES[content.channel],
  ...toOwner(content.owner),
  TrichYeuHoSo: cutByCodePoint(content.subject, WIRE_LIMITS.subject),
  NgayNopHoSo: moment(content.submittedAt),
  NgayTiepNhan: moment(content.receivedAt),
  NgayHenTra: moment(content.dueAt),
  TrangThaiHoSo: STATUS_CODES[content.status],
  NgayTra: moment(content.returnedAt),
  ThongTinTra: content.returnInfo ?? '',
  HinhThuc: RETURN_CODES[content.returnMethod],
  NgayKetThucXuLy: moment(content.finishedAt),
  NgayTuChoi: moment(content.refusedAt),
  DonViXuLy: content.processingUnit,
  GhiChu: content.note ?? '',
  NoiNopHoSo: PLACE_CODES[content.submissionPlace],
  HoSoCoThanhPhanSoHoa: bit(content.hasDigitisedComponents),
  TaiKhoanDuocXacThucVoiVNeID: bit(content.ownerVerifiedByVneid),
  DuocThanhToanTrucTuyen: PAYMENT_CODES[content.onlinePayment],
  DSKetNoiCSDL: content.consultedDatabases.map((database) => ({ MaCSDL: database.code })),
  TaiLieuNop: content.documents.map((document) => toDocument(document, fileLinks)),
  DanhSachLePhi: content.fees.map(toFee),
  DanhSachTepDinhKemKhac: content.otherAttachments.map(toAttachment),
  DanhSachHoSoBoSung: content.supplements.map(toSupplement),
  DanhSachGiayToKetQua: content.results.map((result) => toResult(result, fileLinks)),
});

/** One `CapNhatTienDoHoSoMC` item. */
export const toStepItem = (step: DossierStep): StepItem => ({
  MaHoSo: step.dossierCode,
  NguoiXuLy: cutByCodePoint(step.officialName, WIRE_LIMITS.officialName),
  ChucDanh: step.officialTitle ?? '',
  PhongBanXuLy: step.department ?? '',
  ThoiDiemXuLy: moment(step.processedAt),
  NoiDungXuLy: step.content,
  TrangThai: STATUS_CODES[step.status],
  NgayBatDau: moment(step.startedAt),
  NgayKetThucTheoQuyDinh: moment(step.dueAt),
});

/** `data` of `DongBoTrangThaiHoSo`, where "refused at intake" is 11 and not 3 (§4.3). */
export const toStatusItem = (report: StatusReport): StatusItem => ({
  TrangThai: report.status === 'REFUSED_AT_INTAKE' ? '11' : STATUS_CODES[report.status],
  MaHoSo: report.nationalCode,
  MaHoSoDonVi: report.dossierCode,
  MaDoiTuong: report.ownerTechnicalId ?? '',
  NoiDung: report.content,
  NgayXuLy: moment(report.processedAt),
  TaiLieuXuLy: report.documents.map((document) => ({
    TepDinhKemId: document.id,
    TenTepDinhKem: cutByCodePoint(document.name, WIRE_LIMITS.attachmentName),
    IsDeleted: trueFalse(document.deleted),
    MaThanhPhanHoSo: document.componentCode ?? '',
    DuongDanTaiTepTin: document.url,
  })),
});
