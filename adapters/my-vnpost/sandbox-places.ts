/** A few places, in the party's own fields. Codes of Hà Nội (10) and TP. Hồ Chí Minh (70, 7270, 72710) were seen in public clients, the others are invented. */
const PROVINCES = [['10', 'Hà Nội'], ['43', 'Ninh Bình'], ['70', 'TP. Hồ Chí Minh']] as const;
const DISTRICTS = [['1010', 'Quận Hoàn Kiếm', '10'], ['1020', 'Quận Ba Đình', '10'], ['4310', 'Thành phố Hoa Lư', '43'], ['4320', 'Huyện Gia Viễn', '43'], ['7270', 'Quận Tân Bình', '70']] as const;
const COMMUNES = [
  ['10101', 'Phường Hàng Bạc', '1010'], ['10102', 'Phường Hàng Đào', '1010'], ['10201', 'Phường Kim Mã', '1020'], ['43101', 'Phường Hoa Lư', '4310'],
  ['43102', 'Phường Đông Thành', '4310'], ['43201', 'Thị trấn Thịnh Vượng', '4320'], ['72710', 'Phường 4', '7270'],
] as const;

const provinceName = (code: string): string => PROVINCES.find(([own]) => own === code)?.[1] ?? '';
const districtName = (code: string): string => DISTRICTS.find(([own]) => own === code)?.[1] ?? '';

export const SANDBOX_LISTS: Readonly<Record<string, readonly object[]>> = {
  'TinhThanh/GetAll': PROVINCES.map(([MaTinhThanh, TenTinhThanh]) => ({ MaTinhThanh, TenTinhThanh })),
  'QuanHuyen/GetAll': DISTRICTS.map(([MaQuanHuyen, TenQuanHuyen, MaTinhThanh]) => ({ MaQuanHuyen, TenQuanHuyen, MaTinhThanh, TenTinhThanh: provinceName(MaTinhThanh) })),
  'PhuongXa/GetAll': COMMUNES.map(([MaPhuongXa, TenPhuongXa, MaQuanHuyen]) =>
    ({ MaPhuongXa, TenPhuongXa, MaQuanHuyen, TenQuanHuyen: districtName(MaQuanHuyen), MaTinhThanh: MaQuanHuyen.slice(0, 2), TenTinhThanh: provinceName(MaQuanHuyen.slice(0, 2)) })),
};
