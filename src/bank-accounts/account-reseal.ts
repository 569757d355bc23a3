import type { Database } from '../store/database.js';
import { ACCOUNT_COLUMNS } from './account-columns.js';
import type { AccountSeals, SealedField } from './account-seals.js';
import type { AccountStore } from './account-store.js';
import type { SealedBankAccount } from './bank-account.js';

const BATCH_SIZE = 200;

/** Brings accounts and notices under the current field key. Safe to stop and start again, and beside a running gateway. Gives how many rows were changed. */
export const resealAccounts = async ({ database, store, seals }: { readonly database: Database; readonly store: AccountStore; readonly seals: AccountSeals }): Promise<number> =>
  (await inBatches(() => resealBatch({ database, store, seals }))) + (await inBatches(() => resealNotices({ database, seals })));

const inBatches = async (batch: () => Promise<number>): Promise<number> => {
  for (let total = 0; ;) {
    const done = await batch();
    total += done;
    if (done < BATCH_SIZE) return total;
  }
};

const resealBatch = ({ database, store, seals }: { readonly database: Database; readonly store: AccountStore; readonly seals: AccountSeals }): Promise<number> =>
  database.transaction(async (client) => {
    const { rows } = await client.query<SealedBankAccount>(`SELECT ${ACCOUNT_COLUMNS} FROM bank_accounts a WHERE a.key_id <> $1 ORDER BY a.id LIMIT ${String(BATCH_SIZE)} FOR UPDATE`, [seals.keyId]);
    for (const { id, numberSealed, holderSealed, contactSealed } of rows) {
      const again = (field: SealedField, sealed: string): string => seals.seal(id, field, seals.open(id, field, sealed));
      await store.replaceSeals(client, { id, keyId: seals.keyId, numberSealed: again('number', numberSealed), holderSealed: again('holder', holderSealed), contactSealed: again('contact', contactSealed) });
    }
    return rows.length;
  });

const resealNotices = ({ database, seals }: { readonly database: Database; readonly seals: AccountSeals }): Promise<number> =>
  database.transaction(async (client) => {
    const { rows } = await client.query<{ id: string; sealed: string }>(
      `SELECT id, to_sealed AS sealed FROM bank_account_notices WHERE key_id <> $1 ORDER BY id LIMIT ${String(BATCH_SIZE)} FOR UPDATE`, [seals.keyId]);
    for (const { id, sealed } of rows) {
      await client.query('UPDATE bank_account_notices SET key_id = $2, to_sealed = $3 WHERE id = $1', [id, seals.keyId, seals.sealNotice(id, seals.openNotice(id, sealed))]);
    }
    return rows.length;
  });
