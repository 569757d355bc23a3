import type { BilingualText } from '../errors/gateway-error.js';

/** What the deliveries write into the feed, and what it means to the portal. */
export const EVENT_TYPES = {
  'delivery.accepted': { type: 'DELIVERY_ACCEPTED', vi: 'Bên nhận đã tiếp nhận', en: 'The party took it' },
  'delivery.rejected': { type: 'DELIVERY_REJECTED', vi: 'Bên nhận từ chối; cần sửa và gửi lại', en: 'The party refused it; correct it and send it again' },
  'delivery.unknown': { type: 'DELIVERY_UNKNOWN', vi: 'Chưa rõ kết quả; hệ thống sẽ hỏi lại bên nhận', en: 'The outcome is not known yet; the party will be asked' },
  'delivery.parked': { type: 'DELIVERY_PARKED', vi: 'Tạm dừng, chờ người xử lý; các bước sau của hồ sơ phải đợi', en: 'A person must decide; what follows in the dossier waits' },
  'procedures.drift': { type: 'PROCEDURES_DRIFT', vi: 'Tỷ lệ khớp mã thủ tục của cơ quan giảm, hoặc thủ tục đã khớp nay không còn khớp', en: 'The share of an agency\'s procedure codes that match fell, or a procedure that matched no longer does' },
  'account.changed': { type: 'ACCOUNT_CHANGED', vi: 'Tài khoản thụ hưởng của cơ quan thay đổi', en: 'A bank account of an agency changed' },
  'payment.opened': { type: 'PAYMENT_OPENED', vi: 'Đã tạo lượt thanh toán', en: 'A payment was written down' },
  'payment.awaiting': { type: 'PAYMENT_AWAITING', vi: 'Chờ công dân thanh toán', en: 'The citizen can pay' },
  'payment.paid': { type: 'PAYMENT_PAID', vi: 'Đã thanh toán', en: 'It was paid' },
  'payment.failed': { type: 'PAYMENT_FAILED', vi: 'Thanh toán không thành công', en: 'The payment failed' },
  'payment.expired': { type: 'PAYMENT_EXPIRED', vi: 'Lượt thanh toán hết hạn, chưa thu tiền', en: 'The payment\'s time is over and nothing was paid' },
  'payment.cancelled': { type: 'PAYMENT_CANCELLED', vi: 'Lượt thanh toán đã huỷ', en: 'The payment was cancelled' },
  'payment.unknown': { type: 'PAYMENT_UNKNOWN', vi: 'Chưa rõ kết quả thanh toán; hệ thống đang hỏi cổng thanh toán', en: 'The outcome of the payment is not known yet; the gateway is asked' },
  'payment.refunding': { type: 'PAYMENT_REFUNDING', vi: 'Đang hoàn tiền', en: 'Money is on its way back' },
  'payment.refunded': { type: 'PAYMENT_REFUNDED', vi: 'Đã hoàn tiền', en: 'Money went back' },
  'payment.refund-refused': { type: 'PAYMENT_REFUND_REFUSED', vi: 'Cổng thanh toán từ chối hoàn tiền', en: 'The gateway refused to give money back' },
  'payment.disputed': { type: 'PAYMENT_DISPUTED', vi: 'Khoản thanh toán có tranh chấp hoặc nghi vấn', en: 'The money is disputed or held back' },
  'payment.person': { type: 'PAYMENT_PERSON', vi: 'Lượt thanh toán cần người xem xét', en: 'A person must look at the payment' },
  'payment.unmatched': { type: 'PAYMENT_UNMATCHED', vi: 'Đã có tiền ghi mã hồ sơ này nhưng chưa khớp lượt thanh toán nào; chưa yêu cầu nộp lại', en: 'Money came that names the dossier and fits no payment; a person looks, and nobody should pay again meanwhile' },
  'receipt.issued': { type: 'RECEIPT_ISSUED', vi: 'Đã phát hành biên lai điện tử', en: 'The e-receipt was issued' },
  'receipt.adjusted': { type: 'RECEIPT_ADJUSTED', vi: 'Đã phát hành biên lai điều chỉnh', en: 'An adjusting e-receipt was issued' },
  'receipt.cancelled': { type: 'RECEIPT_CANCELLED', vi: 'Đã huỷ biên lai điện tử', en: 'The e-receipt was cancelled' },
  'receipt.refused': { type: 'RECEIPT_REFUSED', vi: 'Đơn vị phát hành từ chối biên lai; cần người xem xét', en: 'The issuer refused the e-receipt; a person must look' },
  'shipment.requested': { type: 'SHIPMENT_REQUESTED', vi: 'Đã ghi nhận yêu cầu bưu chính', en: 'A parcel was written down' },
  'shipment.unknown': { type: 'SHIPMENT_UNKNOWN', vi: 'Chưa rõ đơn vị bưu chính đã nhận đơn hay chưa; hệ thống đang hỏi', en: 'It is not known yet whether the carrier has the order; it is asked' },
  'shipment.refused': { type: 'SHIPMENT_REFUSED', vi: 'Đơn vị bưu chính từ chối đơn', en: 'The carrier refused the order' },
  'shipment.ordered': { type: 'SHIPMENT_ORDERED', vi: 'Đơn vị bưu chính đã nhận đơn', en: 'The carrier has the order' },
  'shipment.collecting': { type: 'SHIPMENT_COLLECTING', vi: 'Bưu tá đang đến nhận', en: 'The courier is on the way to the sender' },
  'shipment.collected': { type: 'SHIPMENT_COLLECTED', vi: 'Đã nhận bưu phẩm từ người gửi', en: 'It was taken from the sender' },
  'shipment.in-transit': { type: 'SHIPMENT_IN_TRANSIT', vi: 'Đang vận chuyển', en: 'It is on the road' },
  'shipment.at-office': { type: 'SHIPMENT_AT_OFFICE', vi: 'Đang ở bưu cục', en: 'It waits at a post office' },
  'shipment.failed': { type: 'SHIPMENT_FAILED', vi: 'Chưa thu gom hoặc chưa phát được', en: 'It was not collected or not delivered' },
  'shipment.returning': { type: 'SHIPMENT_RETURNING', vi: 'Đang chuyển hoàn', en: 'It is on the way back to the sender' },
  'shipment.cancelled': { type: 'SHIPMENT_CANCELLED', vi: 'Đã huỷ đơn bưu chính', en: 'The parcel was called off' },
  'shipment.cancel-refused': { type: 'SHIPMENT_CANCEL_REFUSED', vi: 'Đơn vị bưu chính không huỷ được đơn', en: 'The carrier did not call it off' },
  'shipment.delivered': { type: 'SHIPMENT_DELIVERED', vi: 'Đã phát', en: 'It was delivered' },
  'shipment.returned': { type: 'SHIPMENT_RETURNED', vi: 'Đã chuyển hoàn về người gửi', en: 'It is back at the sender' },
  'shipment.person': { type: 'SHIPMENT_PERSON', vi: 'Bưu phẩm cần người xem xét', en: 'A person must look at the parcel' },
  'delivery.repaired': { type: 'DELIVERY_REPAIRED', vi: 'Đã khắc phục; việc gửi tiếp tục', en: 'Repaired; sending goes on' },
} as const satisfies Record<string, BilingualText & { readonly type: string }>;
export type EventName = keyof typeof EVENT_TYPES;
export type EventType = (typeof EVENT_TYPES)[EventName]['type'] | 'OTHER';

/** One row of the feed; `position` orders it. Ids and positions are decimal strings. */
export interface FeedEvent {
  readonly position: string;
  readonly name: string;
  /** Null where the event is about an agency. */
  readonly dossierCode: string | null;
  readonly agencyCode: string | null;
  readonly deliveryId: string | null;
  /** Reference of the payment that it is about. */
  readonly paymentReference: string | null;
  /** Number of the parcel that it is about. */
  readonly shipmentNumber: string | null;
  readonly operation: string | null;
  readonly reason: string | null;
  readonly reasonText: string | null;
  readonly createdAt: Date;
}
