import { z } from 'zod';

/** One fee inside the receipt's information. Amounts are texts. */
export interface FeeFields {
  readonly LoaiPhiLePhi: string;
  readonly MaPhiLePhi: string;
  readonly TenPhiLePhi: string;
  readonly SoTien: string;
}

/** What a receipt is written from. No signature covers it. What is absent is sent as an empty text, the fields of a penalty always. */
export interface ReceiptInfo {
  readonly MaDichVu: string;
  readonly MaDVC: string;
  readonly TenDVC: string;
  readonly MaTTHC: string;
  readonly TenTTHC: string;
  readonly MaDonVi: string;
  readonly TenDonVi: string;
  readonly MaHoSo: string;
  readonly TKThuHuong: string;
  readonly MaNHThuHuong: string;
  readonly TenTKThuHuong: string;
  readonly PhiLePhi: readonly FeeFields[];
  readonly MaLoaiHinhThuPhat: '';
  readonly TenLoaiHinhThuPhat: '';
  readonly MaCoQuanQD: '';
  readonly TenCoQuanQD: '';
  readonly KhoBac: '';
  readonly NgayQD: '';
  readonly SoQD: '';
  readonly ThoiGianViPham: '';
  readonly DiaDiemViPham: '';
  readonly TenNguoiViPham: '';
  readonly TaiKhoanThuNSNN: '';
  readonly NoiDungThanhToan: string;
  readonly HoTenNguoiNop: string;
  readonly SoCMNDNguoiNop: string;
  readonly DiaChiNguoiNop: string;
  readonly HuyenNguoiNop: string;
  readonly TinhNguoiNop: string;
  readonly DSKhoanNop: readonly { readonly NoiDung: string; readonly SoTien: string }[];
}

export interface InitFields {
  readonly LoaiBanTin: 'INIT';
  readonly PhienBan: string;
  readonly MaDoiTac: string;
  readonly MaThamChieu: string;
  /** Text here, a number in the callback; VND, not × 100. */
  readonly SoTien: string;
  readonly LoaiHinhThanhToan: 'PAY';
  readonly MaKenhThanhToan: '1';
  readonly MaThietBi: '1';
  readonly NgonNgu: 'vi-VN' | 'en-US';
  readonly MaTienTe: 'VND';
  readonly MaNganHang: 'PAYMENT';
  readonly ThongTinGiaoDich: string;
  readonly ThoiGianGD: string;
  readonly Ip: string;
}

/** QUERY and GET_BILL; the time is that of the INIT, to the letter. */
export interface AskFields {
  readonly LoaiBanTin: 'QUERY' | 'GET_BILL';
  readonly PhienBan: string;
  readonly MaDoiTac: string;
  readonly MaThamChieu: string;
  readonly ThoiGianGD: string;
}

/** Order in which values are signed. Sources: PayGateUtil of OpenCPS and the C# portal agree on INIT and CONFIRM. */
export const INIT_ORDER = [
  'LoaiBanTin', 'PhienBan', 'MaDoiTac', 'MaThamChieu', 'SoTien', 'LoaiHinhThanhToan', 'MaKenhThanhToan', 'MaThietBi', 'NgonNgu', 'MaTienTe', 'MaNganHang',
  'ThongTinGiaoDich', 'ThoiGianGD', 'Ip',
] as const;
export const ASK_ORDER = ['LoaiBanTin', 'PhienBan', 'MaDoiTac', 'MaThamChieu', 'ThoiGianGD'] as const;
export const CONFIRM_ORDER = [
  'LoaiBanTin', 'MaLoi', 'MaDoiTac', 'MaThamChieu', 'SoTien', 'MaTienTe', 'MaGiaoDich', 'MaNganHang', 'ThoiGianGD', 'ThongTinGiaoDich',
] as const;

/** Numbers come as numbers and as texts; null and missing are the same. */
const scalar = z.union([z.string().max(2_000), z.number()]).nullish().transform((value) => (value === null || value === undefined ? '' : String(value)));
const code = z.union([z.string().trim().min(1).max(20), z.number().int()]).transform(String);

export const initReply = z.object({ MaLoi: code, MoTaLoi: scalar, MaThamChieu: scalar, UrlThanhToan: scalar });
export type InitReply = z.infer<typeof initReply>;

/** What the province's LGSP puts around an answer: `message` is a text that holds JSON, or plain words where it failed. */
export const wrapper = z.object({ error_code: code, message: z.string() });

const confirmShape = {
  LoaiBanTin: scalar, MaLoi: code, MoTaLoi: scalar, MaDoiTac: scalar, MaThamChieu: scalar, SoTien: scalar, MaTienTe: scalar, MaGiaoDich: scalar, MaNganHang: scalar,
  ThoiGianGD: scalar, ThongTinGiaoDich: scalar, MaHoSo: scalar, MaXacThuc: scalar, ThongTinBienLai: z.unknown().optional(),
};

/** A callback as it comes; what it must hold is checked by its reader. */
export const confirmation = z.object(confirmShape);
export type Confirmation = z.infer<typeof confirmation>;

export const queryReply = z.object({ ...confirmShape, TrangThaiGD: scalar });
export type QueryReply = z.infer<typeof queryReply>;

/** Receipt's information as it comes back, as far as it is compared. */
export const returnedInfo = z.object({
  MaHoSo: scalar, TKThuHuong: scalar, MaNHThuHuong: scalar, PhiLePhi: z.array(z.object({ MaPhiLePhi: scalar, SoTien: scalar })).max(1_000).nullish(),
});
export type ReturnedInfo = z.infer<typeof returnedInfo>;

/** A refusal of GET_BILL, or its JSON form. */
export const billReply = z.looseObject({ MaLoi: code, MoTaLoi: scalar });

/** What a callback is answered. */
export interface ConfirmReply {
  readonly MaLoi: '00' | '99';
  readonly MoTaLoi: string;
  readonly MaDoiTac: string;
  readonly MaThamChieu: string;
  readonly ThoiGianGD: string;
  readonly MaXacThuc: string;
}

export const dueQuestion = z.object({ MaHoSo: z.string().trim().min(1).max(100) });

/** What the journal may show of all this: payer, account and pay page stay masked. */
export const KEPT_FIELDS = {
  plain: new Set([
    'LoaiBanTin', 'PhienBan', 'MaDoiTac', 'MaThamChieu', 'SoTien', 'LoaiHinhThanhToan', 'MaKenhThanhToan', 'MaThietBi', 'NgonNgu', 'MaTienTe', 'MaNganHang', 'ThoiGianGD',
    'MaLoi', 'MaGiaoDich', 'TrangThaiGD', 'MaDichVu', 'MaDVC', 'MaTTHC', 'MaDonVi', 'MaHoSo', 'MaNHThuHuong', 'LoaiPhiLePhi', 'MaPhiLePhi', 'error_code', 'bytes',
  ]),
  text: new Set(['MoTaLoi', 'ThongTinGiaoDich', 'message']),
} as const;
