import type { RawReply } from './http-transport.js';
import { parseRetryAfter } from './retry-after.js';
import { SignalError, unreadable } from './signals.js';
import { parseStrictJson } from './strict-json.js';
import { decodeUtf8 } from './utf8.js';

const LOOKS_LIKE_HTML = /^\s*<(!doctype html|html)[\s>]/i;

const WSO2_FAULT_CODE = /"code"\s*:\s*"?(\d{6})"?|<(?:\w+:)?code>(\d{6})</;

/** The fault code of a WSO2 gateway, JSON or XML, read loosely: the rest of an error body is not worth trusting. */
const faultCodeOf = (body: Buffer): string | null => {
  const found = WSO2_FAULT_CODE.exec(body.toString('latin1', 0, 4096));
  return found?.[1] ?? found?.[2] ?? null;
};

const headerOf = (reply: RawReply, name: string): string | undefined => {
  const value = reply.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** What a status other than success says. */
export const replyStatus = (reply: RawReply): SignalError =>
  new SignalError({
    kind: 'status',
    status: reply.status,
    faultCode: faultCodeOf(reply.body),
    retryAfterMs: parseRetryAfter(headerOf(reply, 'retry-after'), Date.now()),
  });

/**
 * The text of a reply that may be believed: status 200 or 201, not HTML, UTF-8, not empty.
 * @throws SignalError otherwise
 */
export const trustedText = (reply: RawReply): string => {
  if (reply.status !== 200 && reply.status !== 201) throw replyStatus(reply);
  if (headerOf(reply, 'content-encoding') !== undefined) throw unreadable('content-encoding');
  const text = decodeUtf8(reply.body);
  // A firewall answers "Request Rejected" as HTML with status 200 (national-portal.md §3.4).
  if (reply.contentType.includes('text/html') || LOOKS_LIKE_HTML.test(text)) throw new SignalError({ kind: 'html' });
  if (text.trim() === '') throw unreadable('empty-reply');
  return text;
};

/** The JSON of a reply that may be believed. @throws SignalError otherwise */
export const trustedJson = (reply: RawReply): unknown => parseStrictJson(trustedText(reply));
