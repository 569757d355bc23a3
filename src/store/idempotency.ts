import { createHmac } from 'node:crypto';
import type { Queryable } from './database.js';

/** What a client's key is tied to. The fingerprint is keyed, so that the table tells nothing about small inputs. */
export interface IdempotencyClaim {
  readonly client: string;
  readonly key: string;
  readonly operation: string;
  /** HMAC-SHA-256 over operation and canonical input, hex. */
  readonly fingerprint: string;
}

const canonical = (value: unknown): unknown => {
  if (typeof value === 'string') return value.normalize('NFC');
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(canonical);
  const entries = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, member]) => [name, canonical(member)]));
};

/** The same content in another key order, in another Unicode form, or with an absent field written as null is the same content. */
export const canonicalJson = (value: unknown): string => JSON.stringify(canonical(value));

export const fingerprintOf = (key: Buffer, operation: string, input: unknown): string =>
  createHmac('sha256', key).update(operation).update('\n').update(canonicalJson(input)).digest('hex');

const PRUNE_BATCH = 5_000;

/** Deletes expired keys, a batch at a time so that no statement runs long; returns how many went. */
export const pruneIdempotencyKeys = async (database: Queryable): Promise<number> => {
  for (let total = 0; ;) {
    const { rowCount } = await database.query(
      `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM idempotency_keys WHERE expires_at <= now() LIMIT ${String(PRUNE_BATCH)}))`);
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < PRUNE_BATCH) return total;
  }
};
