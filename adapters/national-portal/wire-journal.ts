import type { KeptFields } from '../support/journal-redaction.js';
import type { PortalService } from './errors.js';

/** Which fields of the wire the journal may show, for each service. What is not named here is masked. */
const PLAIN_OF_ALL = ['service', 'madonvi', 'isUpdating', 'error_code', 'type'];
const DOSSIER_FIELDS = [
  'MaHoSo', 'MaTTHC', 'MaLinhVuc', 'SoBienNhan', 'KenhThucHien', 'LoaiDoiTuong', 'NgayNopHoSo', 'NgayTiepNhan', 'NgayHenTra', 'TrangThaiHoSo',
  'NgayTra', 'HinhThuc', 'NgayKetThucXuLy', 'NgayTuChoi', 'NoiNopHoSo', 'HoSoCoThanhPhanSoHoa', 'TaiKhoanDuocXacThucVoiVNeID',
  'DuocThanhToanTrucTuyen', 'LoaiDinhDanh', 'MaCSDL', 'IsDeleted', 'MaThanhPhanHoSo', 'DuocSoHoa', 'DuocTaiSuDung', 'DuocLayTuKhoDMQG',
  'MaKetQuaThayThe', 'MaPhiLePhi', 'Gia', 'MaGiayToKetQua', 'NgayBoSung', 'TrangThaiBoSung',
];
const STEP_FIELDS = ['MaHoSo', 'ThoiDiemXuLy', 'TrangThai', 'NgayBatDau', 'NgayKetThucTheoQuyDinh'];
const STATUS_FIELDS = ['MaHoSo', 'MaHoSoDonVi', 'TrangThai', 'NgayXuLy', 'IsDeleted', 'MaThanhPhanHoSo'];
const LIST_FIELDS = ['MADONVI', 'TENDONVI', 'CAPDONVI', 'MALINHVUC', 'TENLINHVUC', 'MANGANH'];

const kept = (plain: readonly string[], text: readonly string[]): KeptFields => ({ plain: new Set([...PLAIN_OF_ALL, ...plain]), text: new Set(text) });

/** What the portal says of a person is never legible, so look-ups keep no words of it. */
export const KEPT_FIELDS: Readonly<Record<PortalService, KeptFields>> = {
  insert: kept(DOSSIER_FIELDS, ['message']),
  update: kept(DOSSIER_FIELDS, ['message']),
  progress: kept(STEP_FIELDS, ['message']),
  find: kept(['mahoso', 'MaHoSo'], []),
  status: kept(STATUS_FIELDS, ['message']),
  'technical-id': kept(['provider'], []),
  agencies: kept(LIST_FIELDS, ['message']),
  fields: kept(LIST_FIELDS, ['message']),
};
