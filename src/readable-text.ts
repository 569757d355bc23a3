import { breach, type RuleBreach } from './dossiers/rule-breach.js';

/** C0, DEL and C1; XML 1.0 cannot carry most of them, and none is text. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const CONTROL_BUT_LINES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Why this is no text that a table, a log and a party can all hold; null where it is. `multiline` allows tabs and line feeds. */
export const unreadableText = (text: string, multiline: boolean): RuleBreach | null => {
  if (LONE_SURROGATE.test(text)) return breach('LONE_SURROGATE', 'Văn bản chứa ký tự Unicode hỏng', 'The text holds half of a Unicode character');
  if ((multiline ? CONTROL_BUT_LINES : CONTROL).test(text)) return breach('CONTROL_CHARACTER', 'Văn bản chứa ký tự điều khiển', 'The text holds a control character');
  return null;
};
