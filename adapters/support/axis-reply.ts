import { z } from 'zod';
import { SignalError, unreadable } from './signals.js';
import { DEFAULT_JSON_LIMITS, parseStrictJson } from './strict-json.js';
import { passXmlGate } from './xml-gate.js';
import { findElement, leafRecords, readXml } from './xml-reader.js';

/** Codes come as int or string, so they are read as text; `"0"`, `0` and `"00"` all mean success (§3.1). */
export const answerCode = z.union([z.string().max(64), z.number()]).transform((value) => String(value).trim());

/** A text that may be absent, null or a number. */
export const answerWords = z.union([z.string(), z.number(), z.null()]).optional().transform((value) => (value === null || value === undefined ? '' : String(value)));

const row = z.record(z.string(), z.unknown());
export type WireRow = z.infer<typeof row>;

/** `result` may be absent or null; a lone object is taken for a list of one. */
const rows = z.union([z.array(row), row.transform((one) => [one]), z.null()]).optional().transform((value) => value ?? null);

/** Answer of every data service. `response_code` is the name of one provincial wrapper (S5). */
const envelope = z.object({ error_code: answerCode.optional(), response_code: answerCode.optional(), message: answerWords, result: rows });

const session = z.object({ session: z.string().nullish(), error_code: answerCode.optional(), message: answerWords });

/** Answer of `mapi/login`; one wrapper puts it inside `returnSession` (S5). */
export const loginReply = z.union([
  z.object({ returnSession: session }).transform((wrapped) => wrapped.returnSession),
  session,
]);

/** An answer of a service behind the axis, whichever wire brought it. */
export interface AxisReply {
  /** Null only for a plain-text answer, which has none. */
  readonly code: string | null;
  /** Words for people; empty where the message carried data. */
  readonly text: string;
  /** Null where the answer holds no list at all, which is not the same as an empty one. */
  readonly rows: readonly WireRow[] | null;
}

/** The answer of a G1 data service, or the outer layer of a G2 one. @throws SignalError `envelope-shape` */
export const readEnvelope = (body: unknown): AxisReply & { readonly code: string } => {
  const parsed = envelope.safeParse(body);
  const code = parsed.success ? (parsed.data.error_code ?? parsed.data.response_code ?? '') : '';
  if (!parsed.success || code === '') throw unreadable('envelope-shape', body);
  return { code, text: parsed.data.message, rows: parsed.data.result };
};

const looksLikeJson = (text: string): boolean => /^\s*[{[]/.test(text);
const looksLikeXml = (text: string): boolean => /^\s*</.test(text);

const readXmlMessage = (message: string, code: string): AxisReply => {
  const root = readXml(passXmlGate(message));
  const inner = findElement(root, 'error_code')?.text ?? findElement(root, 'errorCode')?.text ?? '';
  const rows = leafRecords(root).filter((record) => !('error_code' in record) && !('errorCode' in record));
  return { code: inner === '' ? code : inner, text: findElement(root, 'message')?.text ?? '', rows };
};

const readJsonMessage = (message: string, code: string): AxisReply => {
  const inner = parseStrictJson(message, DEFAULT_JSON_LIMITS);
  if (Array.isArray(inner)) return { ...readEnvelope({ error_code: code, result: inner as unknown[] }) };
  const own = typeof inner === 'object' && inner !== null && 'error_code' in inner;
  return readEnvelope(own ? inner : { ...inner as object, error_code: code });
};

/**
 * Opens the `message` of a G2 answer: JSON in a string, SOAP XML in a string, or words (national-portal.md §3.2).
 * @throws SignalError where the document inside is broken
 */
export const openMessage = (outer: AxisReply & { readonly code: string }): AxisReply => {
  if (looksLikeXml(outer.text)) return readXmlMessage(outer.text, outer.code);
  if (looksLikeJson(outer.text)) return readJsonMessage(outer.text, outer.code);
  return outer;
};

/** A G2 answer: JSON, a JSON string, or plain text where the service is known to answer so. */
export const readWrapped = (text: string, mayBePlain: boolean): AxisReply => {
  const isQuoted = /^\s*"/.test(text);
  if (mayBePlain && !looksLikeJson(text) && !isQuoted) return { code: null, text: text.trim(), rows: null };
  const body = parseStrictJson(text);
  if (mayBePlain && typeof body === 'string') return { code: null, text: body, rows: null };
  return openMessage(readEnvelope(body));
};

/** @returns whether a code of the axis stands for success, as int or text */
export const isZeroCode = (code: string): boolean => /^[+-]?0+$/.test(code);

/** The session of a log-in. @throws SignalError `refused-session` where the party refused it */
export const readSession = (body: unknown): string => {
  const parsed = loginReply.safeParse(body);
  if (!parsed.success) throw unreadable('login-shape', body);
  const { session: token, error_code: code } = parsed.data;
  if (code !== undefined && !isZeroCode(code)) throw new SignalError({ kind: 'refused-session' }, { body });
  if (token === undefined || token === null || token === '') throw unreadable('login-without-session', body);
  return token;
};
