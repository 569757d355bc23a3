/**
 * What a result string says. `ok`: done. `already`: the key was used before. `none`: nothing under this key. `login`: user, password or right
 * refused. `settings`: ours do not fit the contract. `content`: what we sent is unreadable to them. `refused`: a "no" of the party.
 * `unlisted` is no answer that may be believed.
 */
export type Verdict = 'ok' | 'already' | 'none' | 'login' | 'settings' | 'content' | 'refused' | 'unlisted';

type Codes = Readonly<Record<string, Verdict>>;

/** Documented of ImportAndPublishInv; AdjustInv answers alike (an assumption). */
const PUBLISH: Codes = { 'ERR:1': 'login', 'ERR:3': 'content', 'ERR:5': 'refused', 'ERR:7': 'login', 'ERR:13': 'already', 'ERR:20': 'settings' };
/** Documented of downloadInvPDFFkeyNoPay; getInvViewFkey answers alike (an assumption). */
const LOOK_UP: Codes = { 'ERR:1': 'login', 'ERR:6': 'none', 'ERR:7': 'login' };
/** An adjustment needs the receipt that it corrects. ERR:2 and ERR:8 are from general knowledge of the product. */
const ADJUST: Codes = { ...PUBLISH, 'ERR:2': 'none', 'ERR:8': 'refused' };
/** From general knowledge of the product: 2 no such receipt, 8 replaced or cancelled already, 9 its state allows no cancelling. */
const CANCEL: Codes = { 'ERR:1': 'login', 'ERR:2': 'none', 'ERR:6': 'none', 'ERR:7': 'login', 'ERR:8': 'already', 'ERR:9': 'refused' };

/** Of UnConfirmPaymentFkey, of which only the log-in matters: 6 unknown key, 13 unmarked already, from general knowledge of the product. */
const UNCONFIRM: Codes = { 'ERR:1': 'login', 'ERR:6': 'none', 'ERR:7': 'login', 'ERR:13': 'already' };

export const CODES = { publish: PUBLISH, lookUp: LOOK_UP, adjust: ADJUST, unconfirm: UNCONFIRM, cancel: CANCEL } as const satisfies Record<string, Codes>;
export type CodeTable = keyof typeof CODES;

/** A result may say more behind its code. */
export const codeOf = (result: string): string => /^(OK(?=:|$)|ERR:\d{1,4}(?!\d))/.exec(result.trim())?.[1] ?? '';

export const verdictOf = (table: CodeTable, code: string): Verdict => {
  const codes: Codes = CODES[table];
  if (code === 'OK') return 'ok';
  return Object.hasOwn(codes, code) ? codes[code] ?? 'unlisted' : 'unlisted';
};

/** The party's words for its codes; source: data/vnpt-invoice-err.json (a public client). */
const TEXTS: Readonly<Record<string, string>> = {
  'ERR:1': 'Tài khoản đăng nhập sai hoặc không có quyền',
  'ERR:2': 'Không có biên lai với khoá này',
  'ERR:3': 'Dữ liệu XML đầu vào không đúng quy định',
  'ERR:5': 'Không phát hành được biên lai',
  'ERR:6': 'Chuỗi fkey không chính xác, biên lai không tồn tại',
  'ERR:7': 'Người dùng không phù hợp, không tìm thấy đơn vị tương ứng',
  'ERR:8': 'Biên lai đã bị thay thế hoặc huỷ',
  'ERR:9': 'Trạng thái biên lai không cho phép huỷ',
  'ERR:13': 'Trùng mã fkey khi phát hành biên lai',
  'ERR:20': 'Mẫu số và ký hiệu không phù hợp',
};

export const codeText = (code: string): string => TEXTS[code] ?? '';
