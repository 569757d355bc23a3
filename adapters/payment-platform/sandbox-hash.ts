import { createHash } from 'node:crypto';

/** The platform's reading of its own rule, written without ours: values and secret, bars between. */
export const digestOf = (names: string, fields: Readonly<Record<string, unknown>>, secret: string): string => {
  const text = `${names.split(' ').map((name) => textOf(fields[name])).join('|')}|${secret}`;
  return createHash('sha256').update(text, 'utf8').digest('hex');
};

export const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
