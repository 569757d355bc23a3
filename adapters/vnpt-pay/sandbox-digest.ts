import { createHash } from 'node:crypto';

/** Written by itself on purpose: two readings of one document find more than one. */
export const secureCode = (secret: string, values: readonly unknown[]): string => {
  const hash = createHash('sha256');
  for (const value of values) hash.update(`${typeof value === 'string' || typeof value === 'number' ? String(value) : ''}|`);
  return hash.update(secret).digest('hex');
};

/** Values of the named fields in their order; a missing one counts as empty. */
export const pick = (fields: Readonly<Record<string, unknown>>, names: string): readonly unknown[] => names.split(' ').map((name) => fields[name]);
