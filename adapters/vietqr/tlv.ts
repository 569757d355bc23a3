/** Fields of EMVCo's QR content: tag, length and value, each tag and length of two decimal digits. In the order in which they stand. */
export type TlvFields = ReadonlyMap<string, string>;

const LONGEST_VALUE = 99;
const HEAD_LENGTH = 4;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * Lengths are characters by EMVCo, and bytes in some programs. Only printable ASCII is written, where both are the same.
 * @throws RangeError for a value that no reader would take
 */
export const writeTlv = (fields: readonly (readonly [tag: string, value: string])[]): string =>
  fields.map(([tag, value]) => {
    if (!/^\d{2}$/.test(tag) || value.length > LONGEST_VALUE || !PRINTABLE_ASCII.test(value)) throw new RangeError(`QR field ${tag} cannot be written`);
    return `${tag}${String(value.length).padStart(2, '0')}${value}`;
  }).join('');

const cut = (text: string): Map<string, string> | null => {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    const head = text.slice(at, at + HEAD_LENGTH);
    const tag = head.slice(0, 2);
    const end = at + HEAD_LENGTH + Number(head.slice(2));
    if (!/^\d{4}$/.test(head) || end > text.length || fields.has(tag)) return null;
    fields.set(tag, text.slice(at + HEAD_LENGTH, end));
    at = end;
  }
  return fields;
};

/** By characters first, as EMVCo says; where that does not fit by bytes. Null where it is malformed both ways, or a tag comes twice. */
export const readTlv = (text: string): TlvFields | null => {
  const byCharacters = cut(text);
  if (byCharacters !== null || PRINTABLE_ASCII.test(text)) return byCharacters;
  const byBytes = cut(Buffer.from(text).toString('latin1'));
  if (byBytes === null) return null;
  return new Map([...byBytes].map(([tag, value]) => [tag, Buffer.from(value, 'latin1').toString('utf8')]));
};
