import { SignalError } from '../support/signals.js';
import { decodeUtf8 } from '../support/utf8.js';
import { readFlatJson } from './flat-json.js';
import { FORM_FIELD } from './wire.js';

const MOST_FIELDS = 100;

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
};

/** A form whose every name comes once; null where it cannot be read in one way only. */
const readForm = (text: string): ReadonlyMap<string, string> | null => {
  const parts = text.split('&');
  if (parts.length > MOST_FIELDS || !/^[\x21-\x7e]+$/.test(text)) return null;
  const fields = new Map<string, string>();
  for (const part of parts) {
    const cut = part.indexOf('=');
    const name = cut < 1 ? null : decoded(part.slice(0, cut));
    const value = decoded(part.slice(cut + 1));
    if (name === null || value === null || fields.has(name)) return null;
    fields.set(name, value);
  }
  return fields;
};

const isJson = (text: string): boolean => text.trimStart().startsWith('{');

/** An IPN in any of its three dresses: JSON, a form with JSON in one field, a form. Null where it is none of them. */
export const readIpnForm = (bytes: Buffer): ReadonlyMap<string, string> | null => {
  try {
    const text = decodeUtf8(bytes);
    if (isJson(text)) return readFlatJson(text);
    const form = readForm(text.trim());
    const inner = form?.get(FORM_FIELD);
    return inner === undefined ? form : readFlatJson(inner);
  } catch (error) {
    if (error instanceof SignalError) return null;
    throw error;
  }
};
