import type { Database } from '../store/database.js';
import type { FieldCipher } from '../store/field-cipher.js';
import type { CallbackStore } from './callback-store.js';
import { sealingContextOf } from './callback-store.js';

/** A batch's row locks must be short: the party waits for a row that is settled at the same time. */
const BATCH_SIZE = 200;

/**
 * Brings the bodies of callbacks under the current field key. Safe to stop and start again, and beside a running gateway. Their keyed
 * digests, by which evidence and repeats go, are those of the bytes and stay. Gives how many were changed.
 */
export const resealCallbacks = async ({ database, store, cipher }: { readonly database: Database; readonly store: CallbackStore; readonly cipher: FieldCipher }): Promise<number> => {
  for (let total = 0, after = '0'; ;) {
    const batch = await database.transaction(async (client) => {
      const rows = await store.lockNotUnder(client, { keyId: cipher.currentKeyId, after, limit: BATCH_SIZE });
      for (const row of rows) await store.replaceBody(client, row.id, cipher.seal(cipher.open(row.body, sealingContextOf(row)), sealingContextOf(row)));
      return rows;
    });
    total += batch.length;
    after = batch.at(-1)?.id ?? after;
    if (batch.length < BATCH_SIZE) return total;
  }
};
