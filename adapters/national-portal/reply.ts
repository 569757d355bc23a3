import { unreadable } from '../support/signals.js';
import { DEFAULT_JSON_LIMITS, parseStrictJson } from '../support/strict-json.js';
import { passXmlGate } from '../support/xml-gate.js';
import { findElement, leafRecords, readXml } from '../support/xml-reader.js';
import { envelope } from './wire.js';
import type { WireRow } from './wire.js';

/** An answer of the portal, whichever wire brought it. */
export interface PortalReply {
  /** Null only for a plain-text answer, which has none. */
  readonly code: string | null;
  /** Words for people; empty where the message carried data. */
  readonly text: string;
  /** Null where the answer holds no list at all, which is not the same as an empty one. */
  readonly rows: readonly WireRow[] | null;
}

/** The answer of a G1 data service, or the outer layer of a G2 one. @throws SignalError `envelope-shape` */
export const readEnvelope = (body: unknown): PortalReply & { readonly code: string } => {
  const parsed = envelope.safeParse(body);
  const code = parsed.success ? (parsed.data.error_code ?? parsed.data.response_code ?? '') : '';
  if (!parsed.success || code === '') throw unreadable('envelope-shape', body);
  return { code, text: parsed.data.message, rows: parsed.data.result };
};

const looksLikeJson = (text: string): boolean => /^\s*[{[]/.test(text);
const looksLikeXml = (text: string): boolean => /^\s*</.test(text);

const readXmlMessage = (message: string, code: string): PortalReply => {
  const root = readXml(passXmlGate(message));
  const inner = findElement(root, 'error_code')?.text ?? findElement(root, 'errorCode')?.text ?? '';
  const rows = leafRecords(root).filter((record) => !('error_code' in record) && !('errorCode' in record));
  return { code: inner === '' ? code : inner, text: findElement(root, 'message')?.text ?? '', rows };
};

const readJsonMessage = (message: string, code: string): PortalReply => {
  const inner = parseStrictJson(message, DEFAULT_JSON_LIMITS);
  if (Array.isArray(inner)) return { ...readEnvelope({ error_code: code, result: inner as unknown[] }) };
  const own = typeof inner === 'object' && inner !== null && 'error_code' in inner;
  return readEnvelope(own ? inner : { ...inner as object, error_code: code });
};

/**
 * Opens the `message` of a G2 answer: JSON in a string, SOAP XML in a string, or words (national-portal.md §3.2).
 * @throws SignalError where the document inside is broken
 */
export const openMessage = (outer: PortalReply & { readonly code: string }): PortalReply => {
  if (looksLikeXml(outer.text)) return readXmlMessage(outer.text, outer.code);
  if (looksLikeJson(outer.text)) return readJsonMessage(outer.text, outer.code);
  return outer;
};

/** A G2 answer: JSON, a JSON string, or plain text where the service is known to answer so. */
export const readWrapped = (text: string, mayBePlain: boolean): PortalReply => {
  const isQuoted = /^\s*"/.test(text);
  if (mayBePlain && !looksLikeJson(text) && !isQuoted) return { code: null, text: text.trim(), rows: null };
  const body = parseStrictJson(text);
  if (mayBePlain && typeof body === 'string') return { code: null, text: body, rows: null };
  return openMessage(readEnvelope(body));
};
