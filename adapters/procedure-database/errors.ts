import { isZeroCode } from '../support/axis-reply.js';
import type { AxisReply } from '../support/axis-reply.js';
import { foldText, holdsAny } from '../support/vietnamese-text.js';

/** What an answer of G1 or G2 means. `missing`: the party knows no such thing. */
export type Judgement = 'success' | 'missing' | 'session' | 'busy' | 'refused';

/** Lists by configuration; phrases are folded (NFC, lower case). */
export interface JudgementRules {
  readonly sessionCodes: readonly string[];
  readonly sessionPhrases: readonly string[];
  readonly busyPhrases: readonly string[];
}

const MISSING = ['không tồn tại', 'không tìm thấy', 'không có dữ liệu'].map(foldText);
const DENIED = ['không thành công', 'chưa thành công', 'thất bại'].map(foldText);

/** HTTP status under which G3 answers an id that it does not know (national-portal.md §3.4, one source). */
export const UNKNOWN_ID_STATUS = 400;
/** Body code without which an answer of G3 is no success, whatever its status. */
export const G3_SUCCESS = 'OK';

const isListed = (code: string, listed: readonly string[]): boolean => listed.includes(code);

/**
 * Reads what an answer of G1 or G2 means. Every service here is a read, so the proof is the same for all: code 0 as int or text,
 * unless the words deny it outright. The table of codes is not public; an unlisted code is a refusal.
 */
export const judge = (reply: AxisReply, rules: JudgementRules): Judgement => {
  const code = reply.code ?? '';
  if (isZeroCode(code) && !holdsAny(reply.text, DENIED)) return 'success';
  if (isListed(code, rules.sessionCodes) || holdsAny(reply.text, rules.sessionPhrases)) return 'session';
  if (holdsAny(reply.text, rules.busyPhrases)) return 'busy';
  return holdsAny(reply.text, MISSING) ? 'missing' : 'refused';
};
