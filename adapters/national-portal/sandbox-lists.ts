/** Demo lists of one province. H42 for Ninh Bình is uncertain (national-portal.md §6.1), so the agency code is replaced by the configured one. */
const COMMUNES = [
  'phường Hoa Lư', 'phường Tam Điệp', 'phường Nam Định', 'phường Phủ Lý', 'phường Hà Nam', 'phường Duy Tiên', 'xã Gia Viễn', 'xã Kim Sơn',
  'xã Nho Quan', 'xã Xuân Trường', 'xã Giao Thủy', 'xã Bình Lục',
];
const DEPARTMENTS = [
  'Sở Nội vụ', 'Sở Tư pháp', 'Sở Tài chính', 'Sở Công Thương', 'Sở Nông nghiệp và Môi trường', 'Sở Xây dựng', 'Sở Y tế',
  'Sở Giáo dục và Đào tạo', 'Sở Văn hóa, Thể thao và Du lịch', 'Sở Khoa học và Công nghệ',
];

const two = (value: number): string => String(value).padStart(2, '0');

export interface AgencyRow {
  readonly MADONVI: string;
  readonly TENDONVI: string;
  readonly CAPDONVI: string;
}

/** @param agencyCode code of the province, such as `000.00.00.H42` */
export const demoAgencies = (agencyCode: string): readonly AgencyRow[] => {
  const top = agencyCode.split('.').at(-1) ?? agencyCode;
  return [
    { MADONVI: agencyCode, TENDONVI: 'UBND tỉnh Ninh Bình', CAPDONVI: '1' },
    ...DEPARTMENTS.map((name, index) => ({ MADONVI: `000.00.${two(index + 1)}.${top}`, TENDONVI: name, CAPDONVI: '1' })),
    ...COMMUNES.map((name, index) => ({ MADONVI: `000.${two(index + 1)}.30.${top}`, TENDONVI: `UBND ${name}`, CAPDONVI: '3' })),
  ];
};

export const DEMO_FIELDS: readonly { readonly MALINHVUC: string; readonly TENLINHVUC: string; readonly MANGANH: string }[] = [
  { MALINHVUC: 'G15-HT01', TENLINHVUC: 'Hộ tịch', MANGANH: 'G15' },
  { MALINHVUC: 'G15-CT01', TENLINHVUC: 'Chứng thực', MANGANH: 'G15' },
  { MALINHVUC: 'G12-DN01', TENLINHVUC: 'Thành lập và hoạt động của doanh nghiệp', MANGANH: 'G12' },
  { MALINHVUC: 'G17-XD01', TENLINHVUC: 'Hoạt động xây dựng', MANGANH: 'G17' },
  { MALINHVUC: 'G18-YT01', TENLINHVUC: 'Khám bệnh, chữa bệnh', MANGANH: 'G18' },
  { MALINHVUC: 'G03-GD10', TENLINHVUC: 'Giáo dục phổ thông', MANGANH: 'G03' },
];
