import { createBreath } from '../../src/procedures/breath.js';
import { matchProcedures } from '../../src/procedures/match-engine.js';
import type { AgencyPlaces } from '../../src/procedures/match-missing.js';
import type { LocalProcedure, MatchableProcedure, MatchResult } from '../../src/procedures/match.js';

export const PROVINCE = '000.00.00.H42';
export const DEPARTMENT = '000.00.12.H42';
const AGENCIES: AgencyPlaces = {
  identityOf: (code) => (code === 'H42.12' ? DEPARTMENT : code.endsWith('.H42') ? code : null),
  named: (key) => (key === 'sở y tế'.normalize('NFD') ? DEPARTMENT : null),
  province: PROVINCE,
};
const TENANT = ['H42', 'H25'];
const VERBS = ['Cấp', 'Cấp lại', 'Gia hạn', 'Điều chỉnh', 'Thu hồi', 'Đăng ký', 'Công nhận', 'Xác nhận', 'Phê duyệt', 'Chấm dứt'];
const THINGS = ['giấy phép hoạt động khám bệnh', 'chứng chỉ hành nghề dược', 'giấy phép xây dựng nhà ở riêng lẻ', 'kết hôn có yếu tố nước ngoài', 'quyền sử dụng đất lần đầu',
  'phương tiện thủy nội địa', 'trợ giúp xã hội hàng tháng', 'nhãn hiệu tập thể', 'an toàn thực phẩm cơ sở chế biến', 'hoạt động trung tâm ngoại ngữ'];

/** A public national procedure; its name is no other's. */
export const national = (number: number, extra: Partial<MatchableProcedure> = {}): MatchableProcedure => ({
  code: `1.${String(number).padStart(6, '0')}`, name: `${VERBS[number % 10] ?? ''} ${THINGS[Math.floor(number / 10) % 10] ?? ''} số ${String(number)}`,
  usable: true, fieldCodes: [`G${String(10 + (number % 7))}-LV01`], levels: ['PROVINCE'], feesVnd: [number * 1_000], times: [{ amount: 5 + (number % 20), unit: 'WORKING_DAY' }], agencies: [], ...extra,
});

/** The province's copy of it, at its department. */
export const localOf = (procedure: MatchableProcedure, extra: Partial<LocalProcedure> = {}): LocalProcedure => ({
  id: procedure.code.slice(2), code: procedure.code, agencyCode: DEPARTMENT, name: procedure.name, fieldCode: procedure.fieldCodes[0] ?? null,
  level: 'PROVINCE', feeVnd: procedure.feesVnd[0] ?? null, timeAmount: procedure.times[0]?.amount ?? null, timeUnit: 'WORKING_DAY', ...extra,
});

export const matchLists = (local: readonly LocalProcedure[], catalogue: readonly MatchableProcedure[]): Promise<readonly MatchResult[]> =>
  matchProcedures({ local, national: catalogue, tenantAgencyCodes: TENANT, agencies: AGENCIES }, createBreath());
