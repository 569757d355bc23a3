import type { Confidence } from '../agencies/agency.js';
import type { BilingualText } from '../errors/gateway-error.js';

export const CONDITION_CODES = [
  'PROCEDURE_CODE', 'SERVICE_LEVEL', 'ELECTRONIC_FORM', 'FEE_SET', 'ONLINE_PAYMENT', 'BANK_ACCOUNT', 'RESULT_RETURN', 'OFFICIALS', 'TIME_LIMIT', 'DEEP_LINK_SHAPE', 'DEEP_LINK_ANSWERS',
] as const;
export type ConditionCode = (typeof CONDITION_CODES)[number];
export type Actor = 'AGENCY' | 'IT' | 'FINANCE' | 'OPERATOR';

export interface ReadinessCondition {
  readonly label: BilingualText;
  /** Law or guide that it comes from. */
  readonly source: BilingualText;
  /** How sure we are that the source says so; national-portal.md §12 and the sections named. */
  readonly confidence: Confidence;
  /** Who must act where it is not met. */
  readonly actor: Actor;
  /** What is missing then. */
  readonly missing: BilingualText;
  /** Whether a service waits until it has been checked; what this gateway could not check at all would let it pass, unchecked and shown so. */
  readonly waitsForCheck: boolean;
}

const same = (text: string): BilingualText => ({ vi: text, en: text });

/** Each condition of a connection to the national portal. */
export const READINESS_CONDITIONS: Readonly<Record<ConditionCode, ReadinessCondition>> = {
  PROCEDURE_CODE: {
    label: { vi: 'Mã thủ tục khớp và đang công khai trên CSDL quốc gia', en: 'Procedure code matches a public national procedure' },
    source: { vi: 'Cấu trúc mã TTHC của CSDL quốc gia về TTHC', en: 'Code rules of the National Procedure Database' },
    confidence: 'MEDIUM', actor: 'OPERATOR', waitsForCheck: true,
    missing: { vi: 'Sửa mã thủ tục theo CSDL quốc gia, hoặc đề nghị công khai thủ tục.', en: 'Correct the code after the national database, or have the procedure published.' },
  },
  SERVICE_LEVEL: {
    label: { vi: 'Mức độ một phần hoặc toàn trình', en: 'Level is partial or full' },
    source: same('Nghị định 42/2022/NĐ-CP'), confidence: 'HIGH', actor: 'AGENCY', waitsForCheck: true,
    missing: { vi: 'Dịch vụ chỉ cung cấp thông tin thì không kết nối; xác định lại mức độ.', en: 'A service that only informs is not connected; decide on its level again.' },
  },
  ELECTRONIC_FORM: {
    label: { vi: 'Có biểu mẫu điện tử', en: 'Electronic form present' },
    source: same('Nghị định 45/2020/NĐ-CP; Thông tư 22/2019/TT-BTTTT'), confidence: 'LOW', actor: 'IT', waitsForCheck: true,
    missing: { vi: 'Xây dựng biểu mẫu điện tử cho dịch vụ.', en: 'Build the electronic form of the service.' },
  },
  FEE_SET: {
    label: { vi: 'Đã thiết lập phí, lệ phí', en: 'Fee is set' },
    source: { vi: 'Quyết định 766/QĐ-TTg, nhóm Thanh toán trực tuyến', en: 'Decision 766/QĐ-TTg, group Online payment' }, confidence: 'MEDIUM', actor: 'FINANCE', waitsForCheck: true,
    missing: { vi: 'Nhập mức phí, lệ phí (0 nếu không thu).', en: 'Enter the fee; 0 where it is free.' },
  },
  ONLINE_PAYMENT: {
    label: { vi: 'Thanh toán được trực tuyến', en: 'Payable online' },
    source: { vi: 'Quyết định 766/QĐ-TTg, chỉ tiêu 3.5', en: 'Decision 766/QĐ-TTg, indicator 3.5' }, confidence: 'MEDIUM', actor: 'FINANCE', waitsForCheck: true,
    missing: { vi: 'Bật thanh toán trực tuyến cho dịch vụ có phí.', en: 'Switch on online payment, for the service has a fee.' },
  },
  BANK_ACCOUNT: {
    label: { vi: 'Cơ quan có tài khoản thụ hưởng đang hoạt động', en: 'Agency has an active bank account' },
    source: { vi: 'Hướng dẫn thanh toán trực tuyến của Cổng Dịch vụ công quốc gia', en: 'Guide of the national portal on online payment' }, confidence: 'LOW', actor: 'FINANCE', waitsForCheck: true,
    missing: { vi: 'Đăng ký tài khoản thụ hưởng của cơ quan.', en: 'Register the agency\'s bank account.' },
  },
  RESULT_RETURN: {
    label: { vi: 'Trả kết quả điện tử hoặc qua bưu chính', en: 'Result is returned electronically or by post' },
    source: { vi: 'Quyết định 766/QĐ-TTg, chỉ tiêu 4.1; Quyết định 45/2016/QĐ-TTg', en: 'Decision 766/QĐ-TTg, indicator 4.1; Decision 45/2016/QĐ-TTg' }, confidence: 'MEDIUM', actor: 'AGENCY', waitsForCheck: true,
    missing: { vi: 'Thiết lập trả kết quả điện tử hoặc qua bưu chính công ích.', en: 'Set up electronic results, or their return by public post.' },
  },
  OFFICIALS: {
    label: { vi: 'Đã phân công cán bộ xử lý', en: 'Officials assigned' },
    source: same('Nghị định 118/2025/NĐ-CP'), confidence: 'MEDIUM', actor: 'AGENCY', waitsForCheck: true,
    missing: { vi: 'Phân công cán bộ tiếp nhận và xử lý.', en: 'Assign officials who receive and process.' },
  },
  TIME_LIMIT: {
    label: { vi: 'Có thời hạn giải quyết', en: 'Time limit present' },
    source: { vi: 'Quyết định 766/QĐ-TTg, chỉ tiêu 1.3 và 2.1', en: 'Decision 766/QĐ-TTg, indicators 1.3 and 2.1' }, confidence: 'MEDIUM', actor: 'AGENCY', waitsForCheck: true,
    missing: { vi: 'Nhập thời hạn giải quyết của thủ tục.', en: 'Enter the procedure\'s time limit.' },
  },
  DEEP_LINK_SHAPE: {
    label: { vi: 'Liên kết từ Cổng quốc gia đúng cấu trúc', en: 'Deep link has the right shape' },
    source: { vi: 'Tài liệu tích hợp SSO VNConnect (trước 01/7/2025)', en: 'VNConnect SSO integration guide (before 1 July 2025)' }, confidence: 'HIGH', actor: 'IT', waitsForCheck: true,
    missing: { vi: 'Sửa liên kết: https, vnconnect=1, đúng mã thủ tục, mã cơ quan và mã dịch vụ công.', en: 'Correct the link: https, vnconnect=1, and the codes of procedure, agency and service.' },
  },
  DEEP_LINK_ANSWERS: {
    label: { vi: 'Liên kết từ Cổng quốc gia có phản hồi', en: 'Deep link answers' },
    source: { vi: 'Tài liệu tích hợp SSO VNConnect (trước 01/7/2025)', en: 'VNConnect SSO integration guide (before 1 July 2025)' }, confidence: 'MEDIUM', actor: 'IT', waitsForCheck: true,
    missing: { vi: 'Trang dịch vụ không phản hồi; kiểm tra cổng của tỉnh.', en: 'The service page does not answer; look at the provincial portal.' },
  },
};

/** What is missing where the detail of a finding says more than the condition does. */
const MISSING_BY_DETAIL: Readonly<Record<string, BilingualText>> = {
  NO_PORTAL_ORIGINS: {
    vi: 'Chưa cấu hình SERVICE_PORTAL_ORIGINS nên không kiểm tra liên kết nào; khai báo địa chỉ cổng của tỉnh, hoặc giám sát bỏ qua điều kiện.',
    en: 'SERVICE_PORTAL_ORIGINS is not set, so no link is looked at; name the province\'s portals there, or have a supervisor override.',
  },
  ORIGIN_NOT_CONFIGURED: {
    vi: 'Liên kết không thuộc cổng nào trong SERVICE_PORTAL_ORIGINS; sửa liên kết hoặc bổ sung cấu hình.',
    en: 'The link leads to no portal of SERVICE_PORTAL_ORIGINS; correct the link or the setting.',
  },
};

/** `detail`: that of the finding, where there is one. */
export const missingText = (condition: ConditionCode, detail: string | null): BilingualText => MISSING_BY_DETAIL[detail ?? ''] ?? READINESS_CONDITIONS[condition].missing;

export const ACTOR_LABELS: Readonly<Record<Actor, BilingualText>> = {
  AGENCY: { vi: 'Cơ quan chuyên môn', en: 'Agency' },
  IT: { vi: 'Công nghệ thông tin', en: 'IT' },
  FINANCE: { vi: 'Tài chính', en: 'Finance' },
  OPERATOR: { vi: 'Vận hành', en: 'Operator' },
};
