import type { BilingualText } from '../errors/gateway-error.js';
import type { Delivery, DeliveryState } from './delivery.js';
import type { RefusalCode } from './operator-service.js';

/** What an operator or official reads beside a state. */
const BY_STATE: Readonly<Record<DeliveryState, BilingualText>> = {
  due: { en: 'Waiting to be sent.', vi: 'Đang chờ gửi.' },
  leased: { en: 'Being sent now.', vi: 'Đang gửi.' },
  unknown: {
    en: 'It was sent and no trustworthy answer came. The party is asked, or it is sent again, when a delayed request can no longer arrive. Nothing needs to be done.',
    vi: 'Đã gửi nhưng chưa nhận được trả lời tin cậy. Hệ thống sẽ hỏi lại hoặc gửi lại sau thời gian chờ. Chưa cần xử lý.',
  },
  accepted: { en: 'The party took it.', vi: 'Đã được tiếp nhận.' },
  rejected: { en: 'The party refused it; correct the content and send it again.', vi: 'Bị từ chối; cần sửa nội dung và gửi lại.' },
  parked: { en: 'It waits for a person; what follows it in its lane waits too.', vi: 'Đang chờ người vận hành xử lý; các lượt gửi sau của hồ sơ này cũng chờ.' },
};

/** Reasons that change what there is to do. */
const BY_REASON: Readonly<Record<string, BilingualText>> = {
  'too-old': {
    en: 'It could not be brought through within its age limit. See its attempts; retry when the party is back, or resolve it.',
    vi: 'Không gửi được trong thời hạn tối đa. Xem các lần gửi; gửi lại khi đối tác hoạt động trở lại, hoặc xác nhận kết quả.',
  },
  'prerequisite-missing': {
    en: 'The dossier before it was refused. Correct the dossier: the correction goes first, and this follows by itself.',
    vi: 'Hồ sơ trước đó bị từ chối. Hãy sửa hồ sơ: bản sửa được gửi trước và lượt này sẽ tự gửi tiếp.',
  },
  'internal-error': {
    en: 'A defect of the gateway stopped it. Report it with its id; retry after an update.',
    vi: 'Lỗi của hệ thống kết nối. Hãy báo lỗi kèm mã lượt gửi; gửi lại sau khi cập nhật.',
  },
  'content-missing': { en: 'Its content is no longer stored; resolve it.', vi: 'Nội dung không còn được lưu; cần xác nhận kết quả.' },
  'content-unreadable': {
    en: 'Its content cannot be decrypted: the key it was sealed under is not configured. Restore the key, then retry.',
    vi: 'Không giải mã được nội dung: thiếu khoá đã dùng để mã hoá. Khôi phục khoá rồi gửi lại.',
  },
  'procedure-not-usable': {
    en: 'The national procedure database does not know its procedure code, or the procedure was withdrawn, before the dossier could be sent. Retry when the code is public again, or resolve it as not done and send the dossier with the right code.',
    vi: 'Mã thủ tục không có trong Cơ sở dữ liệu quốc gia hoặc thủ tục đã bị bãi bỏ trước khi gửi được hồ sơ. Gửi lại khi thủ tục được công khai trở lại, hoặc xác nhận không gửi rồi gửi hồ sơ với mã đúng.',
  },
  'circuit-open': { en: 'The party fails at present; it is sent when a probe gets through.', vi: 'Đối tác đang lỗi; sẽ gửi khi kết nối thử thành công.' },
  'resolved-as-done': { en: 'An operator confirmed that the party has it.', vi: 'Người vận hành xác nhận đối tác đã nhận.' },
  'resolved-as-not-done': { en: 'An operator decided that it shall not be sent.', vi: 'Người vận hành quyết định không gửi.' },
};

export const explain = (delivery: Pick<Delivery, 'state' | 'reason'>): BilingualText =>
  (delivery.reason === null ? undefined : BY_REASON[delivery.reason]) ?? BY_STATE[delivery.state];

export const REFUSALS: Readonly<Record<RefusalCode, BilingualText>> = {
  NOT_FOUND: { en: 'There is no such delivery.', vi: 'Không có lượt gửi này.' },
  NOT_OPEN: { en: 'It is finished, or not in a state that can be changed by hand.', vi: 'Lượt gửi đã kết thúc hoặc không ở trạng thái có thể xử lý thủ công.' },
  IN_FLIGHT: { en: 'It is being sent now; look again in a moment.', vi: 'Đang gửi; vui lòng xem lại sau giây lát.' },
  ASK_FIRST: {
    en: 'It may have been done already and a repeat would do it twice. Ask the party, then resolve it as done or not done.',
    vi: 'Có thể đã được thực hiện; gửi lại sẽ bị trùng. Hãy hỏi đối tác rồi xác nhận đã thực hiện hoặc chưa thực hiện.',
  },
};
