import { z } from 'zod';
import { answerCode as code, answerWords as words } from '../support/axis-reply.js';

/** Shapes of what crosses the wire. Every scalar that we send is a string; a missing optional is "". Source: national-portal.md §4.1-4.2. */

export interface FeeItem {
  readonly TenPhiLePhi: string;
  readonly MaPhiLePhi: string;
  readonly HinhThucThu: string;
  readonly Gia: string;
  readonly LoaiPhiLePhi: string;
}

export interface AttachmentItem {
  readonly TenGiayTo: string;
  readonly SoLuong: string;
  readonly LoaiGiayTo: string;
}

export interface DocumentItem {
  readonly TepDinhKemId: string;
  readonly TenTepDinhKem: string;
  readonly IsDeleted: string;
  readonly MaThanhPhanHoSo: string;
  readonly DuongDanTaiTepTin: string;
  readonly DuocSoHoa: string;
  readonly DuocTaiSuDung: string;
  readonly DuocLayTuKhoDMQG: string;
  readonly MaKetQuaThayThe: string;
}

export interface SupplementItem {
  readonly HoSoBoSungId: string;
  readonly NguoiYeuCauBoSung: string;
  readonly NoiDungBoSung: string;
  readonly NgayBoSung: string;
  readonly NguoiTiepNhanBoSung: string;
  readonly ThongTinTiepNhan: string;
  readonly NgayTiepNhanBoSung: string;
  readonly TrangThaiBoSung: string;
  readonly DanhSachGiayToBoSung: readonly AttachmentItem[];
  readonly DanhSachLePhiBoSung: readonly FeeItem[];
  readonly NgayHenTraTruoc: string;
  readonly NgayHenTraMoi: string;
}

export interface ResultItem {
  readonly TenGiayTo: string;
  readonly MaThanhPhanHoSo: string;
  readonly GiayToId: string;
  readonly DuongDanTepTinKetQua: string;
  readonly MaGiayToKetQua: string;
}

export interface DossierItem {
  readonly MaHoSo: string;
  readonly MaTTHC: string;
  readonly TenTTHC: string;
  readonly MaLinhVuc: string;
  readonly TenLinhVuc: string;
  readonly SoBienNhan: string;
  readonly KenhThucHien: string;
  readonly SoGiayToChuHoSo: string;
  readonly ChuHoSo: string;
  readonly LoaiDoiTuong: string;
  readonly MaDoiTuong: string;
  readonly ThongTinKhac: string;
  readonly Email: string;
  readonly Fax: string;
  readonly SoDienThoai: string;
  readonly TrichYeuHoSo: string;
  readonly NgayNopHoSo: string;
  readonly NgayTiepNhan: string;
  readonly NgayHenTra: string;
  readonly TrangThaiHoSo: string;
  readonly NgayTra: string;
  readonly ThongTinTra: string;
  readonly HinhThuc: string;
  readonly NgayKetThucXuLy: string;
  readonly NgayTuChoi: string;
  readonly DonViXuLy: string;
  readonly GhiChu: string;
  readonly NoiNopHoSo: string;
  readonly HoSoCoThanhPhanSoHoa: string;
  readonly TaiKhoanDuocXacThucVoiVNeID: string;
  readonly DuocThanhToanTrucTuyen: string;
  readonly DinhDanhCHS: readonly { readonly LoaiDinhDanh: string; readonly SoDinhDanh: string }[];
  readonly DSKetNoiCSDL: readonly { readonly MaCSDL: string }[];
  readonly TaiLieuNop: readonly DocumentItem[];
  readonly DanhSachLePhi: readonly FeeItem[];
  readonly DanhSachTepDinhKemKhac: readonly AttachmentItem[];
  readonly DanhSachHoSoBoSung: readonly SupplementItem[];
  readonly DanhSachGiayToKetQua: readonly ResultItem[];
}

export interface StepItem {
  readonly MaHoSo: string;
  readonly NguoiXuLy: string;
  readonly ChucDanh: string;
  readonly PhongBanXuLy: string;
  readonly ThoiDiemXuLy: string;
  readonly NoiDungXuLy: string;
  readonly TrangThai: string;
  readonly NgayBatDau: string;
  readonly NgayKetThucTheoQuyDinh: string;
}

export interface StatusItem {
  readonly TrangThai: string;
  readonly MaHoSo: string;
  readonly MaHoSoDonVi: string;
  readonly MaDoiTuong: string;
  readonly NoiDung: string;
  readonly NgayXuLy: string;
  readonly TaiLieuXuLy: readonly {
    readonly TepDinhKemId: string;
    readonly TenTepDinhKem: string;
    readonly IsDeleted: string;
    readonly MaThanhPhanHoSo: string;
    readonly DuongDanTaiTepTin: string;
  }[];
}

const wireText = z.union([z.string(), z.number()]).transform(String);

/** Rows of answers, read into our words at once: the field names end here. */
export const agencyRow = z.object({ MADONVI: wireText, TENDONVI: wireText, CAPDONVI: wireText.nullish() })
  .transform((row) => ({ code: row.MADONVI, name: row.TENDONVI, group: row.CAPDONVI ?? null }));
export const fieldRow = z.object({ MALINHVUC: wireText, TENLINHVUC: wireText, MANGANH: wireText.nullish() })
  .transform((row) => ({ code: row.MALINHVUC, name: row.TENLINHVUC, group: row.MANGANH ?? null }));
export const technicalIdRow = z.object({ TECHNICALID: wireText }).transform((row) => ({ technicalId: row.TECHNICALID }));

/** ASSUMPTION: form of a per-item answer. None is public; this one repeats the names that the request uses. */
export const itemAnswerRow = z.object({
  MaHoSo: wireText,
  ThoiDiemXuLy: wireText.nullish(),
  error_code: code,
  message: words,
}).transform((row) => ({ dossierCode: row.MaHoSo, processedAt: row.ThoiDiemXuLy ?? '', code: row.error_code, message: row.message }));
