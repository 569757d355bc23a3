import { parseStrictJson } from '../support/strict-json.js';
import { unreadable } from '../support/signals.js';
import { confirmation, wrapper } from './wire.js';
import type { Confirmation, ConfirmReply } from './wire.js';

const isZero = (code: string): boolean => /^0+$/.test(code);

/**
 * The answer inside what the LGSP puts around it, or the answer itself. @throws SignalError where the wrapper reports a failure: its words
 * are plain, and say neither yes nor no
 */
export const unwrapped = (body: unknown): unknown => {
  const read = wrapper.safeParse(body);
  if (!read.success) return body;
  if (!isZero(read.data.error_code)) throw unreadable('wrapper-refused', body);
  return parseStrictJson(read.data.message);
};

/** The fields of a callback; null where the bytes are no JSON object of its shape. */
export const readConfirmation = (bytes: Buffer): Confirmation | null => {
  try {
    const parsed = confirmation.safeParse(parseStrictJson(bytes.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
};

const LONGEST_ECHO = 100;

const echo = (text: string): string => text.slice(0, LONGEST_ECHO);

/** `message`: the callback, whose fields the platform wants back; null where it is not believed. */
export const confirmReply = (code: ConfirmReply['MaLoi'], words: string, message: Confirmation | null): ConfirmReply => ({
  MaLoi: code,
  MoTaLoi: words,
  MaDoiTac: echo(message?.MaDoiTac ?? ''),
  MaThamChieu: echo(message?.MaThamChieu ?? ''),
  ThoiGianGD: echo(message?.ThoiGianGD ?? ''),
  MaXacThuc: echo(message?.MaXacThuc ?? ''),
});

export const partnerOf = ({ MaDoiTac }: Confirmation): string => MaDoiTac;
export const signatureOf = ({ MaXacThuc }: Confirmation): string => MaXacThuc;
export const typeOf = ({ LoaiBanTin }: Confirmation): string => LoaiBanTin;

const SHAPES = { MaDoiTac: /^[\w.-]{1,50}$/, MaThamChieu: /^[^|]{0,60}$/, MaLoi: /^\w{1,10}$/, MaGiaoDich: /^[^|]{0,60}$/, SoTien: /^\d{1,13}$/ } as const;

/** Does a signed callback look as agreed? An amount with a fraction does not. */
export const isWellShaped = (fields: Confirmation): boolean => (Object.keys(SHAPES) as (keyof typeof SHAPES)[]).every((name) => SHAPES[name].test(fields[name]));
