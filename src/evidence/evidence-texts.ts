import type { BilingualText } from '../errors/gateway-error.js';
import type { EvidenceFaultKind, EvidenceRecord } from './evidence.js';

const KINDS: Readonly<Record<string, BilingualText>> = {
  mutation: { vi: 'Hệ thống gọi gửi yêu cầu thay đổi', en: 'A calling system changed something' },
  exchange: { vi: 'Trao đổi với bên ngoài', en: 'An exchange with a party' },
  payment: { vi: 'Diễn biến của lượt thanh toán', en: 'A payment changed, or something was said of it' },
  'payment-exchange': { vi: 'Trao đổi với cổng thanh toán về lượt thanh toán', en: 'An exchange with a gateway about a payment' },
  shipment: { vi: 'Diễn biến của bưu phẩm', en: 'Something was heard of a parcel' },
  'bank-account': { vi: 'Thay đổi tài khoản thụ hưởng của cơ quan', en: 'An agency\'s bank account changed' },
  'access-refused': { vi: 'Truy cập bị từ chối', en: 'An access was refused' },
  'login-refused': { vi: 'Đăng nhập bị từ chối', en: 'A login was refused' },
  'login-locked': { vi: 'Đăng nhập bị khoá tạm thời', en: 'Logins were locked for a while' },
  forbidden: { vi: 'Thao tác ngoài quyền hạn bị từ chối', en: 'A change that the role may not make was refused' },
  unauthenticated: { vi: 'Lời gọi không có bằng chứng danh tính bị từ chối', en: 'Calls without a proof of who calls were refused' },
  'operator-action': { vi: 'Thao tác của cán bộ vận hành', en: 'An operator\'s action' },
};

/** What a fault means to the person who reads the report. */
export const FAULT_TEXTS: Readonly<Record<EvidenceFaultKind, BilingualText>> = {
  changed: { vi: 'bản ghi đã bị sửa', en: 'the record was changed' },
  deleted: { vi: 'bản ghi đã bị xoá', en: 'the record was deleted' },
  inserted: { vi: 'bản ghi bị chèn vào', en: 'the record was inserted' },
  moved: { vi: 'bản ghi bị chuyển chỗ', en: 'the record was moved' },
  'body-changed': { vi: 'nội dung kèm theo bản ghi đã bị sửa', en: 'the body of the record was changed' },
  'block-broken': { vi: 'khối niêm phong không còn nguyên vẹn', en: 'the sealed block is not intact' },
  'head-broken': { vi: 'mốc niêm phong không còn nguyên vẹn', en: 'the signed head is not intact' },
  'signature-refused': { vi: 'chữ ký không đúng hoặc khoá không được tin cậy', en: 'the signature is wrong or its key is not trusted' },
  'stamp-refused': { vi: 'dấu thời gian không đúng hoặc nơi cấp không được tin cậy', en: 'the time-stamp is wrong or its authority is not trusted' },
};

export const indexLine = (record: EvidenceRecord): BilingualText & { readonly sequence: number } => {
  const text = KINDS[record.kind] ?? { vi: record.kind, en: record.kind };
  const tail = `${record.subject} (${record.actor})`;
  return { sequence: record.sequence, vi: `${record.at} – ${text.vi}: ${tail}`, en: `${record.at} – ${text.en}: ${tail}` };
};

export const BUNDLE_GUIDE: BilingualText = {
  vi: 'Tệp này ghi lại, theo thứ tự, mọi việc đã xảy ra với hồ sơ. Mỗi bản ghi mang mã băm SHA-256 của bản ghi trước, nên không thể sửa, xoá, chèn hay đổi chỗ mà không bị phát hiện. '
    + 'Các bản ghi được gộp vào khối, các khối được ký số Ed25519 hằng ngày. Kiểm tra không cần cổng: onestop verify-evidence --bundle <tệp> --public-key <mã>:<khoá>; thêm --tsa-ca <tệp PEM> để kiểm tra dấu thời gian RFC 3161. Giờ ghi theo UTC.',
  en: 'This file tells, in order, everything that happened to the dossier. Each record carries the SHA-256 of the one before it, so none can be changed, deleted, inserted or moved unnoticed. '
    + 'Records are gathered into blocks, and blocks are signed daily with Ed25519. Check it without the gateway: onestop verify-evidence --bundle <file> --public-key <id>:<key>; add --tsa-ca <PEM file> to check RFC 3161 time-stamps. Times are UTC.',
};
