import { createHmac } from 'node:crypto';

/**
 * The text that VNPAY signs: sorted by name, empty values dropped, form encoding with `+` for a blank. Java's URLEncoder, PHP's urlencode
 * and this one differ on `* ~ ! ' ( )` only, which our own texts never hold.
 */
export const canonicalQuery = (fields: ReadonlyMap<string, string>): string => {
  const query = new URLSearchParams();
  // By code unit, as ksort and TreeMap do; no locale.
  for (const [name, value] of [...fields].sort(([one], [other]) => (one < other ? -1 : 1))) if (value !== '') query.append(name, value);
  return query.toString();
};

/** Values of querydr and refund, in their fixed order. */
export const joinedValues = <Name extends string>(order: readonly Name[], fields: Readonly<Partial<Record<Name, string>>>): string =>
  order.map((name) => fields[name] ?? '').join('|');

/** Lower-case hexadecimal HMAC-SHA512. */
export const sign = (secret: string, text: string): string => createHmac('sha512', secret).update(text).digest('hex');
