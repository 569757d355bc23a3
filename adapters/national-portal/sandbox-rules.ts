/** The sandbox's own reading of the field tables (national-portal.md §4.1-4.2). It shares nothing with the adapter's mapping on purpose. */

type Item = Readonly<Record<string, unknown>>;

const REQUIRED_OF_DOSSIER = [
  'MaHoSo', 'MaTTHC', 'TenTTHC', 'MaLinhVuc', 'TenLinhVuc', 'KenhThucHien', 'SoGiayToChuHoSo', 'ChuHoSo', 'LoaiDoiTuong', 'TrichYeuHoSo',
  'NgayNopHoSo', 'NgayTiepNhan', 'TrangThaiHoSo', 'HinhThuc', 'DonViXuLy', 'NoiNopHoSo', 'HoSoCoThanhPhanSoHoa', 'TaiKhoanDuocXacThucVoiVNeID',
  'DuocThanhToanTrucTuyen',
];
const DATES_OF_DOSSIER = ['NgayNopHoSo', 'NgayTiepNhan', 'NgayHenTra', 'NgayTra', 'NgayKetThucXuLy', 'NgayTuChoi'];
const LISTS_OF_DOSSIER = [
  'DinhDanhCHS', 'DSKetNoiCSDL', 'TaiLieuNop', 'DanhSachLePhi', 'DanhSachTepDinhKemKhac', 'DanhSachHoSoBoSung', 'DanhSachGiayToKetQua',
];
const CODES_OF_DOSSIER: readonly (readonly [string, RegExp])[] = [
  ['KenhThucHien', /^[123]$/], ['LoaiDoiTuong', /^[1234]$/], ['TrangThaiHoSo', /^([1-9]|10)$/], ['HinhThuc', /^[01]$/], ['NoiNopHoSo', /^[12]$/],
  ['HoSoCoThanhPhanSoHoa', /^[01]$/], ['TaiKhoanDuocXacThucVoiVNeID', /^[01]$/], ['DuocThanhToanTrucTuyen', /^[0123]$/],
  ['MaHoSo', /^(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.\d{2,3})*)-(?:\d{6}|\d{8})-\d{4,7}$/],
  ['MaTTHC', /^\d\.\d{6}(?:\.(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2})?$/],
];
const WIDTHS: readonly (readonly [string, number])[] = [['MaHoSo', 50], ['MaTTHC', 50], ['TrichYeuHoSo', 1000]];
const REQUIRED_OF_STEP = ['MaHoSo', 'NguoiXuLy', 'ThoiDiemXuLy', 'NoiDungXuLy', 'TrangThai'];
const DATES_OF_STEP = ['ThoiDiemXuLy', 'NgayBatDau', 'NgayKetThucTheoQuyDinh'];

const isItem = (value: unknown): value is Item => typeof value === 'object' && value !== null && !Array.isArray(value);
const codePoints = (text: string): number => (text.length <= 50 ? text.length : [...text].length);

const isWallClock = (text: string): boolean => {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text);
  if (parts === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
};

const requiredProblem = (item: Item, fields: readonly string[]): string | null => {
  const missing = fields.find((field) => item[field] === undefined || item[field] === null || item[field] === '');
  return missing === undefined ? null : `Trường ${missing} là bắt buộc`;
};

const textProblem = (item: Item): string | null => {
  const wrong = Object.keys(item).find((field) => !(typeof item[field] === 'string' || item[field] === null || Array.isArray(item[field])));
  return wrong === undefined ? null : `Trường ${wrong} phải là chuỗi ký tự`;
};

const dateProblem = (item: Item, fields: readonly string[]): string | null => {
  const wrong = fields.find((field) => typeof item[field] === 'string' && item[field] !== '' && !isWallClock(item[field]));
  return wrong === undefined ? null : `Trường ${wrong} không hợp lệ, định dạng yyyyMMddHHmmss`;
};

const codeProblem = (item: Item, codes: typeof CODES_OF_DOSSIER): string | null => {
  const wrong = codes.find(([field, shape]) => !shape.test(String(item[field])));
  return wrong === undefined ? null : `Giá trị của trường ${wrong[0]} không hợp lệ`;
};

const widthProblem = (item: Item, widths: typeof WIDTHS): string | null => {
  const wrong = widths.find(([field, width]) => typeof item[field] === 'string' && codePoints(item[field]) > width);
  return wrong === undefined ? null : `Trường ${wrong[0]} vượt quá ${wrong[1]} ký tự`;
};

const documentProblem = (document: unknown): string | null => {
  if (!isItem(document)) return 'Phần tử của TaiLieuNop không hợp lệ';
  if (!/^(True|False)$/.test(String(document['IsDeleted']))) return 'Giá trị của trường IsDeleted không hợp lệ';
  return textProblem(document) ?? widthProblem(document, [['TenTepDinhKem', 4000]]);
};

const listProblem = (item: Item): string | null => {
  const wrong = LISTS_OF_DOSSIER.find((field) => item[field] !== undefined && item[field] !== null && !Array.isArray(item[field]));
  if (wrong !== undefined) return `Trường ${wrong} phải là danh sách`;
  // A citizen's id must be identified; firms have no code for a tax number (§6.4).
  const identities = item['DinhDanhCHS'];
  if (!Array.isArray(identities)) return 'Trường DinhDanhCHS là bắt buộc';
  for (const document of (item['TaiLieuNop'] as unknown[] | null | undefined) ?? []) {
    const problem = documentProblem(document);
    if (problem !== null) return problem;
  }
  for (const result of (item['DanhSachGiayToKetQua'] as unknown[] | null | undefined) ?? []) {
    const problem = isItem(result) ? widthProblem(result, [['TenGiayTo', 2000]]) : 'Phần tử của DanhSachGiayToKetQua không hợp lệ';
    if (problem !== null) return problem;
  }
  return null;
};

/** What is wrong with a `DongBoHoSoMC` item, in the portal's language; null where it may be stored. */
export const dossierProblem = (item: unknown): string | null => {
  if (!isItem(item)) return 'Dữ liệu hồ sơ không hợp lệ';
  return requiredProblem(item, REQUIRED_OF_DOSSIER)
    ?? textProblem(item)
    ?? codeProblem(item, CODES_OF_DOSSIER)
    ?? dateProblem(item, DATES_OF_DOSSIER)
    ?? widthProblem(item, WIDTHS)
    ?? listProblem(item);
};

/** What is wrong with a `CapNhatTienDoHoSoMC` item; whether the dossier is held is asked elsewhere. */
export const stepProblem = (item: unknown): string | null => {
  if (!isItem(item)) return 'Dữ liệu tiến độ không hợp lệ';
  return requiredProblem(item, REQUIRED_OF_STEP)
    ?? textProblem(item)
    ?? codeProblem(item, [['TrangThai', /^([1-9]|10)$/]])
    ?? dateProblem(item, DATES_OF_STEP)
    ?? widthProblem(item, [['NguoiXuLy', 50], ['MaHoSo', 50]]);
};

/** What is wrong with the `data` of `DongBoTrangThaiHoSo`; 11 is its word for "refused at intake". */
export const statusProblem = (item: unknown): string | null => {
  if (!isItem(item)) return 'Dữ liệu trạng thái không hợp lệ';
  return requiredProblem(item, ['TrangThai', 'MaHoSo', 'NgayXuLy'])
    ?? textProblem(item)
    ?? codeProblem(item, [['TrangThai', /^([1245-9]|10|11)$/]])
    ?? dateProblem(item, ['NgayXuLy']);
};
