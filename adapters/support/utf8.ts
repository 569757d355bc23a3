import { unreadable } from './signals.js';

/** @throws SignalError `not-utf8` where a byte sequence is ill-formed. A byte order mark is dropped. */
export const decodeUtf8 = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable('not-utf8');
  }
};
