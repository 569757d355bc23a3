import type { GatewayWord } from '../../src/payments/payment-gateway-port.js';

type Says = GatewayWord['says'];

/** The only success that both known clients read. */
export const SUCCESS = '00';

/**
 * What the code of an answer means. Codes beyond 00 and 99 are VNPT Pay's, whose protocol this one is renamed (an assumption).
 * `refused`: surely nothing was opened. `exists`: the reference is known, so an earlier try may have arrived. `key`: our partner code or
 * secret is refused. `busy`: their own trouble. An unlisted code is neither yes nor no.
 */
export type Verdict = 'success' | 'refused' | 'exists' | 'key' | 'busy' | 'unlisted';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  [SUCCESS]: 'success', '01': 'refused', '02': 'refused', '03': 'exists', '04': 'busy', '06': 'busy', '07': 'key', '08': 'refused', '09': 'key', '96': 'busy', '99': 'busy',
};

export const verdictOf = (code: string): Verdict => (Object.hasOwn(VERDICTS, code) ? VERDICTS[code] ?? 'unlisted' : 'unlisted');

/** What an operator reads where the party gives no words. */
const TEXTS: Readonly<Record<string, string>> = {
  '01': 'Giao dịch thất bại', '02': 'Dữ liệu không đúng định dạng', '03': 'Mã tham chiếu đã tồn tại', '04': 'Hết thời gian chờ', '05': 'Không tìm thấy dữ liệu', '06': 'Lỗi hệ thống',
  '07': 'Chữ ký không đúng', '08': 'Đối tác đang bị khóa', '09': 'Đối tác không tồn tại', '96': 'Hệ thống đang bảo trì', '99': 'Lỗi không xác định', [SUCCESS]: 'Thành công',
};

export const codeText = (code: string): string | null => (Object.hasOwn(TEXTS, code) ? TEXTS[code] ?? null : null);

/** State of a transaction as QUERY tells it: 1 done, 3 the platform does not know yet, 4 failed. */
const STATES: Readonly<Record<string, Says>> = { '1': 'paid', '3': 'pending', '4': 'failed' };

export const isKnownState = (state: string): boolean => Object.hasOwn(STATES, state);

/** What QUERY says under a state. Code and state that contradict each other are pending: another question tells. */
export const querySays = (code: string, state: string): Says => {
  const says = STATES[state] ?? 'pending';
  return says === 'paid' && code !== SUCCESS ? 'pending' : says;
};

/** What a callback says: codes that the operator lists mean that nothing was paid, any other but 00 nothing at all. */
export const confirmSays = (code: string, failedCodes: readonly string[]): Says => {
  if (code === SUCCESS) return 'paid';
  return failedCodes.includes(code) ? 'failed' : 'pending';
};
