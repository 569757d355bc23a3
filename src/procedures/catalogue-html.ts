import sanitizeHtml from 'sanitize-html';
import type { NationalProcedure } from './procedure.js';

const MARKUP = /[<>&]/;

/** What an official's description needs, and nothing that runs, loads or positions. Links open only http(s) and mailto. */
const RICH: sanitizeHtml.IOptions = {
  allowedTags: ['p', 'br', 'b', 'strong', 'i', 'em', 'u', 'sub', 'sup', 'ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'a', 'span', 'div', 'h3', 'h4', 'h5'],
  allowedAttributes: { a: ['href'], td: ['colspan', 'rowspan'], th: ['colspan', 'rowspan'] },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
};
const PLAIN: sanitizeHtml.IOptions = { allowedTags: [], allowedAttributes: {} };

/** HTML that may be put into a page as it is. */
export const cleanHtml = (text: string): string => (MARKUP.test(text) ? sanitizeHtml(text, RICH) : text);

/** Text without tags. `<` and `>` stay escaped, so that nobody who forgets to escape it runs it. */
export const cleanText = (text: string): string =>
  (MARKUP.test(text) ? sanitizeHtml(text, PLAIN).replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&') : text);

const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);

/** Texts that the national database fills with HTML. */
const HTML_FIELDS: ReadonlySet<string> = new Set(['requirements', 'receivingAddress', 'description', 'steps']);
const ADDRESS_FIELDS: ReadonlySet<string> = new Set(['formUrl', 'url']);

const clean = (value: unknown, field: string): unknown => {
  if (typeof value === 'string') {
    if (ADDRESS_FIELDS.has(field)) return isWebAddress(value) ? value : null;
    return HTML_FIELDS.has(field) ? cleanHtml(value) : cleanText(value);
  }
  if (Array.isArray(value)) return value.map((member) => clean(member, field));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, clean(member, name)]));
};

/** The record with every text made safe, whatever the party or a bad import put there. */
export const cleanProcedure = (procedure: NationalProcedure): NationalProcedure => clean(procedure, '') as NationalProcedure;

/** Any part of a record, such as the two sides of a diff. */
export const cleanPart = (value: unknown): unknown => clean(value, '');
