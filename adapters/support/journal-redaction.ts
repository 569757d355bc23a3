export const MASK = '***';

/**
 * Which fields of one operation stay legible in the journal; every other scalar is masked. `text` fields are the party's own
 * words: kept, with long digit runs, e-mail addresses, links and the personal values that we sent removed.
 */
export interface KeptFields {
  readonly plain: ReadonlySet<string>;
  readonly text: ReadonlySet<string>;
}

const LONG_DIGITS = /\d(?:[ .-]?\d){8,}/g;
const EMAIL = /[^\s@<>"']+@[^\s@<>"']+/g;
const LINK = /\bhttps?:\/\/\S+/gi;
const LONGEST_TEXT = 500;
/** An array of the journal is cut here: a list of 10,000 agencies says no more than its first items. */
const MOST_ITEMS = 20;
const DEEPEST = 8;

/** A dossier code holds nine digits beside dots and hyphens, is no personal data, and is what an operator looks for. */
const DOSSIER_CODE = /(?:\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(?:\.\d{2,3})*)-\d{6,8}-\d{4,7}/g;

const maskDigits = (text: string): string => {
  let masked = '';
  let from = 0;
  for (const code of text.matchAll(DOSSIER_CODE)) {
    masked += text.slice(from, code.index).replace(LONG_DIGITS, MASK) + code[0];
    from = code.index + code[0].length;
  }
  return masked + text.slice(from).replace(LONG_DIGITS, MASK);
};

/**
 * The party's own words without personal data, in NFC, at most 500 characters.
 * @param personal values that we sent and that must not come back: names, ids, phones, addresses
 */
export const redactText = (text: string, personal: readonly string[] = []): string => {
  let clean = text.normalize('NFC').replace(/[\p{Cc}\p{Cf}]+/gu, ' ').replace(LINK, MASK).replace(EMAIL, MASK);
  for (const value of personal) {
    const needle = value.normalize('NFC').trim();
    if (needle.length < 3) continue;
    clean = clean.replace(new RegExp(needle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'giu'), MASK);
  }
  return maskDigits(clean).slice(0, LONGEST_TEXT);
};

interface Redaction {
  readonly kept: KeptFields;
  readonly personal: readonly string[];
}

const redactScalar = (value: unknown, field: string, how: Redaction): unknown => {
  if (value === '' || value === null || value === undefined) return value ?? null;
  const isPlain = how.kept.plain.has(field);
  if (isPlain && (typeof value === 'number' || typeof value === 'boolean')) return value;
  if (isPlain && typeof value === 'string') return value.length > LONGEST_TEXT ? value.slice(0, LONGEST_TEXT) : value;
  if (how.kept.text.has(field) && typeof value === 'string') return redactText(value, how.personal);
  return MASK;
};

const redactAt = (value: unknown, place: { field: string; depth: number }, how: Redaction): unknown => {
  if (typeof value !== 'object' || value === null) return redactScalar(value, place.field, how);
  const depth = place.depth + 1;
  if (depth > DEEPEST) return MASK;
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map((item) => redactAt(item, { field: place.field, depth }, how));
    return value.length > MOST_ITEMS ? [...items, { omitted: value.length - MOST_ITEMS }] : items;
  }
  const copy: Record<string, unknown> = {};
  for (const field of Object.keys(value)) {
    // A field name of the party's invention may itself hold data.
    const name = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(field) ? field : MASK;
    copy[name] = redactAt((value as Record<string, unknown>)[field], { field, depth }, how);
  }
  return copy;
};

/** A copy of a request or reply that may be stored: structure kept, every undeclared scalar masked. */
export const redactBody = (body: unknown, kept: KeptFields, personal: readonly string[] = []): unknown =>
  redactAt(body, { field: '', depth: 0 }, { kept, personal });
