import type { BilingualText } from '../errors/gateway-error.js';
import type { ShipmentPersonReason } from './shipment-rows.js';
import type { FailureReason, ShipmentState } from './shipment.js';

/** States in the words that people get. */
export const SHIPMENT_LABELS: Readonly<Record<ShipmentState, BilingualText>> = {
  REQUESTED: { vi: 'Đã ghi nhận yêu cầu', en: 'Written down' },
  UNKNOWN: { vi: 'Chưa rõ đơn vị bưu chính đã nhận đơn hay chưa', en: 'Not known whether the carrier has it' },
  REFUSED: { vi: 'Đơn vị bưu chính từ chối đơn', en: 'Refused by the carrier' },
  ORDERED: { vi: 'Đơn vị bưu chính đã nhận đơn', en: 'Ordered' },
  COLLECTING: { vi: 'Bưu tá đang đến nhận', en: 'Being collected' },
  COLLECTED: { vi: 'Đã nhận từ người gửi', en: 'Collected' },
  IN_TRANSIT: { vi: 'Đang vận chuyển', en: 'On the road' },
  AT_OFFICE: { vi: 'Đang ở bưu cục', en: 'At a post office' },
  FAILED: { vi: 'Chưa thu gom hoặc chưa phát được', en: 'Not collected or not delivered' },
  RETURNING: { vi: 'Đang chuyển hoàn', en: 'On the way back' },
  CANCELLED: { vi: 'Đã huỷ', en: 'Called off' },
  DELIVERED: { vi: 'Đã phát', en: 'Delivered' },
  RETURNED: { vi: 'Đã chuyển hoàn về người gửi', en: 'Back at the sender' },
};

export const FAILURE_LABELS: Readonly<Record<FailureReason, BilingualText>> = {
  NOBODY_THERE: { vi: 'Không có người nhận, không liên lạc được', en: 'Nobody was there, or answered' },
  WRONG_ADDRESS: { vi: 'Sai hoặc thiếu địa chỉ', en: 'The address is wrong' },
  REFUSED_BY_RECIPIENT: { vi: 'Người nhận từ chối', en: 'The recipient refused it' },
  NOT_READY: { vi: 'Người gửi chưa sẵn sàng', en: 'It was not ready to be collected' },
  DAMAGED: { vi: 'Bưu phẩm hư hỏng', en: 'It was damaged' },
  LOST: { vi: 'Bưu phẩm thất lạc', en: 'It was lost' },
  OTHER: { vi: 'Lý do khác', en: 'Another reason' },
};

export const SHIPMENT_PERSON_LABELS: Readonly<Record<ShipmentPersonReason, BilingualText>> = {
  contradicted: { vi: 'Thông tin mới trái với trạng thái đã biết; cần hỏi đơn vị bưu chính', en: 'Later word speaks against what was known; ask the carrier' },
  silent: { vi: 'Đã lâu không có tin về bưu phẩm', en: 'Nothing was heard of it for long' },
  lost: { vi: 'Đơn vị bưu chính báo thất lạc', en: 'The carrier says that it is lost' },
  damaged: { vi: 'Đơn vị bưu chính báo hư hỏng', en: 'The carrier says that it is damaged' },
};
