import type { RawReply } from './http-transport.js';
import { replyStatus } from './json-reply.js';
import { SignalError, unreadable } from './signals.js';
import { readEnvelope } from './soap-envelope.js';
import type { SoapEnvelope } from './soap-envelope.js';

const XML_TYPE = /^(text\/xml|application\/xml|application\/soap\+xml)\s*(;|$)/;
const LOOKS_LIKE_HTML = /^\s*<(!doctype html|html)[\s>]/i;

/**
 * The envelope of a reply that may be believed: XML by its own word, through the gate, a result with 200 or a fault with 200 or 500.
 * @throws SignalError otherwise
 */
export const trustedEnvelope = (reply: RawReply): SoapEnvelope => {
  if (reply.status !== 200 && reply.status !== 500) throw replyStatus(reply);
  // Never inflated: a party that compresses unasked sends what nobody measured.
  if (reply.headers['content-encoding'] !== undefined) throw unreadable('content-encoding');
  if (reply.contentType.startsWith('text/html') || LOOKS_LIKE_HTML.test(reply.body.toString('latin1', 0, 256))) throw new SignalError({ kind: 'html' });
  // A bare 500 is the web server speaking; only a fault makes it an answer of the service.
  if (!XML_TYPE.test(reply.contentType)) throw reply.status === 500 ? replyStatus(reply) : unreadable('not-xml');
  if (reply.body.length === 0) throw reply.status === 500 ? replyStatus(reply) : unreadable('empty-reply');
  const envelope = readEnvelope(reply.body);
  if (reply.status === 500 && !envelope.isFault) throw unreadable('soap-result-in-500');
  return envelope;
};
