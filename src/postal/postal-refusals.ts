import type { BilingualText } from '../errors/gateway-error.js';

/** Why an action on parcels was refused, in the words that people get. */
export const POSTAL_REFUSALS = {
  INPUT: { vi: 'Dữ liệu gửi lên chưa hợp lệ', en: 'What was sent is not valid' },
  NO_CARRIER: { vi: 'Hiện không có đơn vị bưu chính nào phục vụ cơ quan này', en: 'No carrier serves this agency' },
  NO_OFFICE: { vi: 'Cơ quan chưa khai địa chỉ nhận và gửi bưu phẩm', en: 'The agency has no postal address yet' },
  ADDRESS: { vi: 'Không tìm thấy địa chỉ trong danh mục của đơn vị bưu chính', en: 'The carrier does not know this address' },
  UNDER_WAY: { vi: 'Bưu phẩm trước của hồ sơ này còn đang được xử lý', en: 'The parcel before this one is still under way' },
  COLLECTION: { vi: 'Không thể thu hộ các khoản này', en: 'These fees cannot be collected at the door' },
  NO_COLLECTION: { vi: 'Không có đơn vị bưu chính nào thu hộ được', en: 'No carrier can collect money here' },
  NOT_FOUND: { vi: 'Không tìm thấy', en: 'There is no such thing' },
  STATE: { vi: 'Trạng thái hiện tại không cho phép thao tác này', en: 'Its state does not allow this' },
} as const satisfies Record<string, BilingualText>;
export type PostalRefusalCode = keyof typeof POSTAL_REFUSALS;
