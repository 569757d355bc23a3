import { isZeroCode } from '../support/axis-reply.js';
import type { AxisReply } from '../support/axis-reply.js';
import { foldText, holdsAny } from '../support/vietnamese-text.js';

/** Services of the portal as the adapter names them; insert and update are one service of G1 and two addresses of G2. */
export type PortalService = 'insert' | 'update' | 'progress' | 'find' | 'status' | 'technical-id' | 'agencies' | 'fields';

export type WireGeneration = 'g1' | 'g2';

/** What an answer means. `unclear`: neither yes nor no can be read from it. */
export type Judgement = 'success' | 'exists' | 'missing' | 'session' | 'busy' | 'refused' | 'unclear';

/** Lists by configuration; phrases are folded (NFC, lower case). */
export interface JudgementRules {
  readonly existsCodes: readonly string[];
  readonly sessionCodes: readonly string[];
  readonly sessionPhrases: readonly string[];
  readonly busyPhrases: readonly string[];
}

type Proof = 'code' | 'code-and-words' | 'words-where-plain';

/** Success predicate per service (national-portal.md §11.1): a code of 0 is not everywhere a success. */
const PROOFS: Readonly<Record<WireGeneration, Readonly<Record<PortalService, Proof>>>> = {
  g1: { insert: 'code', update: 'code', progress: 'code', find: 'code', status: 'code', 'technical-id': 'code', agencies: 'code', fields: 'code' },
  g2: { insert: 'code-and-words', update: 'code', progress: 'words-where-plain', find: 'code', status: 'code', 'technical-id': 'code', agencies: 'code', fields: 'code' },
};

const EXISTS = ['đã tồn tại'].map(foldText);
const MISSING = ['không tồn tại', 'chưa tồn tại', 'không tìm thấy'].map(foldText);
const DONE = ['thành công'].map(foldText);
/** "không thành công" holds "thành công", so the negations are looked for first. */
const NOT_DONE = ['không thành công', 'chưa thành công', 'thất bại', 'lỗi', 'không hợp lệ', 'không được', 'bắt buộc', 'sai '].map(foldText);

const sameCode = (code: string, listed: string): boolean =>
  code === listed || (/^-?\d+$/.test(code) && /^-?\d+$/.test(listed) && Number(code) === Number(listed));

const isListed = (code: string, list: readonly string[]): boolean => list.some((listed) => sameCode(code, listed));

const judgeWords = (text: string): Judgement => {
  if (holdsAny(text, NOT_DONE)) return 'refused';
  return holdsAny(text, DONE) ? 'success' : 'unclear';
};

const judgeZero = (reply: AxisReply, proof: Proof): Judgement => {
  if (proof === 'code-and-words') return judgeWords(reply.text);
  // Only a text that denies the deed outright turns a code of 0 into a refusal.
  return holdsAny(reply.text, NOT_DONE.slice(0, 3)) ? 'refused' : 'success';
};

/** Session and busy are looked for in refusals only: the words of a success may speak of sessions too. */
const judgeRefusal = (code: string, text: string, rules: JudgementRules): Judgement => {
  if (isListed(code, rules.sessionCodes) || holdsAny(text, rules.sessionPhrases)) return 'session';
  return holdsAny(text, rules.busyPhrases) ? 'busy' : 'refused';
};

const judgePlain = (text: string, rules: JudgementRules): Judgement => {
  const said = judgeWords(text);
  if (said === 'success') return said;
  const refusal = judgeRefusal('', text, rules);
  if (refusal !== 'refused') return refusal;
  return holdsAny(text, MISSING) ? 'refused' : said;
};

const judgeCoded = (code: string, reply: AxisReply, asked: { proof: Proof; rules: JudgementRules }): Judgement =>
  isZeroCode(code) ? judgeZero(reply, asked.proof) : judgeRefusal(code, reply.text, asked.rules);

/** Reads what an answer means for one service of one wire generation. Pure; all text is compared folded. */
export const judge = (reply: AxisReply, asked: { service: PortalService; wire: WireGeneration }, rules: JudgementRules): Judgement => {
  const { code, text } = reply;
  const { service, wire } = asked;
  if (service === 'insert' && holdsAny(text, EXISTS) && isListed(code ?? '', rules.existsCodes)) return 'exists';
  const said = code === null ? judgePlain(text, rules) : judgeCoded(code, reply, { proof: PROOFS[wire][service], rules });
  const mayMiss = service === 'update' || service === 'find';
  return mayMiss && said !== 'session' && holdsAny(text, MISSING) && !holdsAny(text, DONE) ? 'missing' : said;
};
