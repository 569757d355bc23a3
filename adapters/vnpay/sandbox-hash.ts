import { createHmac } from 'node:crypto';

/** Written by itself on purpose: two readings of one document find more than one. */
const SAFE = /[A-Za-z0-9_.-]/;

/** PHP's urlencode. */
const urlencode = (text: string): string =>
  [...Buffer.from(text, 'utf8')].map((byte) => {
    const character = String.fromCharCode(byte);
    if (SAFE.test(character)) return character;
    return character === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');

/** Query in the order of its names, as VNPAY writes and hashes it. */
export const hashedQuery = (fields: Readonly<Record<string, string>>): string => {
  const names = Object.keys(fields).filter((name) => name !== 'vnp_SecureHash' && name !== 'vnp_SecureHashType' && fields[name] !== '');
  names.sort();
  return names.map((name) => `${urlencode(name)}=${urlencode(fields[name] ?? '')}`).join('&');
};

export const sha512 = (key: string, data: string): string => {
  const mac = createHmac('sha512', key);
  mac.update(Buffer.from(data, 'utf8'));
  return mac.digest('hex');
};

/** Values of the named fields in their order, with bars between. */
export const barred = (fields: Readonly<Record<string, unknown>>, names: string): string =>
  names.split(' ').map((name) => {
    const value = fields[`vnp_${name}`];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  }).join('|');
