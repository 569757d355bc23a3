import { createHmac } from 'node:crypto';

/** Spaces, dots and hyphens are habits of writing; letters of passports and tax codes compare without case. */
const normalise = (idNumber: string): string => idNumber.normalize('NFC').replace(/[\s.-]/g, '').toUpperCase();

/**
 * Blind index of a person: hex of HMAC-SHA-256 over the id number. Keyed, since a plain digest of twelve digits is found by trying them all.
 */
export const personIndexOf = (key: Buffer, idNumber: string): string => createHmac('sha256', key).update('person\n').update(normalise(idNumber)).digest('hex');
