import type { OperationSpec } from '../support/call-party.js';
import { LOGIN_OPERATION } from '../support/circuit-board.js';
import type { KeptFields } from '../support/journal-redaction.js';
import type { PortalService } from './errors.js';

export const PARTY = 'national-portal';

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
const KEPT: Readonly<Record<PortalService, KeptFields>> = {
  insert: kept(DOSSIER_FIELDS, ['message']),
  update: kept(DOSSIER_FIELDS, ['message']),
  progress: kept(STEP_FIELDS, ['message']),
  find: kept(['mahoso', 'MaHoSo'], []),
  status: kept(STATUS_FIELDS, ['message']),
  'technical-id': kept(['provider'], []),
  agencies: kept(LIST_FIELDS, ['message']),
  fields: kept(LIST_FIELDS, ['message']),
};

/** Insert and update are one operation to breakers and journal: both are the upsert of the port. */
const NAMES: Readonly<Record<PortalService, Pick<OperationSpec, 'name' | 'effect'>>> = {
  insert: { name: 'upsert-dossier', effect: 'keyed' },
  update: { name: 'upsert-dossier', effect: 'keyed' },
  progress: { name: 'append-steps', effect: 'unsafe' },
  find: { name: 'find-dossier', effect: 'read' },
  status: { name: 'report-status', effect: 'keyed' },
  'technical-id': { name: 'find-technical-id', effect: 'read' },
  agencies: { name: 'list-agencies', effect: 'read' },
  fields: { name: 'list-fields', effect: 'read' },
};

export type PortalOperations = Readonly<Record<PortalService, OperationSpec>>;

/** @param deadlineMs of one call; the same for all, since none is documented as faster */
export const portalOperations = (deadlineMs: number): PortalOperations => {
  const entries = Object.entries(NAMES) as [PortalService, Pick<OperationSpec, 'name' | 'effect'>][];
  return Object.fromEntries(entries.map(([service, named]) => [service, { ...named, deadlineMs, kept: KEPT[service] }])) as PortalOperations;
};

/** A log-in changes nothing at the portal, so it may be repeated freely. */
export const loginOperation = (deadlineMs: number): OperationSpec => ({
  name: LOGIN_OPERATION, effect: 'read', deadlineMs, kept: kept([], []),
});

/** Name of each service on both wires. Source: national-portal.md §2. */
export const SERVICE_NAMES: Readonly<Record<PortalService, string>> = {
  insert: 'DongBoHoSoMC',
  update: 'DongBoHoSoMC',
  progress: 'CapNhatTienDoHoSoMC',
  find: 'TraCuuHoSo',
  status: 'DongBoTrangThaiHoSo',
  'technical-id': 'TraCuuTechID',
  agencies: 'LayDanhMucCoQuan',
  fields: 'LayDanhMucLinhVuc',
};

/** Which of the two G1 endpoints serves it. Source: national-portal.md §2. */
export const SHARE_SERVICES: ReadonlySet<PortalService> = new Set<PortalService>(['technical-id', 'agencies', 'fields']);
