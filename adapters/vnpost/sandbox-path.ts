/** The sandbox's own table: of the post's codes only 4, delivered, is known. 98 stands for one that nobody listed. */
export const CODE_TEXTS: Readonly<Record<number, string>> = {
  1: 'Đã tiếp nhận đơn hàng', 2: 'Đang đi thu gom', 3: 'Đã thu gom', 4: 'Phát thành công', 5: 'Đang vận chuyển', 6: 'Đã đến bưu cục phát',
  7: 'Phát không thành công: không có người nhận', 8: 'Phát không thành công: sai địa chỉ', 9: 'Đang chuyển hoàn', 10: 'Đã chuyển hoàn', 11: 'Đã thu tiền của người nhận',
  12: 'Đã trả tiền cho người gửi', 13: 'Đã huỷ đơn hàng', 14: 'Phát không thành công: người nhận từ chối', 15: 'Thu gom không thành công: hồ sơ chưa sẵn sàng', 98: 'Kiểm tra nội bộ',
};

/** The same as VNPOST_STATUS_CODES, for whoever uses this sandbox. */
export const CODE_MEANINGS = {
  1: 'ORDERED', 2: 'COLLECTING', 3: 'COLLECTED', 4: 'DELIVERED', 5: 'IN_TRANSIT', 6: 'AT_OFFICE', 7: { state: 'FAILED', failure: 'NOBODY_THERE' },
  8: { state: 'FAILED', failure: 'WRONG_ADDRESS' }, 9: 'RETURNING', 10: 'RETURNED', 11: { collection: 'COLLECTED' }, 12: { collection: 'PAID_OUT' }, 13: 'CANCELLED',
  14: { state: 'FAILED', failure: 'REFUSED_BY_RECIPIENT' }, 15: { state: 'FAILED', failure: 'NOT_READY' },
} as const;

export const TAKEN = 3;
export const MONEY_TAKEN = 11;
export const MONEY_PAID_OUT = 12;
export const CANCELLED = 13;

const TO_THE_DOOR = [1, 2, 3, 5, 6] as const;

/** Ways that a parcel can go, by name. */
export const PATHS = {
  delivered: [...TO_THE_DOOR, 4],
  'cod-collected': [...TO_THE_DOOR, 4, MONEY_TAKEN],
  'cod-paid-out': [...TO_THE_DOOR, 4, MONEY_TAKEN, MONEY_PAID_OUT],
  'nobody-there': [...TO_THE_DOOR, 7],
  'second-try': [...TO_THE_DOOR, 7, 6, 4],
  'wrong-address': [...TO_THE_DOOR, 8],
  refused: [...TO_THE_DOOR, 14],
  returned: [...TO_THE_DOOR, 7, 14, 9, 10],
  'not-ready': [1, 2, 15],
  unlisted: [1, 98],
} as const satisfies Readonly<Record<string, readonly number[]>>;
export type PathName = keyof typeof PATHS;
export const PATH_NAMES = Object.keys(PATHS) as readonly PathName[];

/** Money only where there is some to collect. */
const wayOf = (path: readonly number[], collectVnd: number): readonly number[] =>
  (collectVnd > 0 ? path : path.filter((code) => code !== MONEY_TAKEN && code !== MONEY_PAID_OUT));

/** What is left of a way from where a parcel left it. */
export const restOf = (path: readonly number[], done: readonly number[], collectVnd: number): readonly number[] => {
  const way = wayOf(path, collectVnd);
  const parted = way.findIndex((code, index) => code !== done[index]);
  return parted < 0 ? [] : way.slice(parted);
};

/** What is left of the way that a parcel goes by itself; nothing once it has gone another. */
export const ownWay = (done: readonly number[], collectVnd: number): readonly number[] => {
  const rest = restOf(PATHS['cod-paid-out'], done, collectVnd);
  return rest.length + done.length === wayOf(PATHS['cod-paid-out'], collectVnd).length ? rest : [];
};
