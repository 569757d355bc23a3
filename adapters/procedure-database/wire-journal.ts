import type { KeptFields } from '../support/journal-redaction.js';

/** Fields of the wire that the journal may show. The catalogue is public; the rest is left out for its size. */
const LEGIBLE = [
  'service', 'madonvi', 'maTTHC', 'idQDCB', 'error_code', 'code', 'id', 'lastId', 'limit', 'total', 'items', 'name', 'codeNotation',
  'ID', 'MATTHC', 'TENTTHC', 'TRANGTHAI', 'MALINHVUC', 'TENLINHVUC', 'MADONVI', 'TENDONVI', 'unknown',
];

export const KEPT_FIELDS: KeptFields = { plain: new Set(LEGIBLE), text: new Set(['message']) };

const SHOWN_OF_RECORD = ['ID', 'MATTHC', 'TENTTHC', 'TRANGTHAI', 'id', 'code', 'name'] as const;

/** A record for the journal: which one it was. Ten thousand whole records a night would fill the journal with what is public anyway. */
export const recordForJournal = (record: unknown): unknown => {
  if (typeof record !== 'object' || record === null) return record;
  const fields = record as Readonly<Record<string, unknown>>;
  return Object.fromEntries(SHOWN_OF_RECORD.filter((name) => name in fields).map((name) => [name, fields[name]]));
};
