/** A few places under both systems, in the party's own fields; codes are invented, but for Hà Nội (1) and the district that is none. */
const OLD_PROVINCES = [[1, 'HNI', 'Hà Nội'], [31, 'NBH', 'Ninh Bình']] as const;
const DISTRICTS = [[4, 'QUẬN HOÀN KIẾM', 1], [325, 'HUYỆN GIA VIỄN', 31]] as const;
const OLD_WARDS = [[74, 'PHƯỜNG HÀNG BẠC', 4], [405, 'XÃ GIA HÒA', 325], [49_876, 'PHƯỜNG HOÀN KIẾM', 100_000_001]] as const;
const NEW_WARDS: Readonly<Record<string, readonly (readonly [number, string])[]>> = { 1: [[49_876, 'Phường Hoàn Kiếm'], [49_877, 'Phường Ba Đình']], 31: [[49_901, 'Phường Hoa Lư'], [49_902, 'Xã Gia Viễn']] };

const provinces = OLD_PROVINCES.map(([PROVINCE_ID, PROVINCE_CODE, PROVINCE_NAME]) => ({ PROVINCE_ID, PROVINCE_CODE, PROVINCE_NAME }));

/** Null where there is no such list. */
export const sandboxList = (path: string, query: URLSearchParams): readonly object[] | null => {
  if (path === '/v2/categories/listProvinceById' || path === '/v3/categories/listProvinceNew') return provinces;
  if (path === '/v2/categories/listDistrict') {
    const skip = { DISTRICT_ID: 100_000_001, DISTRICT_VALUE: 'NEW', DISTRICT_NAME: 'Bỏ qua - Sử dụng địa chỉ 2 cấp', PROVINCE_ID: 1 };
    return [...DISTRICTS.map(([DISTRICT_ID, DISTRICT_NAME, PROVINCE_ID]) => ({ DISTRICT_ID, DISTRICT_VALUE: String(DISTRICT_ID), DISTRICT_NAME, PROVINCE_ID })), skip];
  }
  if (path === '/v2/categories/listWards') return OLD_WARDS.map(([WARDS_ID, WARDS_NAME, DISTRICT_ID]) => ({ WARDS_ID, WARDS_NAME, DISTRICT_ID }));
  const wards = path === '/v3/categories/listWardsNew' ? NEW_WARDS[query.get('provinceId') ?? ''] : undefined;
  return wards === undefined ? null : wards.map(([WARDS_ID, WARDS_NAME]) => ({ WARDS_ID, WARDS_NAME, PROVINCE_ID: Number(query.get('provinceId')) }));
};
